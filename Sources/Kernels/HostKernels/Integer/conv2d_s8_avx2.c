#include "mnqh_twins_s8.h"

#ifdef MNQH_HAS_AVX2_CODE
#include "mnqh_avx2_codes.h"

/* Sixteen bytes cover a kernel row of an image with few channels. They are copied whole; what is
 * too much is written over by the next kernel row, or lies between two rows of taps. */
enum { ROW_BYTES = 16 };

bool mnqh_is_image_conv2d_s8(const mnqh_conv2d_s8_layer *layer)
{
    const mnqh_window *window = &layer->window;
    return (size_t)window->kernel_width * layer->input_channels <= ROW_BYTES &&
           window->dilation_width == 1;
}

/* Whether taps become codes that are 128 more, for weights in fours, and not 16 bits wide. */
static bool are_turned(const mnqh_conv2d_s8_layer *layer)
{
    return layer->gemm.order == MNQH_QUADS_S8;
}

/* Bytes of a tap. */
static size_t tap_bytes(const mnqh_conv2d_s8_layer *layer)
{
    return are_turned(layer) ? 1 : sizeof(int16_t);
}

/* Taps from one row of them to the next. */
static size_t taps_stride(const mnqh_conv2d_s8_layer *layer)
{
    const size_t depth = layer->gemm.depth;
    return (are_turned(layer) ? 4 * mnqh_quads(depth) : mnqh_even(depth)) + ROW_BYTES;
}

/* Stores the taps of a kernel row. */
MNQH_AVX2_INLINE void place(__m128i codes, bool turned, char *to)
{
    if (turned) {
        mnqh_store_128(to, _mm_xor_si128(codes, _mm_set1_epi8(INT8_MIN)));
    } else {
        mnqh_store_256(to, _mm256_cvtepi8_epi16(codes));
    }
}

/* One kernel row at column `x` of image row `line`, some of it outside the image. `line` is null
 * outside the image, and `readable` the bytes from there to the end of the image. */
MNQH_AVX2_INLINE __m128i gather_edge(const mnqh_conv2d_s8_layer *layer, const int8_t *line,
                                     size_t readable, int32_t x)
{
    const mnqh_window *window = &layer->window;
    const int32_t channels = (int32_t)layer->input_channels;
    const int32_t missing = x < 0 ? -x : 0; /* columns before the image */
    const int32_t first = missing * channels;
    const int32_t end = (window->input_width - x) * channels;
    const size_t from = (size_t)(x + missing) * (size_t)channels;
    __m128i bytes = _mm_set1_epi8((char)layer->gemm.codes.input_zero_point);

    if (line && first < ROW_BYTES && end > 0) {
        int8_t last[ROW_BYTES] = {0};
        const int8_t *row = line + from;
        if (from + ROW_BYTES > readable) {
            memcpy(last, row, readable - from);
            row = last;
        }
        const __m128i places =
            _mm_setr_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
        const __m128i index = _mm_sub_epi8(places, _mm_set1_epi8((char)first));
        const __m128i past = _mm_cmpgt_epi8(
            places, _mm_set1_epi8((char)(end < ROW_BYTES ? end - 1 : ROW_BYTES)));
        bytes = _mm_blendv_epi8(_mm_shuffle_epi8(mnqh_load_128(row), index), bytes,
                                _mm_or_si128(index, past));
    }
    return bytes;
}

/* The number of columns, from the first on, whose kernel row lies inside the image and within 16
 * bytes that may be read; `readable` bytes begin at column 0. */
static int32_t whole_columns(const mnqh_conv2d_s8_layer *layer, size_t readable)
{
    const mnqh_window *window = &layer->window;
    if (readable < ROW_BYTES || window->input_width < window->kernel_width) {
        return 0;
    }
    const size_t columns = (readable - ROW_BYTES) / layer->input_channels + 1;
    return (int32_t)mnqh_min(columns, (size_t)(window->input_width - window->kernel_width + 1));
}

/* One kernel row of output pixels `out_x ..< end` of an output row. */
MNQH_AVX2 static void gather_kernel_row(const mnqh_conv2d_s8_layer *layer, const int8_t *line,
                                        size_t readable, int32_t out_x, int32_t end, char *taps)
{
    const mnqh_window *window = &layer->window;
    const bool turned = are_turned(layer);
    const size_t stride = taps_stride(layer) * tap_bytes(layer);
    const size_t channels = layer->input_channels;
    const int32_t step = window->stride_width;
    const int32_t past = whole_columns(layer, line ? readable : 0);

    int32_t x = out_x * step - window->padding_left;
    while (out_x < end) {
        for (; out_x < end && x >= 0 && x < past; ++out_x, x += step, taps += stride) {
            place(mnqh_load_128(line + (size_t)x * channels), turned, taps);
        }
        if (out_x < end) {
            place(gather_edge(layer, line, readable, x), turned, taps);
            ++out_x;
            x += step;
            taps += stride;
        }
    }
}

/* All kernel rows of `count` neighbouring output pixels, from `line` on, all of them inside the
 * image and within bytes that may be read. (`height` of the kernel and
 * `turned` may be constants after inlining.) */
MNQH_AVX2_INLINE void gather_inside(int32_t height, bool turned, const mnqh_conv2d_s8_layer *layer,
                                    const int8_t *line, int32_t count, char *taps)
{
    const mnqh_window *window = &layer->window;
    const size_t channels = layer->input_channels;
    const size_t bytes = turned ? 1 : sizeof(int16_t);
    const size_t row_taps = (size_t)window->kernel_width * channels * bytes;
    const size_t row_bytes =
        (size_t)window->input_width * channels * (size_t)window->dilation_height;
    const size_t step = (size_t)window->stride_width * channels;
    const size_t stride = taps_stride(layer) * bytes;

    for (int32_t i = 0; i < count; ++i, line += step, taps += stride) {
        MNQH_UNROLL
        for (int32_t ky = 0; ky < height; ++ky) {
            place(mnqh_load_128(line + (size_t)ky * row_bytes), turned,
                  taps + (size_t)ky * row_taps);
        }
    }
}

MNQH_AVX2 static void gather_three(const mnqh_conv2d_s8_layer *layer, const int8_t *line,
                                   int32_t count, char *taps)
{
    if (are_turned(layer)) {
        gather_inside(3, true, layer, line, count, taps);
    } else {
        gather_inside(3, false, layer, line, count, taps);
    }
}

/* All kernel rows of output pixels `out_x ..< end` of output row `out_y`. */
static void gather_row(const mnqh_conv2d_s8_layer *layer, const int8_t *input, int32_t out_y,
                       int32_t out_x, int32_t end, char *taps)
{
    const mnqh_window *window = &layer->window;
    const size_t line = (size_t)window->input_width * layer->input_channels;
    const size_t row_taps =
        (size_t)window->kernel_width * layer->input_channels * tap_bytes(layer);
    int32_t y = out_y * window->stride_height - window->padding_top;
    for (int32_t ky = 0; ky < window->kernel_height; ++ky, y += window->dilation_height) {
        const bool inside = y >= 0 && y < window->input_height;
        gather_kernel_row(layer, inside ? input + (size_t)y * line : NULL,
                          inside ? (size_t)(window->input_height - y) * line : 0, out_x, end,
                          taps + (size_t)ky * row_taps);
    }
}

static int32_t divide_up(int32_t a, int32_t b)
{
    return (a + b - 1) / b;
}

/* The output pixels of a row from `first` up to `end` whose taps are read without a look at the
 * image's sides; none unless the kernel has three rows. */
typedef struct {
    int32_t first;
    int32_t end;
} columns_inside;

static columns_inside find_inside(const mnqh_conv2d_s8_layer *layer, int32_t out_y)
{
    const mnqh_window *window = &layer->window;
    const size_t line = (size_t)window->input_width * layer->input_channels;
    const int32_t top = out_y * window->stride_height - window->padding_top;
    const int32_t bottom = top + 2 * window->dilation_height;
    if (window->kernel_height != 3 || top < 0 || bottom >= window->input_height) {
        return (columns_inside){0, 0};
    }
    const int32_t columns =
        whole_columns(layer, (size_t)(window->input_height - bottom) * line);
    return (columns_inside){divide_up(window->padding_left, window->stride_width),
                            divide_up(columns + window->padding_left, window->stride_width)};
}

static int32_t clamp(int32_t value, int32_t low, int32_t high)
{
    return value < low ? low : value > high ? high : value;
}

/* Gathers the taps of output pixels `first ..< first + count`. */
static void gather_taps(const mnqh_conv2d_s8_layer *layer, const int8_t *input, size_t first,
                        size_t count, char *taps)
{
    const mnqh_window *window = &layer->window;
    const size_t width = (size_t)window->output_width;
    const size_t stride = taps_stride(layer) * tap_bytes(layer);

    while (count > 0) {
        const int32_t out_y = (int32_t)(first / width);
        const int32_t out_x = (int32_t)(first % width);
        const size_t pixels = mnqh_min(count, width - first % width);
        const int32_t end = out_x + (int32_t)pixels;
        const columns_inside inside = find_inside(layer, out_y);
        const int32_t from = clamp(inside.first, out_x, end);
        const int32_t to = clamp(inside.end, from, end);
        const int32_t x = from * window->stride_width - window->padding_left;
        const int32_t y = out_y * window->stride_height - window->padding_top;

        gather_row(layer, input, out_y, out_x, from, taps);
        if (to > from) {
            const size_t pixel = (size_t)y * (size_t)window->input_width + (size_t)x;
            gather_three(layer, input + pixel * layer->input_channels, to - from,
                         taps + (size_t)(from - out_x) * stride);
        }
        gather_row(layer, input, out_y, to, end, taps + (size_t)(to - out_x) * stride);
        taps += pixels * stride;
        first += pixels;
        count -= pixels;
    }
}

size_t mnqh_image_conv2d_s8_scratch_bytes(const mnqh_conv2d_s8_layer *layer)
{
    return mnqh_gemm_s8_block_rows(layer->gemm.depth) * taps_stride(layer) * tap_bytes(layer);
}

/* Multiplies rows of taps as their order asks for. */
static void multiply(const mnqh_conv2d_s8_layer *layer, size_t rows, const char *taps,
                     int8_t *output)
{
    const size_t stride = taps_stride(layer);
    if (are_turned(layer) && mnqh_runs_avx512_vnni()) {
        mnqh_gemm_s8_turned_avx512(&layer->gemm, rows, (const uint8_t *)taps, stride, output);
    } else if (are_turned(layer)) {
        mnqh_gemm_s8_turned_avxvnni(&layer->gemm, rows, (const uint8_t *)taps, stride, output);
    } else {
        mnqh_gemm_s8_wide_avx2(&layer->gemm, rows, (const int16_t *)(const void *)taps, stride,
                               output);
    }
}

void mnqh_image_conv2d_s8_avx2(const mnqh_conv2d_s8_layer *layer, const int8_t *input,
                               int8_t *output, void *scratch)
{
    const size_t pixels =
        (size_t)layer->window.output_height * (size_t)layer->window.output_width;
    size_t block = mnqh_gemm_s8_block_rows(layer->gemm.depth);

    for (size_t first = 0; first < pixels; first += block) {
        block = mnqh_min(block, pixels - first);
        gather_taps(layer, input, first, block, scratch);
        multiply(layer, block, scratch, output + first * layer->gemm.columns);
    }
}
#endif
