/* SPDX-License-Identifier: BSD-2-Clause */
/* The kernel info page, under the names of the Version 2 libraries. */
#ifndef L4_SIGMA0_KIP_H
#define L4_SIGMA0_KIP_H

#include <l4/sys/kernel.h>

EXTERN_C_BEGIN

/* The page if it is mapped, or NULL. */
l4_kernel_info_t *l4sigma0_kip(void);

/* The page, mapped if it was not. `pager` speaks sigma0's protocol;
   L4_INVALID_ID: the own pager. NULL when it does not give it. */
l4_kernel_info_t *l4sigma0_kip_map(l4_threadid_t pager);

void l4sigma0_kip_unmap(void);

/* These map it; 0 when that fails. */
l4_umword_t l4sigma0_kip_version(void);
const char *l4sigma0_kip_version_string(void);
int l4sigma0_kip_kernel_has_feature(const char *str);
unsigned long l4sigma0_kip_kernel_abi_version(void);

/* Does the kernel run as a program of another system? It never does. */
int l4sigma0_kip_kernel_is_ux(void);

EXTERN_C_END

/* All features in turn. s, a char pointer, begins as the version string; needs
   strlen(). */
#define l4sigma0_kip_for_each_feature(s) \
    for (s += strlen(s) + 1; *s; s += strlen(s) + 1)

#endif
