#include "CVips.h"

#include <string.h>
#include <vips/vips.h>

int kitty_vips_start(const char *program) {
  if (VIPS_INIT(program)) return -1;
  vips_concurrency_set(1);
  vips_cache_set_max(0);
  vips_block_untrusted_set(TRUE);
  vips_operation_block_set("VipsForeignLoad", TRUE);
  vips_operation_block_set("VipsForeignLoadJpeg", FALSE);
  vips_operation_block_set("VipsForeignLoadPng", FALSE);
  vips_operation_block_set("VipsForeignLoadWebp", FALSE);
  // The first picture of a GIF; a build can be without it.
  vips_operation_block_set("VipsForeignLoadNsgif", FALSE);
  // HEIC and AVIF. libvips can be without it.
  vips_operation_block_set("VipsForeignLoadHeif", FALSE);
  return 0;
}

const char *kitty_vips_error(void) { return vips_error_buffer(); }

int kitty_vips_probe(const char *path, int *width, int *height, int *interlaced, char *loader, int loader_size) {
  vips_error_clear();
  const char *found = vips_foreign_find_load(path);
  if (!found) return -1;
  VipsImage *image = vips_image_new_from_file(path, "access", VIPS_ACCESS_SEQUENTIAL, NULL);
  if (!image) return -1;
  *width = vips_image_get_width(image);
  *height = vips_image_get_height(image);
  *interlaced = 0;
  if (vips_image_get_typeof(image, "interlaced")) vips_image_get_int(image, "interlaced", interlaced);
  const char *name = NULL;
  if (vips_image_get_typeof(image, VIPS_META_LOADER)) vips_image_get_string(image, VIPS_META_LOADER, &name);
  strncpy(loader, name ? name : found, loader_size - 1);
  loader[loader_size - 1] = 0;
  g_object_unref(image);
  return 0;
}

int kitty_vips_copy(const char *source, const char *target, int side, int quality, int *width, int *height) {
  vips_error_clear();
  VipsImage *small = NULL, *flat = NULL, *colour = NULL, *eight = NULL;
  int status = -1;
  const double white[] = {255, 255, 255};
  VipsArrayDouble *background = vips_array_double_new(white, 3);
  // Shrinks while it loads, turns upright by the Exif orientation, converts by the colour profile.
  if (vips_thumbnail(source, &small, side, "height", side, "size", VIPS_SIZE_DOWN, "export_profile", "srgb",
                     "fail_on", VIPS_FAIL_ON_TRUNCATED, NULL))
    goto done;
  if (vips_colourspace(small, &colour, VIPS_INTERPRETATION_sRGB, NULL)) goto done;
  if (vips_image_hasalpha(colour)) {
    if (vips_flatten(colour, &flat, "background", background, NULL)) goto done;
  } else {
    flat = colour;
    g_object_ref(flat);
  }
  if (vips_cast(flat, &eight, VIPS_FORMAT_UCHAR, NULL)) goto done;
  *width = vips_image_get_width(eight);
  *height = vips_image_get_height(eight);
  if (quality > 0)
    status = vips_jpegsave(eight, target, "Q", quality, "strip", TRUE, "optimize_coding", TRUE, NULL);
  else
    status = vips_ppmsave(eight, target, "strip", TRUE, NULL);
done:
  vips_area_unref(VIPS_AREA(background));
  if (small) g_object_unref(small);
  if (colour) g_object_unref(colour);
  if (flat) g_object_unref(flat);
  if (eight) g_object_unref(eight);
  return status;
}
