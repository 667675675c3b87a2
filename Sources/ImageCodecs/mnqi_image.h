#ifndef MNQI_IMAGE_H
#define MNQI_IMAGE_H

#include "ImageCodecs.h"

/* Makes room for the pixels; returns 0 and says why where there is none. */
int mnqi_allocate(mnqi_image *image, uint32_t height, uint32_t width);

#endif
