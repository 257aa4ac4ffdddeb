/* SPDX-License-Identifier: BSD-2-Clause */
#include <l4/sys/arch/abi.h>
#include <l4/sys/utcb.h>

#include "kip.h"
#include "klib.h"
#include "panic.h"
#include "ptab.h"

/* A frame of its own, in the image: the kernel writes it through its window,
   users read it. */
static union {
    l4_kernel_info_t info;
    char frame[4096];
} page __attribute__((aligned(4096)));

l4_kernel_info_t *kip = &page.info;

_Static_assert(sizeof(l4_kernel_info_t) <= 4096, "the info page is a page");
_Static_assert(WORD_BITS != 32 || offsetof(l4_kernel_info_t, clock) == 0xa0,
               "the clock stands where Version 2 has it");
_Static_assert(offsetof(l4_kernel_info_t, version_strings) % 16 == 0,
               "their place is given in units of 16 bytes");

/* The version, and what there is besides Version 2. */
static const char version_strings[] =
    "Hickory, an L4 Version 2 microkernel\0abiver:1\0utcb\0exception_ipc";

static void add_memory(paddr_t start, paddr_t end, enum l4_memory_type type)
{
    if (start >= end)
        return;
    if (kip->memory_count == L4_KIP_MAX_MEMORY)
        panic("more than %d stretches of memory", L4_KIP_MAX_MEMORY);
    l4_memory_desc_t *m = &kip->memory[kip->memory_count++];
    m->start = start;
    m->end = end;
    m->type = type;
}

/* ---- the fields of Version 2 ---- */

/* What is beyond 32 bits is told by the descriptors only. */
static l4_uint32_t low_word(paddr_t pa)
{
    const uint64_t limit = 0xffffffff;

    return (l4_uint32_t)(pa < limit ? pa : limit);
}

static void set_range(l4_low_high_t *range, paddr_t start, paddr_t end)
{
    range->low = low_word(start);
    range->high = low_word(end);
}

void kip_extend(l4_low_high_t *range, paddr_t start, paddr_t end)
{
    if (range->high == 0 || start < range->low)
        range->low = low_word(start);
    if (end > range->high)
        range->high = low_word(end);
}

static void describe_regions(const struct boot_info *info)
{
    unsigned dedicated = 0;

    for (unsigned i = 0; i < info->regions; i++) {
        const struct boot_region *r = &info->region[i];
        if (r->type == L4_MEMORY_RAM) {
            kip_extend(&kip->main_memory, r->start, r->end);
            kip->total_ram += r->end - r->start;
        }
        if (r->type == L4_MEMORY_DEVICE && dedicated < 4)
            set_range(&kip->dedicated[dedicated++], r->start, r->end);
    }
}

void kip_set_clock_scale(uint64_t scale)
{
    kip->clock_scale = scale;
    kip->frequency_cpu = (l4_uint32_t)((1000ULL << 32) / scale);
}

/* ---- */

static void add_module(const struct boot_module *module)
{
    l4_module_desc_t *m = &kip->module[kip->module_count++];

    m->start = module->start;
    m->end = module->end;
    copy_name(m->name, module->name, sizeof(m->name));
}

static word_t page_shifts(void)
{
    return (word_t)1 << pt_shift[LEVEL_SMALL] |
           (word_t)1 << pt_shift[LEVEL_LARGE];
}

static void fill_constants(void)
{
    kip->magic = L4_KERNEL_INFO_MAGIC;
    kip->version = L4_KERNEL_INFO_VERSION;
    kip->word_bits = WORD_BITS;
    kip->page_shifts = page_shifts();
    kip->user_top = ARCH_USER_TOP;
    kip->utcb_area = L4_UTCB_AREA;
    kip->utcb_log2_size = L4_UTCB_LOG2_SIZE;
    kip->irq_count = MACHINE_IRQS;
    kip->reg_words = L4_REG_WORDS;
    kip->page_status = ARCH_PAGE_STATUS;
    kip->scheduler_granularity = 1;
    copy_name(kip->kernel_config, CONFIG_DEBUG ? "debug" : "release",
              sizeof(kip->kernel_config));
    kip->offset_version_strings =
        offsetof(l4_kernel_info_t, version_strings) / 16;
    memcpy(kip->version_strings, version_strings, sizeof(version_strings));
}

void kip_init(const struct boot_info *info, paddr_t pool_start,
              paddr_t pool_end)
{
    fill_constants();
    for (unsigned i = 0; i < info->regions; i++)
        add_memory(info->region[i].start, info->region[i].end,
                   info->region[i].type);
    for (unsigned i = 0; i < info->modules; i++)
        add_module(&info->module[i]);
    add_memory(kva_to_phys(kernel_image_start), kva_to_phys(kernel_image_end),
               L4_MEMORY_KERNEL);
    add_memory(pool_start, pool_end, L4_MEMORY_KERNEL);
    describe_regions(info);
    set_range(&kip->reserved0, kva_to_phys(kernel_image_start),
              kva_to_phys(kernel_image_end));
    set_range(&kip->reserved1, pool_start, pool_end);
}

static bool overlaps(const l4_memory_desc_t *m, paddr_t start, paddr_t end)
{
    return start < m->end && m->start < end;
}

bool kip_user_memory(paddr_t start, paddr_t end, enum page_attr *attr)
{
    bool inside = false;

    for (unsigned i = 0; i < kip->memory_count; i++) {
        const l4_memory_desc_t *m = &kip->memory[i];
        if (!overlaps(m, start, end))
            continue;
        if (m->type == L4_MEMORY_KERNEL)
            return false;
        if (start < m->start || end > m->end)
            return false;
        inside = true;
        *attr = m->type == L4_MEMORY_DEVICE ? ATTR_DEVICE : ATTR_RAM;
    }
    return inside;
}

void kip_update_clock(usec_t now)
{
    volatile l4_umword_t *sequence = &kip->clock_sequence;

    ++*sequence;
    kip->clock = now;
    kip->clock_counter = machine_counter();
    ++*sequence;
    arch_window_flush(kip, offsetof(l4_kernel_info_t, memory_count));
}
