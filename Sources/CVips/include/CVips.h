// The functions of libvips take variable arguments, which Swift cannot call. These are the calls that the wrapper needs,
// with fixed arguments. Each returns 0, or -1 with a text in vips_error_buffer().
#ifndef CVIPS_H
#define CVIPS_H

/// Initialises the library, and blocks all loaders except those of JPEG, PNG, WebP, GIF, HEIC and AVIF.
int kitty_vips_start(const char *program);
/// Returns the error of the last call.
const char *kitty_vips_error(void);
/// Reads the header of a picture: its size as stored, 1 in `interlaced` for a progressive JPEG or an interlaced PNG, and
/// the name of the loader ("jpegload", …).
int kitty_vips_probe(const char *path, int *width, int *height, int *interlaced, char *loader, int loader_size);
/// Writes a copy of at most `side` pixels a side: upright, sRGB, on white, without metadata. The format is JPEG with a
/// quality from 1 to 100, or binary PPM when the quality is 0. Returns the size of the copy in `width` and `height`.
int kitty_vips_copy(const char *source, const char *target, int side, int quality, int *width, int *height);

#endif
