#include "mnq_mve.h"

/* A depthwise convolution with a kernel of 3x3 or 5x5, channel by channel: a plane of taps with its
 * border. Four rows at a time are laid out column by column, so that 16 bytes are a patch of four
 * columns: the windows of four outputs of a 3x3 kernel, where strides are one, or of one; and most
 * of a 5x5 kernel's.
 *
 * weights: int8_t [channels][kernel][kernel].
 * scratch: the plane, then four rows of it. */

typedef struct {
    int8_t *taps;
    int32_t pitch;
} plane;

/* Fills the inside of a plane; what lies around it stays the zero point. */
static void load_plane(const mnq_packed *layer, const int8_t *input, plane to)
{
    const int32_t channels = layer->input_channels;
    const uint16x8_t places = vmulq_n_u16(vidupq_n_u16(0, 1), (uint16_t)channels);
    for (int32_t y = 0; y < layer->input.height; ++y) {
        int8_t *row = to.taps + (y + layer->padding.height) * to.pitch + layer->padding.width;
        int32_t left = layer->input.width;
        for (; left >= 8; left -= 8) {
            vstrbq_s16(row, vldrbq_gather_offset_s16(input, places));
            row += 8;
            input += 8 * channels;
        }
        if (left > 0) {
            const mve_pred16_t inside = vctp16q((uint32_t)left);
            vstrbq_p_s16(row, vldrbq_gather_offset_z_s16(input, places, inside), inside);
            input += left * channels;
        }
    }
}

/* Four rows of the plane, column by column. */
MNQ_APART void interleave(const int8_t *rows, int32_t pitch, int8_t *patches)
{
    for (int32_t left = pitch; left > 0; left -= 16) {
        int8x16x4_t columns;
        columns.val[0] = vldrbq_s8(rows);
        columns.val[1] = vldrbq_s8(rows + pitch);
        columns.val[2] = vldrbq_s8(rows + 2 * pitch);
        columns.val[3] = vldrbq_s8(rows + 3 * pitch);
        vst4q_s8(patches, columns);
        rows += 16;
        patches += 64;
    }
}

enum { PLACES = 48 };

/* The weights of a 3x3 window in a patch, column by column, behind five zeros and before others: from
 * 5 on those of the first output, from 1 on those of its right neighbor, from 4 on those of the one
 * below, from 0 on those of the one below that to the right. */
static void place_3x3(const int8_t *weights, int8_t *places)
{
    mnq_memset(places, 0, PLACES);
    for (int32_t i = 0; i < 3; ++i) {
        places[5 + i] = weights[3 * i];
        places[9 + i] = weights[3 * i + 1];
        places[13 + i] = weights[3 * i + 2];
    }
}

/* The weights of a 5x5 window: four rows in a patch and a column of the next one; from 32 on the
 * fifth row. */
static void place_5x5(const int8_t *weights, int8_t *places)
{
    mnq_memset(places, 0, PLACES);
    for (int32_t i = 0; i < 5; ++i) {
        places[4 * i] = weights[i];
        places[4 * i + 1] = weights[5 + i];
        places[4 * i + 2] = weights[10 + i];
        places[4 * i + 3] = weights[15 + i];
        places[32 + i] = weights[20 + i];
    }
}

MNQ_INLINE int32x4_t codes(const mnq_packed *layer, mnq_channel channel, int32x4_t sums,
                           mnq_clamp_lanes clamp, mnq_finish finish)
{
    const int32x4_t values =
        mnq_rescale_lanes(channel, vaddq_n_s32(sums, channel.bias), finish);
    return mnq_finished_lanes(layer, values, clamp, finish);
}

/* A row of outputs: of each patch the first one. Returns where the next row begins. */
MNQ_INLINE int8_t *convolve_row(const mnq_packed *layer, const int8_t *patch,
                                const int8_t *weights, mnq_channel channel, int8_t *output,
                                mnq_finish finish)
{
    const int32_t channels = layer->output_channels, step = 4 * layer->stride.width;
    const uint32x4_t places = vmulq_n_u32(vidupq_n_u32(0, 1), (uint32_t)channels);
    const mnq_clamp_lanes clamp = mnq_clamp_of(layer);
    const int8x16_t first = vldrbq_s8(weights + 5);
    for (int32_t left = layer->output.width; left > 0; left -= 4) {
        const int32_t s0 = vmladavq_s8(vldrbq_s8(patch), first);
        const int32_t s1 = vmladavq_s8(vldrbq_s8(patch + step), first);
        const int32_t s2 = vmladavq_s8(vldrbq_s8(patch + 2 * step), first);
        const int32_t s3 = vmladavq_s8(vldrbq_s8(patch + 3 * step), first);
        const int32x4_t four = codes(layer, channel, mnq_lanes(s0, s1, s2, s3), clamp, finish);
        vstrbq_scatter_offset_p_s32(output, places, four, vctp32q((uint32_t)left));
        output += mnq_min(left, 4) * channels;
        patch += 4 * step;
    }
    return output;
}

/* Strides of one: two rows of outputs, of which a patch is two columns. */
MNQ_INLINE int8_t *convolve_two(const mnq_packed *layer, const int8_t *patch,
                                const int8_t *weights, mnq_channel channel, int8_t *output,
                                mnq_finish finish)
{
    const int32_t channels = layer->output_channels, width = layer->output.width;
    /* Lanes go down before they go right. */
    const uint32x4_t lanes = vidupq_n_u32(0, 1), columns = vshrq_n_u32(lanes, 1);
    const uint32x4_t places = vaddq_u32(vmulq_n_u32(lanes, (uint32_t)(width * channels)),
                                        vmulq_n_u32(columns, (uint32_t)((1 - 2 * width) * channels)));
    const mnq_clamp_lanes clamp = mnq_clamp_of(layer);
    const int8x16_t first = vldrbq_s8(weights + 5), below = vldrbq_s8(weights + 4);
    const int8x16_t right = vldrbq_s8(weights + 1), both = vldrbq_s8(weights);
    for (int32_t left = width; left > 0; left -= 2) {
        const int8x16_t taps = vldrbq_s8(patch);
        const int32x4_t sums = mnq_lanes(vmladavq_s8(taps, first), vmladavq_s8(taps, below),
                                         vmladavq_s8(taps, right), vmladavq_s8(taps, both));
        const int32x4_t four = codes(layer, channel, sums, clamp, finish);
        if (left == 1) {
            vstrbq_scatter_offset_p_s32(output, places, four, vctp32q(2));
            output += channels;
        } else {
            vstrbq_scatter_offset_s32(output, places, four);
            output += 2 * channels;
        }
        patch += 8;
    }
    return output + width * channels;
}

MNQ_INLINE void convolve_3x3(const mnq_packed *layer, plane from, int8_t *patches,
                             const int8_t *weights, mnq_channel channel, int8_t *output,
                             mnq_finish finish)
{
    const int one = layer->stride.width == 1 && layer->stride.height == 1;
    const int8_t *rows = from.taps;
    int32_t left = layer->output.height;
    for (; one && left > 1; left -= 2) {
        interleave(rows, from.pitch, patches);
        output = convolve_two(layer, patches, weights, channel, output, finish);
        rows += 2 * from.pitch;
    }
    for (; left > 0; --left) {
        interleave(rows, from.pitch, patches);
        output = convolve_row(layer, patches, weights, channel, output, finish);
        rows += layer->stride.height * from.pitch;
    }
}

MNQ_APART void convolve_small(const mnq_packed *layer, plane from, int8_t *patches,
                              const int8_t *weights, mnq_channel channel, int8_t *output)
{
    int8_t places[PLACES];
    place_3x3(weights, places);
    if (layer->finish == MNQ_FINISH_TABLE) {
        convolve_3x3(layer, from, patches, places, channel, output, MNQ_FINISH_TABLE);
    } else if (layer->finish == MNQ_FINISH_POSITIVE) {
        convolve_3x3(layer, from, patches, places, channel, output, MNQ_FINISH_POSITIVE);
    } else {
        convolve_3x3(layer, from, patches, places, channel, output, MNQ_FINISH_CLAMP);
    }
}

/* The sum of a 5x5 window, without the bias. */
MNQ_INLINE int32_t multiply_5x5(const int8_t *patch, const int8_t *row, int8x16_t first,
                                int8x16_t second, int8x16_t last)
{
    const int32_t sum = vmladavq_s8(vldrbq_s8(patch), first);
    return vmladavaq_s8(vmladavaq_s8(sum, vldrbq_s8(patch + 16), second), vldrbq_s8(row), last);
}

MNQ_INLINE void convolve_5x5(const mnq_packed *layer, plane from, int8_t *patches,
                             const int8_t *weights, mnq_channel channel, int8_t *output,
                             mnq_finish finish)
{
    const int32_t channels = layer->output_channels, step = layer->stride.width;
    const uint32x4_t places = vmulq_n_u32(vidupq_n_u32(0, 1), (uint32_t)channels);
    const mnq_clamp_lanes clamp = mnq_clamp_of(layer);
    const int8_t *rows = from.taps;
    for (int32_t y = layer->output.height; y > 0; --y) {
        const int8_t *patch = patches, *row = rows + 4 * from.pitch;
        interleave(rows, from.pitch, patches);
        const int8x16_t first = vldrbq_s8(weights), second = vldrbq_s8(weights + 16);
        const int8x16_t last = vldrbq_s8(weights + 32);
        for (int32_t left = layer->output.width; left > 0; left -= 4) {
            int32_t sums[4];
            for (int32_t i = 0; i < 4; ++i) {
                sums[i] = multiply_5x5(patch, row, first, second, last);
                patch += 4 * step;
                row += step;
            }
            const int32x4_t four = codes(
                layer, channel, mnq_lanes(sums[0], sums[1], sums[2], sums[3]), clamp, finish);
            vstrbq_scatter_offset_p_s32(output, places, four, vctp32q((uint32_t)left));
            output += mnq_min(left, 4) * channels;
        }
        rows += layer->stride.height * from.pitch;
    }
}

MNQ_APART void convolve_large(const mnq_packed *layer, plane from, int8_t *patches,
                              const int8_t *weights, mnq_channel channel, int8_t *output)
{
    int8_t places[PLACES];
    place_5x5(weights, places);
    if (layer->finish == MNQ_FINISH_TABLE) {
        convolve_5x5(layer, from, patches, places, channel, output, MNQ_FINISH_TABLE);
    } else {
        convolve_5x5(layer, from, patches, places, channel, output, MNQ_FINISH_CLAMP);
    }
}

static mnq_extent plane_of(const mnq_packed *layer)
{
    const mnq_extent size = {
        mnq_max((layer->output.height - 1) * layer->stride.height + layer->kernel.height,
                layer->padding.height + layer->input.height),
        mnq_max((layer->output.width - 1) * layer->stride.width + layer->kernel.width,
                layer->padding.width + layer->input.width)};
    return size;
}

MNQ_KERNEL
void mnq_depthwise_conv2d_mve(const mnq_packed *layer, const int8_t *input, int8_t *output,
                              void *scratch)
{
    const mnq_extent size = plane_of(layer);
    const plane taps = {scratch, size.width};
    int8_t *const patches = taps.taps + size.height * size.width;
    const int8_t *weights = layer->weights;
    mnq_memset(taps.taps, layer->input_zero_point, (size_t)(size.height * size.width));
    for (int32_t c = 0; c < layer->input_channels; ++c) {
        load_plane(layer, input + c, taps);
        if (layer->kernel.width == 3) {
            convolve_small(layer, taps, patches, weights, layer->channels[c], output + c);
        } else {
            convolve_large(layer, taps, patches, weights, layer->channels[c], output + c);
        }
        weights += layer->kernel.height * layer->kernel.width;
    }
}

#if defined(MNQ_SIZES) && !defined(MNQ_CURVE)
#include "kernel_sizes.h"

int32_t mnq_depthwise_conv2d_mve_scratch(const mnq_packed *layer)
{
    const mnq_extent size = plane_of(layer);
    /* Columns are laid out by 16; sums that nothing uses are of what is read past them. */
    return size.height * size.width + 4 * ((size.width + 15) & ~15) + 40;
}

int32_t mnq_depthwise_conv2d_mve_weights(const mnq_packed *layer)
{
    return layer->kernel.height * layer->kernel.width * layer->output_channels;
}
#endif
