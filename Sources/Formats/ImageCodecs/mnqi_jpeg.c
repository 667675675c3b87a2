#include "ImageCodecs.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

#include <jpeglib.h>

#include <jerror.h>

typedef struct {
    struct jpeg_error_mgr base; /* first: libjpeg hands back a pointer to it */
    jmp_buf caller;
    char *problem;
} failure;

static void fail(j_common_ptr info)
{
    failure *error = (failure *)info->err;
    char message[JMSG_LENGTH_MAX];
    info->err->format_message(info, message);
    (void)snprintf(error->problem, MNQI_PROBLEM_BYTES, "%s", message);
    longjmp(error->caller, 1);
}

/* libjpeg fills a file that ends too early with gray and only warns. Of its other warnings many
 * are about files that decode well enough for everybody. */
static void warn(j_common_ptr info, int level)
{
    if (level < 0 && info->err->msg_code == JWRN_JPEG_EOF) {
        fail(info);
    }
}

static uint8_t scaled(uint32_t value, uint32_t factor)
{
    const uint32_t product = value * factor + 128;
    return (uint8_t)(((product >> 8) + product) >> 8);
}

/* Inverted CMYK, as Adobe writes it and everybody assumes, to RGB in place of the same pixels. */
static void convert_cmyk(const uint8_t *cmyk, uint8_t *rgb, size_t pixels)
{
    for (size_t i = 0; i < pixels; ++i) {
        const uint32_t light = cmyk[4 * i + 3];
        for (size_t c = 0; c < 3; ++c) {
            rgb[3 * i + c] = (uint8_t)(light - scaled(255u - cmyk[4 * i + c], light));
        }
    }
}

/* How many pixels `count` bytes can hold: each bit ends at most one block of 64 coefficients, and
 * of a component that is sampled the least one block stands for the most pixels. Arithmetic codes
 * take less than a bit. */
static uint64_t most_pixels(const struct jpeg_decompress_struct *info, size_t count)
{
    uint64_t wide = 1;
    uint64_t high = 1;
    for (int c = 0; c < info->num_components; ++c) {
        const jpeg_component_info *component = &info->comp_info[c];
        wide = (uint64_t)component->h_samp_factor > wide ? (uint64_t)component->h_samp_factor : wide;
        high = (uint64_t)component->v_samp_factor > high ? (uint64_t)component->v_samp_factor : high;
    }
    return info->arith_code ? MNQI_MOST_PIXELS : (uint64_t)count * 8 * 64 * wide * high;
}

static int read_rows(struct jpeg_decompress_struct *info, mnqi_image *image, size_t count)
{
    /* Before decompression starts: it makes room for all coefficients of a progressive file. */
    const uint64_t most = most_pixels(info, count);
    if (!mnqi_check_size(image, info->image_height, info->image_width, most)) {
        return 0;
    }
    const int is_cmyk = info->num_components == 4;
    info->out_color_space = is_cmyk ? JCS_CMYK : JCS_RGB;
    (void)jpeg_start_decompress(info);
    if (!mnqi_allocate(image, info->output_height, info->output_width, most)) {
        return 0;
    }
    /* libjpeg frees this row with everything else. */
    JSAMPARRAY row = info->mem->alloc_sarray((j_common_ptr)info, JPOOL_IMAGE,
                                             info->output_width * 4, 1);
    while (info->output_scanline < info->output_height) {
        uint8_t *pixels = image->pixels + (size_t)info->output_scanline * info->output_width * 3;
        JSAMPROW target = is_cmyk ? row[0] : pixels;
        (void)jpeg_read_scanlines(info, &target, 1);
        if (is_cmyk) {
            convert_cmyk(row[0], pixels, info->output_width);
        }
    }
    (void)jpeg_finish_decompress(info);
    return 1;
}

int mnqi_decode_jpeg(const uint8_t *bytes, size_t count, mnqi_image *image)
{
    struct jpeg_decompress_struct info;
    failure error;
    image->pixels = NULL;
    error.problem = image->problem;
    info.err = jpeg_std_error(&error.base);
    error.base.error_exit = fail;
    error.base.emit_message = warn;
    if (setjmp(error.caller) != 0) {
        jpeg_destroy_decompress(&info);
        mnqi_free(image);
        return 0;
    }
    jpeg_create_decompress(&info);
    jpeg_mem_src(&info, bytes, (unsigned long)count);
    (void)jpeg_read_header(&info, TRUE);
    const int is_read = read_rows(&info, image, count);
    jpeg_destroy_decompress(&info);
    return is_read;
}
