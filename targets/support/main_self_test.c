#include "port.h"

int main(void)
{
    return net_self_test();
}
