#include "mnqh_twins_s8.h"

#ifdef MNQH_HAS_NEON_CODE
#include <arm_neon.h>

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
