/* The network at the end of a serial line: a host sends inputs and fetches outputs, with what each row
 * of the layer table took and wrote. `mnquant validate --port` is that host.
 *
 * A frame is bytes without zeros (COBS), then a zero. Inside, in little-endian order: a kind, the
 * host's number for the request, what the kind says, and the CRC-32 of all that. A frame that is not
 * whole is not answered: the host asks again. Each request can come twice. */
#include <string.h>

#include "mnq_check.h"
#include "net.h"
#include "net_selftest.h"
#include "port.h"

enum { VERSION = 1, MOST_DATA = 224, HEAD = 5, TAIL = 4, MOST_BYTES = HEAD + MOST_DATA + TAIL };

/* A part of the arena that the host sees, one behind another. */
typedef struct {
    int32_t offset;
    uint32_t bytes;
} part;

static const part inputs[] = {{NET_INPUT_OFFSET, NET_INPUT_BYTES}};
static const part outputs[] = {{NET_OUTPUT_OFFSET, NET_OUTPUT_BYTES}};
#define COUNT(parts) ((int)(sizeof(parts) / sizeof(parts)[0]))

/* What a request or its answer is. */
enum {
    HELLO = 'H', /* answer: version, checksum of the network, bytes in, bytes out, rows */
    WRITE = 'W', /* image, offset, bytes of the input; answer: nothing */
    RUN = 'R',   /* image; answer: a status of net_run_row */
    READ = 'O',  /* image, offset, count; answer: bytes of the output */
    ROWS = 'L',  /* image, row, count; answer: ticks and checksum of each */
    AGAIN = '?'  /* an answer: this image is not here, or not whole; begin it again */
};

static NET_ALIGNED uint8_t arena[NET_ARENA_BYTES];
static struct {
    uint32_t ticks;
    uint32_t checksum;
} rows[NET_ROW_COUNT];

/* The image whose bytes come in, how many of them are there, and whether it was run. */
static uint32_t image;
static uint32_t received;
static int has_run;
static uint32_t status;

static uint32_t word(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16
           | (uint32_t)bytes[3] << 24;
}

static uint8_t *put(uint8_t *place, uint32_t value)
{
    for (int shift = 0; shift < 32; shift += 8) {
        *place++ = (uint8_t)(value >> shift);
    }
    return place;
}

/* The next whole frame's bytes, without their checksum; returns how many. */
static uint32_t receive(uint8_t frame[MOST_BYTES])
{
    for (;;) {
        uint32_t count = 0;
        uint32_t block = 0; /* bytes until the next code */
        int is_zero = 0;    /* whether a zero stands there */
        int is_sound = 1;
        for (uint8_t byte = port_read(); byte != 0; byte = port_read()) {
            if (block == 0) {
                is_sound = is_sound && (!is_zero || count < MOST_BYTES);
                if (is_zero && is_sound) {
                    frame[count++] = 0;
                }
                block = byte;
                is_zero = byte != 0xFF;
            } else {
                is_sound = is_sound && count < MOST_BYTES;
                if (is_sound) {
                    frame[count++] = byte;
                }
            }
            --block;
        }
        if (is_sound && block == 0 && count >= HEAD + TAIL
            && mnq_crc32(0, frame, count - TAIL) == word(frame + count - TAIL)) {
            return count - TAIL;
        }
    }
}

/* Sends a frame, to which it puts the checksum. */
static void send(uint8_t *frame, uint32_t count)
{
    (void)put(frame + count, mnq_crc32(0, frame, count));
    count += TAIL;
    for (uint32_t start = 0; start <= count;) {
        uint32_t end = start;
        while (end < count && end - start < 254 && frame[end] != 0) {
            ++end;
        }
        port_write((uint8_t)(end - start + 1));
        for (uint32_t i = start; i < end; ++i) {
            port_write(frame[i]);
        }
        start = end - start < 254 ? end + 1 : end;
    }
    port_write(0);
}

static uint32_t bytes_of(const part *parts, int count)
{
    uint32_t bytes = 0;
    for (int i = 0; i < count; ++i) {
        bytes += parts[i].bytes;
    }
    return bytes;
}

/* Where the byte at `offset` of all parts lies, which they have. */
static uint8_t *byte_at(const part *parts, uint32_t offset)
{
    while (offset >= parts->bytes) {
        offset -= parts->bytes;
        ++parts;
    }
    return arena + parts->offset + offset;
}

static int write_bytes(uint32_t offset, const uint8_t *bytes, uint32_t count)
{
    const uint32_t all = bytes_of(inputs, COUNT(inputs));
    if (offset > received || count > all || offset > all - count) {
        return 0;
    }
    if (offset == received) {
        for (uint32_t i = 0; i < count; ++i) {
            *byte_at(inputs, offset + i) = bytes[i];
        }
        received += count;
    }
    return offset + count <= received;
}

/* Runs the network once an image: an answer that was lost is given again. */
static void run(void)
{
    uint32_t checksum = UINT32_C(2166136261);
    status = MNQ_OK;
    for (int32_t row = 0; row < NET_ROW_COUNT && status == MNQ_OK; ++row) {
        const uint8_t *written = arena + net_selftest_rows[row].offset;
        port_count_start();
        status = (uint32_t)net_run_row(arena, row);
        rows[row].ticks = (uint32_t)port_count();
        for (int32_t i = 0; i < net_selftest_rows[row].bytes; ++i) {
            checksum = (checksum ^ written[i]) * UINT32_C(16777619);
        }
        rows[row].checksum = checksum;
    }
    has_run = 1;
}

static uint32_t hello(uint8_t *data)
{
    uint8_t *end = put(data, VERSION);
    end = put(end, net_check() == MNQ_OK ? NET_CRC : ~NET_CRC);
    end = put(end, bytes_of(inputs, COUNT(inputs)));
    end = put(end, bytes_of(outputs, COUNT(outputs)));
    return (uint32_t)(put(end, NET_ROW_COUNT) - data);
}

/* Fetches `count` bytes or rows from `first` on; returns how many bytes these are, 0 for none. */
static uint32_t fetch(uint8_t kind, uint32_t first, uint32_t count, uint8_t *data)
{
    const uint32_t size = kind == READ ? 1 : 8;
    const uint32_t all = kind == READ ? bytes_of(outputs, COUNT(outputs)) : NET_ROW_COUNT;
    if (count > MOST_DATA / size || count > all || first > all - count) {
        return 0;
    }
    for (uint32_t i = 0; i < count; ++i) {
        if (kind == READ) {
            data[i] = *byte_at(outputs, first + i);
        } else {
            (void)put(put(data + 8 * i, rows[first + i].ticks), rows[first + i].checksum);
        }
    }
    return size * count;
}

/* Makes the answer of a request of `count` data bytes, in its place; returns how many it has. */
static uint32_t answer(uint8_t *kind, uint8_t *data, uint32_t count)
{
    if (*kind == HELLO) {
        return hello(data);
    }
    const uint32_t wanted = count >= 4 ? word(data) : 0;
    const uint32_t first = count >= 8 ? word(data + 4) : 0;
    if (*kind == WRITE && count > 8) {
        if (wanted != image && first == 0) {
            image = wanted;
            received = 0;
            has_run = 0;
        }
        if (wanted == image && write_bytes(first, data + 8, count - 8)) {
            return 0;
        }
    } else if (wanted == image && received == bytes_of(inputs, COUNT(inputs))) {
        if (*kind == RUN) {
            if (!has_run) {
                run();
            }
            return (uint32_t)(put(data, status) - data);
        }
        if ((*kind == READ || *kind == ROWS) && has_run && count == 12) {
            const uint32_t bytes = fetch(*kind, first, word(data + 8), data);
            if (bytes > 0) {
                return bytes;
            }
        }
    }
    *kind = AGAIN;
    return 0;
}

void net_validate(void)
{
    uint8_t frame[MOST_BYTES];
    image = 0;
    received = 0;
    has_run = 0;
    for (;;) {
        const uint32_t count = receive(frame);
        send(frame, HEAD + answer(frame, frame + HEAD, count - HEAD));
    }
}

int main(void)
{
    net_validate();
}
