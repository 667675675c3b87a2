/* JPEG and PNG files in memory to pixels, and pixels to PNG, over libjpeg-turbo and libpng. */
#ifndef IMAGE_CODECS_H
#define IMAGE_CODECS_H

#include <stddef.h>
#include <stdint.h>

/* Longest message, with its final zero. */
#define MNQI_PROBLEM_BYTES 256

/* Most pixels of an image: a file of a few bytes can claim any number. */
#define MNQI_MOST_PIXELS (1 << 28)

typedef struct {
    uint8_t *pixels; /* [height][width][3], red first; freed with mnqi_free */
    uint32_t height;
    uint32_t width;
    char problem[MNQI_PROBLEM_BYTES]; /* why there are no pixels */
} mnqi_image;

/* Both return 1 and fill the image, or return 0 and say why. Gray becomes equal red, green and blue;
 * alpha is left out, as Pillow's convert("RGB") does; 16 bits become their upper 8. */
int mnqi_decode_jpeg(const uint8_t *bytes, size_t count, mnqi_image *image);
int mnqi_decode_png(const uint8_t *bytes, size_t count, mnqi_image *image);

/* Writes 8-bit rows, [height][width] or [height][width][3], as a PNG file of at most `capacity` bytes.
 * Returns its size, 0 where it does not fit. */
size_t mnqi_encode_png(
    const uint8_t *pixels, uint32_t height, uint32_t width, int is_gray, uint8_t *target,
    size_t capacity);

void mnqi_free(mnqi_image *image);

/* For decoders. */

/* Returns 0 and says why where an image cannot have this size or may not. `most` is how many pixels
 * the file's bytes can hold, so that no file takes memory that it does not fill. */
int mnqi_check_size(mnqi_image *image, uint32_t height, uint32_t width, uint64_t most);

/* Makes room for the pixels; returns 0 and says why where there is none. */
int mnqi_allocate(mnqi_image *image, uint32_t height, uint32_t width, uint64_t most);

#endif
