/* SPDX-License-Identifier: BSD-2-Clause */
/* A small generator of numbers that look random. */
#ifndef L4_UTIL_RAND_H
#define L4_UTIL_RAND_H

#include <l4/sys/compiler.h>
#include <l4/sys/l4int.h>

#define L4_RAND_MAX 65535

EXTERN_C_BEGIN

/* The next, from 0 to L4_RAND_MAX. */
l4_uint32_t l4util_rand(void);

/* The same seed brings the same numbers. */
void l4util_srand(l4_uint32_t seed);

EXTERN_C_END

#endif
