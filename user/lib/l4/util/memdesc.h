/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef L4_UTIL_MEMDESC_H
#define L4_UTIL_MEMDESC_H

#include <l4/sys/types.h>

EXTERN_C_BEGIN

/* The last address that a program can have, or 0: not known. */
l4_addr_t l4util_memdesc_vm_high(void);

EXTERN_C_END

#endif
