#include "net_selftest_rows.h"

#include "net_selftest.h"

int32_t net_selftest_count(void)
{
    return NET_SELFTEST_COUNT;
}

const int8_t *net_selftest_input(int32_t test)
{
    return net_selftest_inputs[test];
}

const int8_t *net_selftest_output(int32_t test)
{
    return net_selftest_outputs[test];
}
