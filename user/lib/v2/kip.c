/* SPDX-License-Identifier: BSD-2-Clause */
#include <stddef.h>

#include <l4/rmgr/librmgr.h>
#include <l4/sigma0/kip.h>
#include <l4/sys/syscalls.h>

#include <hickory/pager.h>
#include <hickory/protocol.h>
#include <hickory/start.h>
#include <hickory/string.h>
#include <hickory/thread.h>

static l4_kernel_info_t *page;

l4_kernel_info_t *l4sigma0_kip(void)
{
    return page;
}

l4_kernel_info_t *l4sigma0_kip_map(l4_threadid_t pager)
{
    const struct window window = { KIP_ADDRESS, L4_PAGESHIFT };
    const l4_umword_t request[2] = { REQUEST_KIP, 0 };

    if (page)
        return page;
    if (l4_is_invalid_id(pager))
        pager = thread_pager();
    if (pager_request(pager, request, window, NULL)) {
        page = (l4_kernel_info_t *)KIP_ADDRESS;
        l4_kip_set(page);
    }
    return page;
}

void l4sigma0_kip_unmap(void)
{
    if (!page)
        return;
    l4_kip_set(NULL);
    l4_fpage_unmap(l4_fpage((l4_addr_t)page, L4_PAGESHIFT, L4_FPAGE_RW,
                            L4_FPAGE_MAP),
                   L4_FP_FLUSH_PAGE | L4_FP_ALL_SPACES);
    page = NULL;
}

l4_umword_t l4sigma0_kip_version(void)
{
    return l4sigma0_kip_map(L4_INVALID_ID) ? page->version : 0;
}

const char *l4sigma0_kip_version_string(void)
{
    if (!l4sigma0_kip_map(L4_INVALID_ID))
        return NULL;
    return (const char *)page + l4_kernel_info_version_offset(page);
}

int l4sigma0_kip_kernel_has_feature(const char *str)
{
    const char *s = l4sigma0_kip_version_string();

    if (!s)
        return 0;
    l4sigma0_kip_for_each_feature(s)
        if (strcmp(s, str) == 0)
            return 1;
    return 0;
}

/* The number of the feature `abiver:NUMBER`. */
unsigned long l4sigma0_kip_kernel_abi_version(void)
{
    static const char prefix[] = "abiver:";
    const char *s = l4sigma0_kip_version_string();
    unsigned long version = 0;

    if (!s)
        return 0;
    l4sigma0_kip_for_each_feature(s)
        if (memcmp(s, prefix, sizeof(prefix) - 1) == 0)
            for (const char *d = s + sizeof(prefix) - 1; *d; d++)
                version = 10 * version + (unsigned long)(*d - '0');
    return version;
}

int l4sigma0_kip_kernel_is_ux(void)
{
    return 0;
}
