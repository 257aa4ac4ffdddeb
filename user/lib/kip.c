/* SPDX-License-Identifier: BSD-2-Clause */
#include <stddef.h>

#include <hickory/pager.h>
#include <hickory/protocol.h>

/* A page of the program's own addresses that nothing else touches: the info
   page is mapped here. */
static char place[L4_PAGESIZE] __attribute__((aligned(4096)));

static const l4_kernel_info_t *kip;

void l4_kip_set(const l4_kernel_info_t *page)
{
    kip = page;
}

const l4_kernel_info_t *l4_kip(void)
{
    const struct window window = { (l4_addr_t)place, L4_PAGESHIFT };
    const l4_umword_t request[2] = { REQUEST_KIP, 0 };

    if (!kip && pager_request(ROOT_ID, request, window, NULL))
        kip = (const l4_kernel_info_t *)place;
    return kip;
}
