/* SPDX-License-Identifier: BSD-2-Clause */
#include <l4/util/rand.h>

static l4_uint32_t state = 1;

/* Linear; the low half of such a state is not random enough. */
l4_uint32_t l4util_rand(void)
{
    state = state * 1664525 + 1013904223;
    return state >> 16;
}

void l4util_srand(l4_uint32_t seed)
{
    state = seed;
}
