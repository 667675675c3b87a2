/* The self-tests' codes, one test a row. */
#ifndef NET_SELFTEST_ROWS_H
#define NET_SELFTEST_ROWS_H

#include <stdint.h>

int32_t net_selftest_count(void);
const int8_t *net_selftest_input(int32_t test);
const int8_t *net_selftest_output(int32_t test);

#endif
