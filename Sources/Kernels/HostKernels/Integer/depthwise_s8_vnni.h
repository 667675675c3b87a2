/* The depthwise kernel of int8 for the instructions of mnqh_vnni.h, which add up four taps below each
 * other. What an output row reads is laid out first, as pixels of sixteen channels of four rows:
 * `[row quads][padded width][16 channels][4 rows]`. Where kernel and stride allow it, two output
 * rows read the same pixels, with weights one row further down. */
#include "../Shared/mnqh_im2col.h"
#include "mnqh_vnni.h"

enum { PIXEL_BYTES = 4 * MNQH_PANEL, LINE_PANELS = 4 };

/* One panel of channels and the output rows that are made at a time. */
typedef struct {
    const mnqh_depthwise_s8_layer *layer;
    const mnqh_panel_s8 *panel;
    uint8_t *pixels;
    size_t row_bytes; /* of padded width */
    size_t quads;
    size_t taps;        /* of a kernel row */
    size_t weight_step; /* bytes of weights for a tap of a quad */
    size_t stride;      /* bytes from one output's pixels to the next one's */
    size_t dilation;
    size_t left;  /* pixels of padding before the image */
    size_t width; /* of the image, as far as it is read */
    size_t first; /* channel of the panel */
    size_t channels; /* of the panel */
} slide;

/* Where codes of a tile go: pixels of a row, then those of the row below. */
typedef struct {
    int8_t *first;
    size_t pixel;
    size_t line;
} target;

/* Stores the codes of `across` pixels of `down` rows, four vectors at a time. */
MNQH_VNNI_INLINE void store_pixels(size_t across, size_t down, const slide *s,
                                   const mnqh_vector *codes, target to)
{
    const size_t count = across * down;
    /* Own, as the output could alias them. */
    const mnqh_codes ends = s->layer->codes;
    const size_t channels = s->channels;
    MNQH_UNROLL
    for (size_t i = 0; i < count; i += MNQH_PACKED) {
        mnqh_vector four[MNQH_PACKED];
        MNQH_UNROLL
        for (size_t j = 0; j < MNQH_PACKED; ++j) {
            four[j] = codes[i + j < count ? i + j : i];
        }
        const mnqh_vector bytes = mnqh_pack(four, &ends);
        MNQH_UNROLL
        for (size_t j = 0; j < MNQH_PACKED && i + j < count; ++j) {
            const size_t at = i + j;
            mnqh_store_lanes(to.first + at % across * to.pixel + at / across * to.line, bytes, j,
                             1, channels);
        }
    }
}

/* `across` pixels of `down` output rows (constants after inlining); `pixels` is where the first
 * tap is. */
MNQH_VNNI_INLINE void convolve(size_t across, size_t down, const slide *s, const uint8_t *pixels,
                               target to)
{
    const char *weights = (const char *)(s->panel + 1);
    mnqh_vector sums[MNQH_MOST_SUMS];
    MNQH_UNROLL
    for (size_t i = 0; i < across * down; ++i) {
        sums[i] = mnqh_load(s->panel->start);
    }
    for (size_t quad = 0; quad < s->quads; ++quad, pixels += s->row_bytes) {
        const uint8_t *tap = pixels;
        for (size_t kx = 0; kx < s->taps; ++kx, tap += s->dilation, weights += s->weight_step) {
            const mnqh_vector first = mnqh_load(weights);
            const mnqh_vector second = down == 2 ? mnqh_load(weights + PIXEL_BYTES) : first;
            MNQH_UNROLL
            for (size_t i = 0; i < across; ++i) {
                const mnqh_vector values = mnqh_load(tap + i * s->stride);
                sums[i] = mnqh_dot(sums[i], values, first);
                if (down == 2) {
                    sums[across + i] = mnqh_dot(sums[across + i], values, second);
                }
            }
        }
    }
    mnqh_make_codes(across * down, 1, s->panel, s->panel->kind, &s->layer->codes, sums);
    store_pixels(across, down, s, sums, to);
}

typedef void pixels_function(const slide *s, const uint8_t *pixels, target to);

#define PIXELS(across, down)                                                                     \
    MNQH_VNNI static void pixels_##across##x##down(const slide *s, const uint8_t *pixels,        \
                                                   target to)                                    \
    {                                                                                            \
        convolve(across, down, s, pixels, to);                                                   \
    }

PIXELS(1, 1)
PIXELS(2, 1)
PIXELS(3, 1)
PIXELS(4, 1)
PIXELS(5, 1)
PIXELS(6, 1)
PIXELS(1, 2)
PIXELS(2, 2)
PIXELS(3, 2)
#if MNQH_VNNI_BITS == 512
PIXELS(7, 1)
PIXELS(8, 1)
PIXELS(9, 1)
PIXELS(10, 1)
PIXELS(4, 2)
PIXELS(5, 2)
PIXELS(6, 2)
PIXELS(7, 2)
PIXELS(8, 2)
PIXELS(9, 2)
PIXELS(10, 2)

enum { MOST_ACROSS_1 = 10, MOST_ACROSS_2 = 10 };
static pixels_function *const one_row[] = {pixels_1x1, pixels_2x1, pixels_3x1, pixels_4x1,
                                           pixels_5x1, pixels_6x1, pixels_7x1, pixels_8x1,
                                           pixels_9x1, pixels_10x1};
static pixels_function *const two_rows[] = {pixels_1x2, pixels_2x2, pixels_3x2, pixels_4x2,
                                            pixels_5x2, pixels_6x2, pixels_7x2, pixels_8x2,
                                            pixels_9x2, pixels_10x2};
#else
enum { MOST_ACROSS_1 = 6, MOST_ACROSS_2 = 3 };
static pixels_function *const one_row[] = {pixels_1x1, pixels_2x1, pixels_3x1,
                                           pixels_4x1, pixels_5x1, pixels_6x1};
static pixels_function *const two_rows[] = {pixels_1x2, pixels_2x2, pixels_3x2};
#endif

/* One or two output rows from what is laid out. */
static void run_rows(const slide *s, size_t down, int8_t *output)
{
    const size_t width = (size_t)s->layer->window.output_width;
    const size_t channels = s->layer->input_channels * s->layer->multiplier;
    const mnqh_cut cut = mnqh_cut_rows(width, down == 2 ? MOST_ACROSS_2 : MOST_ACROSS_1);
    pixels_function *const *const functions = down == 2 ? two_rows : one_row;
    target to = {output, channels, width * channels};
    const uint8_t *pixels = s->pixels;
    for (size_t t = 0; t < cut.tiles; ++t) {
        const size_t across = cut.height - (t >= cut.tall);
        functions[across - 1](s, pixels, to);
        pixels += across * s->stride;
        to.first += across * channels;
    }
}

/* Four rows of pixels at the panel's first channel; a row of padding has one, and a step of 0. */
typedef struct {
    const int8_t *row[4];
    size_t step[4];
} four_rows;

/* Lays out pixels whose channels lie side by side. */
MNQH_VNNI static void lay_pixels(size_t count, four_rows from, uint8_t *to)
{
    const int8_t *a = from.row[0], *b = from.row[1], *c = from.row[2], *d = from.row[3];
    for (; count > 0; --count, to += PIXEL_BYTES) {
        mnqh_store(to, mnqh_interleave(a, b, c, d));
        a += from.step[0];
        b += from.step[1];
        c += from.step[2];
        d += from.step[3];
    }
}

/* The same when they do not, or are fewer than 16. */
MNQH_VNNI static void gather_pixels(const slide *s, four_rows from, uint8_t *to)
{
    const size_t multiplier = s->layer->multiplier;
    const size_t origin = s->first / multiplier;
    for (size_t i = 0; i < s->width; ++i, to += PIXEL_BYTES) {
        int8_t lanes[4][MNQH_PANEL] = {{0}};
        for (size_t row = 0; row < 4; ++row) {
            for (size_t lane = 0; lane < s->channels; ++lane) {
                const size_t c = (s->first + lane) / multiplier - origin;
                lanes[row][lane] = from.row[row][from.step[row] ? c : 0];
            }
            from.row[row] += from.step[row];
        }
        mnqh_store(to, mnqh_interleave(lanes[0], lanes[1], lanes[2], lanes[3]));
    }
}

/* Lays out what `down` output rows from `out_y` on read. */
static void lay_rows(const slide *s, size_t down, int32_t out_y, const int8_t *input)
{
    const mnqh_depthwise_s8_layer *layer = s->layer;
    const mnqh_window *window = &layer->window;
    const int32_t top = out_y * window->stride_height - window->padding_top;
    const size_t line = (size_t)window->input_width * layer->input_channels;
    const size_t used = (size_t)window->kernel_height + down - 1; /* rows */
    int8_t padding[MNQH_PANEL];
    memset(padding, layer->codes.input_zero_point, sizeof padding);
    input += s->first / layer->multiplier;

    for (size_t quad = 0; quad < s->quads; ++quad) {
        four_rows from;
        for (size_t i = 0; i < 4; ++i) {
            const size_t row = 4 * quad + i;
            const int32_t y = top + (int32_t)row * window->dilation_height;
            const bool inside = row < used && y >= 0 && y < window->input_height;
            from.row[i] = inside ? input + (size_t)y * line : padding;
            from.step[i] = inside ? layer->input_channels : 0;
        }
        uint8_t *to = s->pixels + quad * s->row_bytes + s->left * PIXEL_BYTES;
        if (layer->multiplier == 1 && s->channels == MNQH_PANEL) {
            lay_pixels(s->width, from, to);
        } else {
            gather_pixels(s, from, to);
        }
    }
}

static slide make_slide(const mnqh_depthwise_s8_layer *layer, void *scratch)
{
    const mnqh_window *window = &layer->window;
    const size_t padded = (size_t)mnqh_padded_width(window);
    const size_t left = mnqh_min((size_t)window->padding_left, padded);
    const size_t quads = mnqh_quads((size_t)window->kernel_height);
    memset(scratch, (layer->codes.input_zero_point + 128), quads * padded * PIXEL_BYTES);
    return (slide){
        .layer = layer,
        .pixels = scratch,
        .row_bytes = padded * PIXEL_BYTES,
        .quads = quads,
        .taps = (size_t)window->kernel_width,
        .weight_step = mnqh_depthwise_s8_quad_step(window),
        .stride = (size_t)window->stride_width * PIXEL_BYTES,
        .dilation = (size_t)window->dilation_width * PIXEL_BYTES,
        .left = left,
        .width = mnqh_min((size_t)window->input_width, padded - left),
        .channels = mnqh_min(MNQH_PANEL, layer->input_channels * layer->multiplier),
    };
}

static void start_panel(slide *s, size_t index)
{
    const mnqh_depthwise_s8_layer *layer = s->layer;
    const size_t bytes = mnqh_depthwise_s8_panel_bytes(&layer->window, layer->order);
    const char *panel = (const char *)layer->packed + index * bytes;
    s->panel = (const mnqh_panel_s8 *)(const void *)panel;
    s->first = mnqh_panel_first(index, layer->input_channels * layer->multiplier);
}

/* Panels that share the cache lines of a pixel take turns, row by row. */
void MNQH_VNNI_NAME(mnqh_depthwise_s8)(const mnqh_depthwise_s8_layer *layer, const int8_t *input,
                                       int8_t *output, void *scratch)
{
    const mnqh_window *window = &layer->window;
    const size_t channels = layer->input_channels * layer->multiplier;
    const size_t line = (size_t)window->output_width * channels;
    const size_t panels = mnqh_panels(channels);
    const int32_t height = window->output_height;
    const int32_t most = mnqh_makes_two_rows(window, layer->order) ? 2 : 1;
    const int32_t band = mnqh_band_rows(window, layer->input_channels);
    slide s = make_slide(layer, scratch);

    for (int32_t first = 0; first < height; first += band) {
        const int32_t end = height - first < band ? height : first + band;
        for (size_t index = 0; index < panels; index += LINE_PANELS) {
            const size_t last = mnqh_min(index + LINE_PANELS, panels);
            for (int32_t y = first; y < end; y += most) {
                const size_t down = end - y < most ? 1 : (size_t)most;
                for (size_t i = index; i < last; ++i) {
                    start_panel(&s, i);
                    lay_rows(&s, down, y, input);
                    run_rows(&s, down, output + (size_t)y * line + s.first);
                }
            }
        }
    }
}
