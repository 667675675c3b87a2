#include "ImageCodecs.h"

#include <png.h>

size_t mnqi_encode_png(
    const uint8_t *pixels, uint32_t height, uint32_t width, int is_gray, uint8_t *target,
    size_t capacity)
{
    png_image image = {.version = PNG_IMAGE_VERSION};
    image.height = height;
    image.width = width;
    image.format = is_gray ? PNG_FORMAT_GRAY : PNG_FORMAT_RGB;
    png_alloc_size_t count = capacity;
    return png_image_write_to_memory(&image, target, &count, 0, pixels, 0, NULL) ? count : 0;
}
