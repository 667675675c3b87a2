/* The integer kernels on AArch64. */
#include "mnqh_twins_s8.h"

#ifdef MNQH_HAS_NEON_CODE
#include <arm_neon.h>

/* Sixteen accumulators: slots 0-3, 4-7, 8-11 and 12-15, which are columns 0-3, 8-11, 4-7 and 12-15
 * of a panel, or 0-3 and 4-7 of one with up to eight. */
typedef struct {
    int32x4_t quarter[4];
} mnqh_s32x16;

static inline mnqh_s32x16 mnqh_load_s32x16(const int32_t *from)
{
    return (mnqh_s32x16){
        {vld1q_s32(from), vld1q_s32(from + 4), vld1q_s32(from + 8), vld1q_s32(from + 12)}};
}

/* Adds the products of a value and the weights of eight slots. */
static inline void mnqh_multiply_add(mnqh_s32x16 *sums, int half, int16x8_t weights, int16_t value)
{
    int32x4_t *quarter = sums->quarter + 2 * half;
    quarter[0] = vmlal_n_s16(quarter[0], vget_low_s16(weights), value);
    quarter[1] = vmlal_n_s16(quarter[1], vget_high_s16(weights), value);
}

/* Four accumulators on their line, to the nearest integer, ties to even. */
static inline int32x4_t mnqh_on_line(int32x4_t sums, const mnqh_panel_s8 *panel, int slot,
                                     bool bent)
{
    if (panel->kind == MNQH_MENDED_F32) {
        const uint32x4_t mended = vceqq_s32(sums, vld1q_s32(panel->line.mended + slot));
        sums = vsubq_s32(sums, vreinterpretq_s32_u32(mended));
    }
    const float32x4_t value = vcvtq_f32_s32(sums);
    float32x4_t offset = vld1q_f32(panel->line.offset + slot);
    if (bent) {
        const float32x4_t negative_offset = vld1q_f32(panel->line.negative_offset + slot);
        offset = vbslq_f32(vcltzq_s32(sums), negative_offset, offset);
    }
    return vcvtnq_s32_f32(vfmaq_f32(offset, value, vld1q_f32(panel->line.scale + slot)));
}

/* The codes of all slots, by a line. */
static inline void mnqh_line_codes(const mnqh_s32x16 *sums, const mnqh_panel_s8 *panel,
                                   const mnqh_codes *codes, int8_t *slots)
{
    const bool bent = panel->kind != MNQH_LINE_F32;
    int8x8_t bytes[2];
    for (int half = 0; half < 2; ++half) {
        const int32x4_t low = mnqh_on_line(sums->quarter[2 * half], panel, 8 * half, bent);
        const int32x4_t high =
            mnqh_on_line(sums->quarter[2 * half + 1], panel, 8 * half + 4, bent);
        bytes[half] = vqmovn_s16(vcombine_s16(vqmovn_s32(low), vqmovn_s32(high)));
    }
    const int8x16_t raised =
        vmaxq_s8(vcombine_s8(bytes[0], bytes[1]), vdupq_n_s8((int8_t)codes->minimum));
    vst1q_s8(slots, vminq_s8(raised, vdupq_n_s8((int8_t)codes->maximum)));
}

/* The codes of all slots, whatever the panel's kind. */
static inline void mnqh_slot_codes(const mnqh_s32x16 *sums, const mnqh_panel_s8 *panel,
                                   const mnqh_codes *codes, int8_t *slots)
{
    if (panel->kind != MNQH_EXACT) {
        mnqh_line_codes(sums, panel, codes, slots);
        return;
    }
    for (int slot = 0; slot < MNQH_PANEL; ++slot) {
        const int32_t sum[4] = {
            vgetq_lane_s32(sums->quarter[slot / 4], 0), vgetq_lane_s32(sums->quarter[slot / 4], 1),
            vgetq_lane_s32(sums->quarter[slot / 4], 2), vgetq_lane_s32(sums->quarter[slot / 4], 3)};
        slots[slot] = mnqh_panel_code(panel, (size_t)slot, (uint32_t)sum[slot % 4], codes);
    }
}

/* Rows of one register tile: 16 of 32 registers hold sums. */
enum { TILE_ROWS = 4 };

/* The weights of inputs k and k + 1 for eight slots. */
static inline int16x8x2_t load_weights(const mnqh_gemm_s8_layer *layer, const mnqh_panel_s8 *panel,
                                       size_t k, size_t half)
{
    const size_t index = (k * MNQH_PANEL) + half * MNQH_PANEL;
    if (layer->order == MNQH_PAIRS_S16) {
        return vld2q_s16((const int16_t *)(panel + 1) + index);
    }
    const int8x8x2_t narrow = vld2_s8((const int8_t *)(panel + 1) + index);
    return (int16x8x2_t){{vmovl_s8(narrow.val[0]), vmovl_s8(narrow.val[1])}};
}

/* `count` rows times one panel. */
static void tile(const mnqh_gemm_s8_layer *layer, const mnqh_panel_s8 *panel, size_t count,
                 const int8_t *input, mnqh_s32x16 *sums)
{
    const size_t depth = layer->depth;
    for (size_t m = 0; m < count; ++m) {
        sums[m] = mnqh_load_s32x16(panel->start);
    }
    for (size_t k = 0; k < depth; k += 2) {
        for (size_t half = 0; half < 2; ++half) {
            const int16x8x2_t weights = load_weights(layer, panel, k, half);
            for (size_t m = 0; m < count; ++m) {
                const int8_t *pair = input + m * depth + k;
                mnqh_multiply_add(&sums[m], (int)half, weights.val[0], pair[0]);
                if (k + 1 < depth) {
                    mnqh_multiply_add(&sums[m], (int)half, weights.val[1], pair[1]);
                }
            }
        }
    }
}

void mnqh_gemm_s8_neon(const mnqh_gemm_s8_layer *layer, size_t rows, const int8_t *input,
                       int8_t *output)
{
    for (size_t n = 0; n < layer->columns; n += MNQH_PANEL) {
        const mnqh_panel_s8 *panel = mnqh_gemm_s8_panel(layer, n / MNQH_PANEL);
        const size_t width = mnqh_min(MNQH_PANEL, layer->columns - n);
        for (size_t first = 0; first < rows; first += TILE_ROWS) {
            const size_t count = mnqh_min(TILE_ROWS, rows - first);
            mnqh_s32x16 sums[TILE_ROWS];
            tile(layer, panel, count, input + first * layer->depth, sums);
            for (size_t m = 0; m < count; ++m) {
                int8_t slots[MNQH_PANEL];
                mnqh_slot_codes(&sums[m], panel, &layer->codes, slots);
                for (size_t column = 0; column < width; ++column) {
                    output[(first + m) * layer->columns + n + column] =
                        slots[mnqh_gemm_s8_slot(layer->order, column, width)];
                }
            }
        }
    }
}

/* Sixteen codes less their zero point in the order of slots, 16 bits wide. */
typedef struct {
    int16x8_t half[2];
} lanes;

static inline lanes center(int8x16_t codes, int8x8_t zero)
{
    const int16x8_t low = vsubl_s8(vget_low_s8(codes), zero);
    const int16x8_t high = vsubl_s8(vget_high_s8(codes), zero);
    return (lanes){{vcombine_s16(vget_low_s16(low), vget_low_s16(high)),
                    vcombine_s16(vget_high_s16(low), vget_high_s16(high))}};
}

/* Adds one tap: `weights` are every other value. */
static inline void add_tap(mnqh_s32x16 *sums, lanes values, const int16_t *weights, size_t odd)
{
    for (int half = 0; half < 2; ++half) {
        const int16x8_t factors = vld2q_s16(weights - odd + half * MNQH_PANEL).val[odd];
        int32x4_t *quarter = sums->quarter + 2 * half;
        quarter[0] =
            vmlal_s16(quarter[0], vget_low_s16(values.half[half]), vget_low_s16(factors));
        quarter[1] =
            vmlal_s16(quarter[1], vget_high_s16(values.half[half]), vget_high_s16(factors));
    }
}

/* The accumulators of 16 channels of one output pixel; `input` is at the first of them. */
static mnqh_s32x16 convolve(const mnqh_depthwise_s8_layer *layer, const mnqh_panel_s8 *panel,
                            const int8_t *input, int32_t out_y, int32_t out_x)
{
    const mnqh_window *window = &layer->window;
    const int8x8_t zero = vdup_n_s8((int8_t)layer->codes.input_zero_point);
    const int16_t *weights = (const int16_t *)(panel + 1);
    mnqh_s32x16 sums = mnqh_load_s32x16(panel->start);

    for (int32_t ky = 0; ky < window->kernel_height; ++ky) {
        const int32_t y = out_y * window->stride_height - window->padding_top +
                          ky * window->dilation_height;
        for (int32_t kx = 0; kx < window->kernel_width; ++kx) {
            const int32_t x = out_x * window->stride_width - window->padding_left +
                              kx * window->dilation_width;
            const size_t index = mnqh_depthwise_s8_weight(window, ky, kx, 0, 0);
            if (y >= 0 && y < window->input_height && x >= 0 && x < window->input_width) {
                const size_t pixel = (size_t)y * (size_t)window->input_width + (size_t)x;
                const int8x16_t codes = vld1q_s8(input + pixel * layer->input_channels);
                add_tap(&sums, center(codes, zero), weights + index, index % 2);
            }
        }
    }
    return sums;
}

bool mnqh_depthwise_s8_runs_neon(const mnqh_depthwise_s8_layer *layer)
{
    return layer->multiplier == 1 && layer->input_channels >= MNQH_PANEL;
}

void mnqh_depthwise_s8_neon(const mnqh_depthwise_s8_layer *layer, const int8_t *input,
                            int8_t *output)
{
    const mnqh_window *window = &layer->window;
    const size_t channels = layer->input_channels;
    const size_t panel_bytes = mnqh_depthwise_s8_panel_bytes(window, layer->order);

    for (int32_t out_y = 0; out_y < window->output_height; ++out_y) {
        for (int32_t out_x = 0; out_x < window->output_width; ++out_x, output += channels) {
            for (size_t index = 0; index < mnqh_panels(channels); ++index) {
                const mnqh_panel_s8 *panel = (const mnqh_panel_s8 *)(const void *)(
                    (const char *)layer->packed + index * panel_bytes);
                const size_t first = mnqh_panel_first(index, channels);
                const mnqh_s32x16 sums = convolve(layer, panel, input + first, out_y, out_x);
                int8_t slots[MNQH_PANEL];
                mnqh_slot_codes(&sums, panel, &layer->codes, slots);
                for (size_t column = 0; column < MNQH_PANEL; ++column) {
                    output[first + column] = slots[mnqh_slot(column)];
                }
            }
        }
    }
}

/* 64 entries of a table, from `first` on. */
static inline int8x16x4_t load_entries(const int8_t *table, size_t first)
{
    const int8_t *from = table + first;
    return (int8x16x4_t){
        {vld1q_s8(from), vld1q_s8(from + 16), vld1q_s8(from + 32), vld1q_s8(from + 48)}};
}

void mnqh_lookup_s8_neon(size_t count, const int8_t *input, const int8_t *table, int8_t *output)
{
    size_t i = 0;
    for (; i + 16 <= count; i += 16) {
        /* Beyond 63 a lookup leaves what was there. */
        const uint8x16_t index =
            veorq_u8(vreinterpretq_u8_s8(vld1q_s8(input + i)), vdupq_n_u8(0x80));
        int8x16_t entry = vqtbl4q_s8(load_entries(table, 0), index);
        for (uint8_t first = 64; first >= 64; first = (uint8_t)(first + 64)) {
            entry = vqtbx4q_s8(entry, load_entries(table, first),
                               vsubq_u8(index, vdupq_n_u8(first)));
        }
        vst1q_s8(output + i, entry);
    }
    mnqh_lookup_s8_scalar(count - i, input + i, table, output + i);
}
#endif
