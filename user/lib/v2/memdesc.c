/* SPDX-License-Identifier: BSD-2-Clause */
#include <l4/sigma0/kip.h>
#include <l4/util/memdesc.h>

l4_addr_t l4util_memdesc_vm_high(void)
{
    const l4_kernel_info_t *kip = l4sigma0_kip_map(L4_INVALID_ID);

    return kip ? kip->user_top - 1 : 0;
}
