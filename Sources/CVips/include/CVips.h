// libvips' functions take variable arguments, which Swift cannot call. These are the few uses that
// KittyCash makes of them, with fixed arguments. Each returns 0, or -1 with a text in vips_error_buffer().
#ifndef CVIPS_H
#define CVIPS_H

/// Starts the library; only the loaders of JPEG, PNG and WebP stay allowed.
int kitty_vips_start(const char *program);
/// Why the last call failed.
const char *kitty_vips_error(void);
/// Reads the header of a picture: its size as it is stored, and the loader's name ("jpegload", …).
int kitty_vips_probe(const char *path, int *width, int *height, char *loader, int loader_size);
/// Writes a copy of at most `side` pixels a side: upright, sRGB, on white, without any metadata. As JPEG
/// of a quality from 1 to 100, or, when the quality is 0, as binary PPM. Gives the size of the copy.
int kitty_vips_copy(const char *source, const char *target, int side, int quality, int *width, int *height);

#endif
