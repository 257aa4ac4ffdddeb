/* SPDX-License-Identifier: BSD-2-Clause */
#include <stddef.h>

#include <hickory/pager.h>
#include <hickory/protocol.h>
#include <hickory/start.h>

static const l4_kernel_info_t *kip;

void l4_kip_set(const l4_kernel_info_t *page)
{
    kip = page;
}

const l4_kernel_info_t *l4_kip(void)
{
    const struct window window = { KIP_ADDRESS, L4_PAGESHIFT };
    const l4_umword_t request[2] = { REQUEST_KIP, 0 };

    if (!kip && pager_request(ROOT_ID, request, window, NULL))
        kip = (const l4_kernel_info_t *)KIP_ADDRESS;
    return kip;
}
