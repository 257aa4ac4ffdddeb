/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory as the clients of sigma0 and of the resource manager get it, and the
 * kernel info page.
 */
#include <string.h>

#include <l4/sys/types.h>
#include <l4/sys/ipc.h>
#include <l4/sys/kernel.h>
#include <l4/sys/memdesc.h>
#include <l4/sys/syscalls.h>
#include <l4/rmgr/librmgr.h>
#include <l4/sigma0/kip.h>
#include <l4/sigma0/sigma0.h>
#include <l4/util/memdesc.h>

#include "check.h"

#define AREA    0x40000000UL    /* where nothing is */

static l4_threadid_t sigma0;

/* As in the manuals: the info page, and any page. */
static void by_hand(l4_threadid_t pager)
{
    l4_umword_t base, fpage;
    l4_msgdope_t result;
    l4_kernel_info_t *kip = (l4_kernel_info_t *)AREA;
    int error;

    error = l4_ipc_call(pager, L4_IPC_SHORT_MSG, 1, 1,
                        L4_IPC_MAPMSG((l4_umword_t)kip, L4_LOG2_PAGESIZE),
                        &base, &fpage, L4_IPC_NEVER, &result);
    CHECK(error == 0 && l4_ipc_fpage_received(result));
    CHECK(kip->magic == L4_KERNEL_INFO_MAGIC);
    l4_fpage_unmap(l4_fpage((l4_umword_t)kip, L4_LOG2_PAGESIZE, 0, 0),
                   L4_FP_FLUSH_PAGE | L4_FP_ALL_SPACES);

    error = l4_ipc_call(pager, L4_IPC_SHORT_MSG, SIGMA0_REQ_KIP, 0,
                        L4_IPC_MAPMSG((l4_umword_t)kip, L4_LOG2_PAGESIZE),
                        &base, &fpage, L4_IPC_NEVER, &result);
    CHECK(error == 0 && kip->magic == L4_KERNEL_INFO_MAGIC);
    l4_fpage_unmap(l4_fpage((l4_umword_t)kip, L4_LOG2_PAGESIZE, 0, 0),
                   L4_FP_FLUSH_PAGE | L4_FP_ALL_SPACES);

    error = l4_ipc_call(pager, L4_IPC_SHORT_MSG, 0xfffffffc, 0,
                        L4_IPC_MAPMSG(AREA, L4_LOG2_PAGESIZE), &base, &fpage,
                        L4_IPC_NEVER, &result);
    CHECK(error == 0 && l4_ipc_fpage_received(result));
    strcpy((char *)AREA, "any page");
    CHECK(rmgr_free_page(base) == 0);

    error = l4_ipc_call(pager, L4_IPC_SHORT_MSG, SIGMA0_REQ_FPAGE_ANY,
                        l4_fpage(0, L4_LOG2_PAGESIZE, 0, 0).fpage,
                        L4_IPC_MAPMSG(AREA, L4_LOG2_PAGESIZE), &base, &fpage,
                        L4_IPC_NEVER, &result);
    CHECK(error == 0 && l4_ipc_fpage_received(result));
    CHECK(rmgr_free_page(base) == 0);
}

/* RAM that nobody has had yet: that many percent into what there is. */
static l4_addr_t some_ram(int percent)
{
    l4_low_high_t *ram = &l4sigma0_kip()->main_memory;

    return (ram->low + (ram->high - ram->low) / 100 * percent) &
           L4_SUPERPAGEMASK;
}

static void by_library(l4_threadid_t pager, int percent)
{
    l4_addr_t base, frame = some_ram(percent);
    int error;

    error = l4sigma0_map_anypage(pager, AREA, L4_LOG2_PAGESIZE, &base);
    CHECK(error == 0 && base != 0);
    CHECK(*(int *)AREA == 0);
    *(int *)AREA = 1;
    CHECK(rmgr_free_page(base) == 0);
    CHECK(l4sigma0_map_anypage(pager, AREA + 4, L4_LOG2_PAGESIZE, &base) ==
          -1);
    CHECK(l4sigma0_map_anypage(pager, 0, 30, &base) == -3);

    error = l4sigma0_map_mem(pager, frame, AREA, 2 * L4_PAGESIZE);
    CHECK(error == 0);
    *(int *)(AREA + L4_PAGESIZE) = 2;
    CHECK(rmgr_free_page(frame) == 0);
    CHECK(rmgr_free_page(frame + L4_PAGESIZE) == 0);
    CHECK(l4sigma0_map_mem(pager, frame + 1, AREA, L4_PAGESIZE) == -1);
    /* the kernel's own */
    CHECK(l4sigma0_map_mem(pager, l4sigma0_kip()->reserved1.low, AREA,
                           L4_PAGESIZE) == -3);
    CHECK(l4sigma0_map_iomem(pager, 0, AREA, L4_PAGESIZE, 1) == -7);
    /* we are no driver */
    CHECK(l4sigma0_map_iomem(pager, l4sigma0_kip()->dedicated[0].low, AREA,
                             L4_PAGESIZE, 0) == -3);
    CHECK(strcmp(l4sigma0_map_errstr(0), "No error") == 0);
    CHECK(strcmp(l4sigma0_map_errstr(-3), "No fpage received") == 0);
    l4sigma0_debug_dump(pager);
}

/* As much as there is, and the heap still works. */
static void all_of_it(l4_threadid_t pager)
{
    l4_addr_t area = AREA, base;
    int pages = 0, error;

    while ((error = l4sigma0_map_anypage(pager, area, L4_LOG2_PAGESIZE,
                                         &base)) == 0) {
        *(l4_addr_t *)area = base;
        area += L4_PAGESIZE;
        pages++;
    }
    CHECK(error == -3 && pages > 100);
    for (area = AREA; pages--; area += L4_PAGESIZE)
        error += rmgr_free_page(*(l4_addr_t *)area);
    CHECK(error == -3);
}

static void superpages(l4_threadid_t pager)
{
    l4_umword_t base, fpage, superpage = some_ram(40);
    l4_msgdope_t result;
    l4_addr_t any;
    int error;

    CHECK(l4sigma0_map_anypage(pager, AREA, L4_LOG2_SUPERPAGESIZE, &any) == 0);
    *(char *)(AREA + L4_SUPERPAGESIZE - 1) = 1;
    CHECK(rmgr_free_fpage(l4_fpage(any, L4_LOG2_SUPERPAGESIZE, 0, 0)) == 0);

    error = l4_ipc_call(pager, L4_IPC_SHORT_MSG, superpage | 1,
                        L4_LOG2_SUPERPAGESIZE << 2,
                        L4_IPC_MAPMSG(AREA, L4_LOG2_SUPERPAGESIZE), &base,
                        &fpage, L4_IPC_NEVER, &result);
    CHECK(error == 0 && l4_ipc_fpage_received(result) && base == superpage);
    *(char *)(AREA + L4_SUPERPAGESIZE - 1) = 2;
    CHECK(rmgr_free_mem_all(l4_myself()) == 0);
}

static void info_page(void)
{
    l4_kernel_info_t *kip = l4sigma0_kip_map(L4_INVALID_ID);
    l4_kernel_info_mem_desc_t *md, one;
    unsigned i, n, ram = 0;
    l4_region_t region = { 0, 0 };
    const char *s;
    int features = 0;

    CHECK(kip && kip == l4sigma0_kip());
    CHECK(kip->magic == L4_KERNEL_INFO_MAGIC);
    CHECK(kip->version == l4sigma0_kip_version() && kip->version);
    CHECK(kip->version == L4_KERNEL_INFO_VERSION);
    CHECK(kip->main_memory.high > kip->main_memory.low);
    CHECK(kip->reserved0.high > kip->reserved0.low);
    CHECK(kip->reserved1.high > kip->reserved1.low);
    CHECK(kip->root_memory.high > kip->root_memory.low);
    CHECK(kip->root_eip >= kip->root_memory.low &&
          kip->root_eip < kip->root_memory.high);
    CHECK(kip->sigma0_eip >= kip->sigma0_memory.low &&
          kip->sigma0_eip < kip->sigma0_memory.high);
    CHECK(kip->sigma0_esp == 0 && kip->root_esp == 0);
    CHECK(kip->semi_reserved.low == kip->semi_reserved.high);
    CHECK(kip->total_ram >= 16UL << 20 && kip->frequency_cpu > 1000);
    CHECK(kip->scheduler_granularity == 1);

    s = l4sigma0_kip_version_string();
    CHECK(s == (char *)kip + l4_kernel_info_version_offset(kip));
    CHECK(strncmp(s, "Hickory", 7) == 0);
    l4sigma0_kip_for_each_feature(s)
        features++;
    CHECK(features >= 2);
    CHECK(l4sigma0_kip_kernel_has_feature("utcb"));
    CHECK(!l4sigma0_kip_kernel_has_feature("pure_magic"));
    CHECK(l4sigma0_kip_kernel_abi_version() == 1);
    CHECK(!l4sigma0_kip_kernel_is_ux());

    md = l4_kernel_info_get_mem_descs(kip);
    n = l4_kernel_info_get_num_mem_descs(kip);
    for (i = 0; i < n; i++, md++) {
        if (l4_kernel_info_get_mem_desc_is_virtual(md) ||
            l4_kernel_info_get_mem_desc_subtype(md))
            continue;
        if (l4_kernel_info_get_mem_desc_type(md) == l4_mem_type_conventional) {
            ram++;
            region.start = l4_kernel_info_get_mem_desc_start(md);
            region.end = l4_kernel_info_get_mem_desc_end(md);
        }
    }
    CHECK(ram >= 1 && region.end > region.start && (region.end & 1));
    l4_kernel_info_set_mem_desc(&one, 0x1000, 0x1fff, l4_mem_type_reserved, 1,
                                5);
    CHECK(l4_kernel_info_get_mem_desc_type(&one) == l4_mem_type_reserved);
    CHECK(l4_kernel_info_get_mem_desc_subtype(&one) == 5);
    CHECK(l4_kernel_info_get_mem_desc_end(&one) == 0x1fff);
    CHECK(l4_kernel_info_get_mem_desc_is_virtual(&one) == L4_MEM_DESC_VIRTUAL);
    CHECK(l4util_memdesc_vm_high() == kip->user_top - 1);

    l4sigma0_kip_unmap();
    CHECK(l4sigma0_kip() == NULL);
    CHECK(l4sigma0_kip_map(rmgr_pager_id) != NULL);
}

int main(void)
{
    rmgr_init();
    /* sigma0 is task 2; our clan is another, but our chief answers for it */
    sigma0 = L4_NIL_ID;
    sigma0.id.task = 2;
    sigma0.id.version_low = 1;
    info_page();
    by_hand(rmgr_pager_id);
    by_hand(sigma0);
    by_library(rmgr_pager_id, 50);
    by_library(sigma0, 45);
    superpages(rmgr_pager_id);
    all_of_it(rmgr_pager_id);
    CHECK(SIGMA0_IS_MAGIC_REQ(SIGMA0_REQ_FPAGE_RAM) &&
          !SIGMA0_IS_MAGIC_REQ(0x1000UL));
    CHECK((SIGMA0_REQ_FPAGE_IOMEM & SIGMA0_REQ_ID_MASK) ==
          SIGMA0_REQ_ID_FPAGE_IOMEM);
    CHECK(SIGMA0_REQ_FPAGE_IOMEM_CACHED == (SIGMA0_REQ(FPAGE_IOMEM_CACHED)));
    CHECK(SIGMA0_REQ_DEBUG_DUMP != SIGMA0_REQ_FPAGE_RAM);
    FINISH("memory");
}
