#include "ImageCodecs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <png.h>

typedef struct {
    const uint8_t *bytes;
    size_t rest;
} input;

static void fail(png_structp png, png_const_charp message)
{
    (void)snprintf(png_get_error_ptr(png), MNQI_PROBLEM_BYTES, "%s", message);
    longjmp(png_jmpbuf(png), 1);
}

static void ignore(png_structp png, png_const_charp message)
{
    (void)png;
    (void)message;
}

static void read_bytes(png_structp png, png_bytep target, size_t count)
{
    input *source = png_get_io_ptr(png);
    if (count > source->rest) {
        png_error(png, "the file is cut off");
    }
    memcpy(target, source->bytes, count);
    source->bytes += count;
    source->rest -= count;
}

/* Deflate makes at most 1,032 bytes of one: 258 from a code of two bits. */
#define MOST_INFLATION 1032

/* How many pixels of these rows `count` bytes can hold. */
static uint64_t most_pixels(png_structp png, png_infop info, size_t count)
{
    const uint64_t row = png_get_rowbytes(png, info);
    const uint64_t rows = row == 0 ? 0 : MOST_INFLATION * (uint64_t)count / row;
    return rows * png_get_image_width(png, info);
}

/* Reads everything up to the end of the file, so that its checksums are seen too. */
static int read_rows(png_structp png, png_infop info, mnqi_image *image, size_t count)
{
    png_read_info(png, info);
    const uint64_t most = most_pixels(png, info, count);
    png_set_expand(png);
    png_set_strip_16(png);
    png_set_strip_alpha(png);
    png_set_gray_to_rgb(png);
    const int passes = png_set_interlace_handling(png);
    png_read_update_info(png, info);
    if (!mnqi_allocate(image, png_get_image_height(png, info), png_get_image_width(png, info),
                       most)) {
        return 0;
    }
    for (int pass = 0; pass < passes; ++pass) {
        for (size_t y = 0; y < image->height; ++y) {
            png_read_row(png, image->pixels + y * image->width * 3, NULL);
        }
    }
    png_read_end(png, NULL);
    return 1;
}

int mnqi_decode_png(const uint8_t *bytes, size_t count, mnqi_image *image)
{
    input source = {bytes, count};
    image->pixels = NULL;
    png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, image->problem, fail, ignore);
    png_infop info = png == NULL ? NULL : png_create_info_struct(png);
    if (info == NULL) {
        (void)snprintf(image->problem, sizeof image->problem, "libpng does not start");
        png_destroy_read_struct(&png, NULL, NULL);
        return 0;
    }
    if (setjmp(png_jmpbuf(png)) != 0) {
        png_destroy_read_struct(&png, &info, NULL);
        mnqi_free(image);
        return 0;
    }
    png_set_read_fn(png, &source, read_bytes);
    const int is_read = read_rows(png, info, image, count);
    png_destroy_read_struct(&png, &info, NULL);
    return is_read;
}

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
