/* SPDX-License-Identifier: BSD-2-Clause */
#include <l4/util/util.h>

#define NEVER   (-1)
#define MOST    2147483647

int l4util_micros2l4to(int mus, int *to_e, int *to_m)
{
    unsigned us = (unsigned)mus, e = 15;

    *to_e = *to_m = 0;
    if (mus < 0)
        return mus == NEVER ? 0 : -1;
    while (us > 255) {          /* so that e stays above 3 */
        us = (us + 3) / 4;
        e--;
    }
    *to_e = (int)e;
    *to_m = (int)us;
    return 0;
}

int micros2l4to(int mus, int *to_e, int *to_m)
{
    return l4util_micros2l4to(mus, to_e, to_m);
}

int l4util_l4to2micros(int to_m, int to_e)
{
    l4_uint64_t us;

    if (to_e <= 0 || to_e > 15 || to_m < 0)
        return NEVER;
    us = (l4_uint64_t)to_m << 2 * (15 - to_e);
    return us > MOST ? NEVER : (int)us;
}

void l4_usleep(int us)
{
    int e, m;

    if (l4util_micros2l4to(us, &e, &m) == 0)
        l4_ipc_sleep(L4_IPC_TIMEOUT(0, 0, m, e, 0, 0));
}

/* In pieces that an int of microseconds holds. */
void l4_sleep(int ms)
{
    const int piece = 1000000;

    if (ms < 0)
        l4_sleep_forever();
    for (; ms > piece; ms -= piece)
        l4_usleep(piece * 1000);
    l4_usleep(ms * 1000);
}
