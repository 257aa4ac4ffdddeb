/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The processor's counter: the TSC on ia32, the generic timer's on arm, Count
 * on mips64 (32 bits there, so that it begins again about once a minute).
 */
#ifndef L4_UTIL_RDTSC_H
#define L4_UTIL_RDTSC_H

#include <l4/sys/compiler.h>
#include <l4/sys/l4int.h>

#include <arch_user.h>

EXTERN_C_BEGIN

/* What the counter's speed is: to be called before what follows. Not 0 when
   it is known. */
l4_uint32_t l4_calibrate_tsc(void);

/* Counts in a second. */
l4_uint32_t l4_get_hz(void);

l4_uint64_t l4_tsc_to_ns(l4_cpu_time_t tsc);
l4_uint64_t l4_tsc_to_us(l4_cpu_time_t tsc);
void l4_tsc_to_s_and_ns(l4_cpu_time_t tsc, l4_uint32_t *s, l4_uint32_t *ns);
l4_cpu_time_t l4_ns_to_tsc(l4_uint64_t ns);

/* Do nothing, busily. */
void l4_busy_wait_ns(l4_uint64_t ns);
void l4_busy_wait_us(l4_uint64_t us);

EXTERN_C_END

L4_INLINE l4_cpu_time_t l4_rdtsc(void)
{
    return arch_counter();
}

L4_INLINE l4_uint32_t l4_rdtsc_32(void)
{
    return (l4_uint32_t)arch_counter();
}

#endif
