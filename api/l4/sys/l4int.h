/* SPDX-License-Identifier: BSD-2-Clause */
/* Integer types of the bindings; each is what the Version 2 headers made it,
   so that formats of printf fit. */
#ifndef L4_SYS_L4INT_H
#define L4_SYS_L4INT_H

#include <stdint.h>
#include <l4/sys/arch/types.h>

#define L4_MWORD_BITS   L4_WORD_BITS

typedef unsigned char l4_uint8_t;
typedef signed char l4_int8_t;
typedef unsigned short l4_uint16_t;
typedef signed short l4_int16_t;
typedef unsigned int l4_uint32_t;
typedef signed int l4_int32_t;
typedef unsigned long long l4_uint64_t;
typedef signed long long l4_int64_t;

typedef unsigned long l4_offs_t;
typedef __SIZE_TYPE__ l4_size_t;
typedef __PTRDIFF_TYPE__ l4_ssize_t;

typedef l4_uint64_t l4_cpu_time_t;
typedef l4_uint64_t l4_kernel_clock_t;

/* Of the first generation of headers. A dword_t is what travels in a message
   word, so it is as wide as one. */
typedef l4_uint8_t byte_t;
typedef l4_umword_t dword_t;
typedef l4_mword_t sdword_t;
typedef l4_uint64_t qword_t;
typedef l4_uint64_t cpu_time_t;

#endif
