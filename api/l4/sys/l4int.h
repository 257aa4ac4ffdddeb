/* SPDX-License-Identifier: BSD-2-Clause */
/* Integer types of the bindings. */
#ifndef L4_SYS_L4INT_H
#define L4_SYS_L4INT_H

#include <stdint.h>
#include <l4/sys/arch/types.h>

typedef uint8_t l4_uint8_t;
typedef int8_t l4_int8_t;
typedef uint16_t l4_uint16_t;
typedef int16_t l4_int16_t;
typedef uint32_t l4_uint32_t;
typedef int32_t l4_int32_t;
typedef uint64_t l4_uint64_t;
typedef int64_t l4_int64_t;

typedef l4_uint64_t l4_cpu_time_t;

#endif
