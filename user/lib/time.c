/* SPDX-License-Identifier: BSD-2-Clause */
#include <l4/sys/ipc.h>

#include <arch_user.h>
#include <hickory/pager.h>
#include <hickory/time.h>

/* Counts since the kernel last looked, from a counter that may be narrower
   than the word it is kept in. */
static l4_uint64_t counts_since(l4_uint64_t then)
{
    return (arch_counter() - then) & (~0ULL >> (64 - ARCH_COUNTER_BITS));
}

l4_uint64_t l4_time(void)
{
    const volatile l4_kernel_info_t *kip = l4_kip();
    l4_umword_t sequence;
    l4_uint64_t now;

    if (!kip)
        return 0;
    do {
        sequence = kip->clock_sequence;
        now = kip->clock +
              (counts_since(kip->clock_counter) * kip->clock_scale >> 32);
    } while ((sequence & 1) || kip->clock_sequence != sequence);
    return now;
}

/*
 * A time is mantissa * 4^(15 - exponent) microseconds: take the smallest unit
 * in which the mantissa fits, and round up.
 */
static void encode(l4_uint64_t usec, unsigned *mantissa, unsigned *exponent)
{
    unsigned exp = 15;

    while (usec > 255 && exp > 1) {
        usec = (usec + 3) / 4;
        exp--;
    }
    *mantissa = usec > 255 ? 255 : (unsigned)usec;
    *exponent = exp;
}

l4_timeout_t l4_timeout_receive(l4_uint64_t usec)
{
    unsigned mantissa, exponent;

    encode(usec, &mantissa, &exponent);
    return L4_IPC_TIMEOUT(0, 0, mantissa, exponent, 0, 0);
}

l4_timeout_t l4_timeout_send(l4_uint64_t usec)
{
    unsigned mantissa, exponent;

    encode(usec, &mantissa, &exponent);
    return L4_IPC_TIMEOUT(mantissa, exponent, 0, 0, 0, 0);
}

void l4_sleep_usec(l4_uint64_t usec)
{
    l4_ipc_sleep(l4_timeout_receive(usec));
}
