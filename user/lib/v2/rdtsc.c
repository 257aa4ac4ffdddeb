/* SPDX-License-Identifier: BSD-2-Clause */
#include <l4/sigma0/kip.h>
#include <l4/util/rdtsc.h>

static l4_uint32_t khz;     /* 0: not known */

l4_uint32_t l4_calibrate_tsc(void)
{
    const l4_kernel_info_t *kip = l4sigma0_kip_map(L4_INVALID_ID);

    if (kip)
        khz = kip->frequency_cpu;
    return khz;
}

l4_uint32_t l4_get_hz(void)
{
    return khz * 1000;
}

/* value * to / from, without an overflow in between. */
static l4_uint64_t scale(l4_uint64_t value, l4_uint32_t to, l4_uint32_t from)
{
    return from ? value / from * to + value % from * to / from : 0;
}

l4_uint64_t l4_tsc_to_ns(l4_cpu_time_t tsc)
{
    return scale(tsc, 1000000, khz);
}

l4_uint64_t l4_tsc_to_us(l4_cpu_time_t tsc)
{
    return scale(tsc, 1000, khz);
}

void l4_tsc_to_s_and_ns(l4_cpu_time_t tsc, l4_uint32_t *s, l4_uint32_t *ns)
{
    l4_uint64_t all = l4_tsc_to_ns(tsc);

    *s = (l4_uint32_t)(all / 1000000000);
    *ns = (l4_uint32_t)(all % 1000000000);
}

l4_cpu_time_t l4_ns_to_tsc(l4_uint64_t ns)
{
    return scale(ns, khz, 1000000);
}

/* The counter may be narrower than what it is read into. */
void l4_busy_wait_ns(l4_uint64_t ns)
{
    const l4_uint64_t mask = ~0ULL >> (64 - ARCH_COUNTER_BITS);
    l4_uint64_t start = l4_rdtsc(), counts = l4_ns_to_tsc(ns);

    while (((l4_rdtsc() - start) & mask) < counts)
        ;
}

void l4_busy_wait_us(l4_uint64_t us)
{
    l4_busy_wait_ns(us * 1000);
}
