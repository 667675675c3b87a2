/* A serial line of this machine: the other end of a pseudo-terminal, whose name it prints. */
#define _XOPEN_SOURCE 600

#include "port.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

static int line = -1;
static struct timespec start;

/* Somebody has the other end open, too, so that nothing ends where the host hangs up. */
static void begin(void)
{
    struct termios settings;
    if (line >= 0) {
        return;
    }
    line = posix_openpt(O_RDWR | O_NOCTTY);
    if (line < 0 || grantpt(line) != 0 || unlockpt(line) != 0) {
        perror("pseudo-terminal");
        exit(1);
    }
    const int other = open(ptsname(line), O_RDWR | O_NOCTTY);
    if (other < 0 || tcgetattr(other, &settings) != 0) {
        perror("pseudo-terminal");
        exit(1);
    }
    settings.c_iflag = 0;
    settings.c_oflag = 0;
    settings.c_lflag = 0;
    (void)tcsetattr(other, TCSANOW, &settings);
    (void)printf("port: %s\n", ptsname(line));
    (void)fflush(stdout);
}

uint8_t port_read(void)
{
    uint8_t byte = 0;
    begin();
    if (read(line, &byte, 1) != 1) {
        exit(1);
    }
    return byte;
}

void port_write(uint8_t byte)
{
    begin();
    if (write(line, &byte, 1) != 1) {
        exit(1);
    }
}

void port_count_start(void)
{
    (void)clock_gettime(CLOCK_MONOTONIC, &start);
}

/* Nanoseconds. */
uint64_t port_count(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)(now.tv_sec - start.tv_sec) * 1000000000u + (uint64_t)now.tv_nsec
           - (uint64_t)start.tv_nsec;
}
