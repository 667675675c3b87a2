/* `twins [ROUNDS [EVERY]]`: goes over the space, with one combination of kernel, stride, dilation and
 * multiplier for each number of channels and width, or with ROUNDS of them, 126 being all; with
 * EVERY, over that part of the widths alone. */
#include <stdio.h>
#include <stdlib.h>

#include "twins.h"

int main(int count, char **arguments)
{
    const scope part = {count > 1 ? (size_t)atoi(arguments[1]) : 1,
                        count > 2 ? (size_t)atoi(arguments[2]) : 1};
    printf("%s\n", mnqh_family());
    raise_guards();
    if (HAS_MOST_KERNELS) {
        check_elements_f32(part);
    }
    check_elements_s8(part);
    check_products(part);
    check_convolutions_f32(part);
    check_convolutions_s8(part);
    if (part.every == 1) {
        expect_coverage();
    }
    print_counts();
    return 0;
}
