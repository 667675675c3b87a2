#ifndef MNQI_IMAGE_H
#define MNQI_IMAGE_H

#include "ImageCodecs.h"

/* Returns 0 and says why where an image cannot have this size or may not. `most` is how many pixels
 * the file's bytes can hold, so that no file takes memory that it does not fill. */
int mnqi_check_size(mnqi_image *image, uint32_t height, uint32_t width, uint64_t most);

/* Makes room for the pixels; returns 0 and says why where there is none. */
int mnqi_allocate(mnqi_image *image, uint32_t height, uint32_t width, uint64_t most);

#endif
