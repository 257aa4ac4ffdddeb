/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdbool.h>
#include <stddef.h>

#include <l4/sigma0/sigma0.h>
#include <l4/sys/syscalls.h>

#include <hickory/pager.h>
#include <hickory/protocol.h>

enum {
    ERR_ALIGNMENT = -1,
    ERR_IPC = -2,
    ERR_NO_FPAGE = -3,
    ERR_SMALLER = -6,
    ERR_CACHED = -7,
};

/* One request, and a window of its size; what comes must fill it. */
static int request(l4_threadid_t pager, l4_umword_t w0, l4_fpage_t what,
                   struct window window, l4_addr_t *base)
{
    l4_umword_t r0, r1;
    l4_msgdope_t dope;

    if (l4_ipc_call(pager, L4_IPC_SHORT_MSG, w0, what.raw,
                    L4_IPC_MAPMSG(window.address, window.log2_size), &r0, &r1,
                    L4_IPC_NEVER, &dope))
        return ERR_IPC;
    if (!l4_ipc_fpage_received(dope))
        return ERR_NO_FPAGE;
    if (((l4_fpage_t){ .raw = r1 }).fp.size < window.log2_size)
        return ERR_SMALLER;
    *base = r0 & L4_PAGEMASK;
    return 0;
}

/* May the next piece be a large page? */
static bool can_be_large(l4_addr_t phys, l4_addr_t virt, l4_addr_t size)
{
    return ((phys | virt) & ~L4_SUPERPAGEMASK) == 0 &&
           size >= L4_SUPERPAGESIZE;
}

static int map(l4_threadid_t pager, l4_umword_t w0, l4_addr_t phys,
               l4_addr_t virt, l4_addr_t size)
{
    l4_addr_t base;
    int error = 0;

    if (((phys | virt | size) & ~L4_PAGEMASK) || size == 0)
        return ERR_ALIGNMENT;
    while (size && !error) {
        unsigned log2 = can_be_large(phys, virt, size) ? L4_SUPERPAGESHIFT
                                                       : L4_PAGESHIFT;
        error = request(pager, w0,
                        l4_fpage(phys, log2, L4_FPAGE_RW, L4_FPAGE_MAP),
                        (struct window){ virt, log2 }, &base);
        phys += 1UL << log2;
        virt += 1UL << log2;
        size -= 1UL << log2;
    }
    return error;
}

int l4sigma0_map_mem(l4_threadid_t pager, l4_addr_t phys, l4_addr_t virt,
                     l4_addr_t size)
{
    return map(pager, REQUEST_RAM, phys, virt, size);
}

int l4sigma0_map_iomem(l4_threadid_t pager, l4_addr_t phys, l4_addr_t virt,
                       l4_addr_t size, int cached)
{
    return cached ? ERR_CACHED
                  : map(pager, REQUEST_DEVICE, phys, virt, size);
}

int l4sigma0_map_anypage(l4_threadid_t pager, l4_addr_t map_area,
                         unsigned log2_map_size, l4_addr_t *base)
{
    if (log2_map_size < L4_PAGESHIFT || log2_map_size >= L4_WORD_BITS ||
        (map_area & ((1UL << log2_map_size) - 1)))
        return ERR_ALIGNMENT;
    return request(pager, REQUEST_ANY_PAGE, l4_fpage(0, log2_map_size, 0, 0),
                   (struct window){ map_area, log2_map_size }, base);
}

void l4sigma0_debug_dump(l4_threadid_t pager)
{
    l4_umword_t r0, r1;
    l4_msgdope_t dope;

    l4_ipc_call(pager, L4_IPC_SHORT_MSG, REQUEST_DUMP, 0, L4_IPC_SHORT_MSG,
                &r0, &r1, L4_IPC_NEVER, &dope);
}
