#include "ImageCodecs.h"

#include <stdio.h>
#include <stdlib.h>

int mnqi_check_size(mnqi_image *image, uint32_t height, uint32_t width, uint64_t most)
{
    const uint64_t pixels = (uint64_t)height * width;
    if (pixels == 0 || pixels > MNQI_MOST_PIXELS) {
        (void)snprintf(image->problem, sizeof image->problem,
                       "it claims %lu x %lu pixels; expected 1 to %d in all",
                       (unsigned long)height, (unsigned long)width, MNQI_MOST_PIXELS);
        return 0;
    }
    if (pixels > most) {
        (void)snprintf(image->problem, sizeof image->problem,
                       "the file is cut off: it claims %lu x %lu pixels, and its bytes hold at most %llu",
                       (unsigned long)height, (unsigned long)width, (unsigned long long)most);
        return 0;
    }
    return 1;
}

int mnqi_allocate(mnqi_image *image, uint32_t height, uint32_t width, uint64_t most)
{
    if (!mnqi_check_size(image, height, width, most)) {
        return 0;
    }
    image->height = height;
    image->width = width;
    image->pixels = malloc((size_t)height * width * 3);
    if (image->pixels == NULL) {
        (void)snprintf(image->problem, sizeof image->problem, "there is no memory for it");
        return 0;
    }
    return 1;
}

void mnqi_free(mnqi_image *image)
{
    free(image->pixels);
    image->pixels = NULL;
}
