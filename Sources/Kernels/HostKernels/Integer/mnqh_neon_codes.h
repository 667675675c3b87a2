/* From the accumulators of a panel to its codes, on AArch64. */
#ifndef MNQH_NEON_CODES_H
#define MNQH_NEON_CODES_H

#include "../Shared/mnqh_cpu.h"

#ifdef MNQH_HAS_NEON_CODE
#include <arm_neon.h>

#include "mnqh_panel_s8.h"

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
#endif

#endif
