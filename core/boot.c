/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From the boot image to the first two tasks: modules, the kernel's pool,
 * and the ELF files of sigma0 and the root task.
 */
#include <l4/sys/utcb.h>

#include "boot.h"
#include "elf.h"
#include "klib.h"
#include "map.h"
#include "kip.h"
#include "panic.h"
#include "ports.h"
#include "print.h"
#include "ptab.h"
#include "sched.h"
#include "task.h"
#include "tcb.h"
#include "thread.h"
#include "utcb.h"

/* sigma0 does nothing but answer, so it may be the most urgent of all. */
#define SIGMA0_PRIO 0xff
#define ROOT_PRIO   0x80
#define INITIAL_MCP 0xff

/* The kernel keeps a third of all RAM, but not more than three quarters of
   the free piece it comes from, and not less than POOL_MIN. */
#define POOL_SHARE  3
#define POOL_MIN    ((paddr_t)4 << 20)

bool boot_add_region(struct boot_info *info, paddr_t start, paddr_t end,
                     enum l4_memory_type type)
{
    if (info->regions == L4_KIP_MAX_MEMORY || start >= end)
        return false;
    info->region[info->regions++] = (struct boot_region){ start, end, type };
    return true;
}

bool boot_add_module(struct boot_info *info, paddr_t start, paddr_t end,
                     const char *name)
{
    if (info->modules == L4_KIP_MAX_MODULES)
        return false;
    struct boot_module *m = &info->module[info->modules++];
    m->start = start;
    m->end = end;
    copy_name(m->name, name, sizeof(m->name));
    return true;
}

/* Those in the image come first: module 0 is sigma0, 1 the root task. */
void boot_collect(struct boot_info *info)
{
    static struct boot_info loaded;

    loaded = *info;
    info->modules = 0;
    for (const struct linked_module *m = boot_modules; m->end; m++)
        if (!boot_add_module(info, kva_to_phys((void *)m->start),
                             kva_to_phys((void *)m->end),
                             (const char *)m->name))
            panic("more than %d modules", L4_KIP_MAX_MODULES);
    for (unsigned i = 0; i < loaded.modules; i++) {
        const struct boot_module *m = &loaded.module[i];
        if (!boot_add_module(info, m->start, m->end, m->name))
            print("boot: module %s left out, too many\n", m->name);
    }
}

/* ---- the pool ---- */

/* Raise *start above everything of the image and the modules in the region:
   what is free is what lies behind them. */
static void skip_used(const struct boot_info *info, paddr_t *start,
                      paddr_t end)
{
    paddr_t used = kva_to_phys(kernel_image_end);

    if (used > *start && used <= end)
        *start = used;
    for (unsigned i = 0; i < info->modules; i++) {
        used = (info->module[i].end + PAGE_SIZE - 1) & PAGE_MASK;
        if (used > *start && used <= end)
            *start = used;
    }
}

static void clip_reserved(const struct boot_info *info, paddr_t *start,
                          paddr_t end)
{
    for (unsigned i = 0; i < info->regions; i++) {
        const struct boot_region *r = &info->region[i];
        if (r->type != L4_MEMORY_RAM && r->end > *start && r->start < end)
            *start = r->end;
    }
}

static paddr_t pool_size(paddr_t all, paddr_t piece)
{
    paddr_t size = all / POOL_SHARE, most = piece - piece / 4;

    if (piece < 2 * POOL_MIN)
        panic("too little memory: %lu KB free, %lu KB needed", piece >> 10,
              2 * POOL_MIN >> 10);
    if (size > most)
        size = most;
    return size > POOL_MIN ? size : POOL_MIN;
}

void boot_choose_pool(const struct boot_info *info, paddr_t *start,
                      paddr_t *end)
{
    paddr_t all = 0, best = 0;

    for (unsigned i = 0; i < info->regions; i++) {
        const struct boot_region *r = &info->region[i];
        paddr_t from = r->start;
        paddr_t to = r->end < ARCH_PHYS_LIMIT ? r->end : ARCH_PHYS_LIMIT;
        if (r->type != L4_MEMORY_RAM)
            continue;
        all += r->end - r->start;
        if (from >= to)
            continue;
        skip_used(info, &from, to);
        clip_reserved(info, &from, to);
        if (from < to && to - from > best) {
            best = to - from;
            *end = to;
        }
    }
    *start = (*end - pool_size(all, best)) & ~(pt_size(LEVEL_LARGE) - 1);
}

/* ---- ELF ---- */

static const struct elf_header *elf_check(const struct boot_module *m)
{
    const struct elf_header *h = phys_to_kva(m->start);

    if (m->end - m->start < sizeof(*h) || memcmp(h->ident, ELF_MAGIC, 4) ||
        h->ident[4] != ELF_CLASS || h->type != ELF_EXEC ||
        h->phentsize != sizeof(struct elf_segment) ||
        h->phoff > m->end - m->start ||
        h->phnum * sizeof(struct elf_segment) > m->end - m->start - h->phoff)
        panic("module %s: not an executable of this machine", m->name);
    return h;
}

/* Does some module, still to be read, lie in [start, end)? */
static bool holds_module(const struct boot_info *info, paddr_t start,
                         paddr_t end)
{
    for (unsigned i = 0; i < info->modules; i++)
        if (info->module[i].start < end && start < info->module[i].end)
            return true;
    return false;
}

/* A segment goes to the physical address it is linked at. */
static void load_segment(const struct boot_info *info,
                         const struct boot_module *m,
                         const struct elf_segment *s, l4_low_high_t *memory)
{
    enum page_attr attr;

    if (s->type != ELF_LOAD || s->memsz == 0)
        return;
    paddr_t first = s->vaddr & PAGE_MASK;
    paddr_t end = (s->vaddr + s->memsz + PAGE_SIZE - 1) & PAGE_MASK;
    if (s->filesz > s->memsz || s->offset > m->end - m->start ||
        s->filesz > m->end - m->start - s->offset || end <= first ||
        end > ARCH_PHYS_LIMIT || !kip_user_memory(first, end, &attr) ||
        attr != ATTR_RAM || holds_module(info, first, end))
        panic("module %s: segment at %p does not fit", m->name,
              (void *)s->vaddr);
    char *to = phys_to_kva(s->vaddr);
    memcpy(to, (char *)phys_to_kva(m->start) + s->offset, s->filesz);
    memset(to + s->filesz, 0, s->memsz - s->filesz);
    arch_cache_sync(to, s->memsz);
    kip_extend(memory, first, end);
}

/* *memory: where it lies in the end. */
static word_t load_elf(const struct boot_info *info,
                       const struct boot_module *m, l4_low_high_t *memory)
{
    const struct elf_header *h = elf_check(m);
    const struct elf_segment *s =
        (const void *)((const char *)h + h->phoff);

    for (unsigned i = 0; i < h->phnum; i++)
        load_segment(info, m, &s[i], memory);
    return h->entry;
}

/* ---- the first two tasks ---- */

static struct tcb *start_task(const struct boot_info *info, unsigned module,
                              unsigned number, threadid_t pager)
{
    bool is_sigma0 = number == TASK_SIGMA0;
    word_t entry = load_elf(info, &info->module[module],
                            is_sigma0 ? &kip->sigma0_memory
                                      : &kip->root_memory);
    struct task *task;
    struct tcb *t;

    *(is_sigma0 ? &kip->sigma0_eip : &kip->root_eip) = entry;
    if (task_create(number, NULL, INITIAL_MCP, &task) != OK ||
        tcb_create(task, 0, &t) != OK)
        panic("no memory for the initial tasks");
    tcb_set_handlers(t, pager, ID_NIL);
    thread_prepare(t, is_sigma0 ? SIGMA0_PRIO : ROOT_PRIO, entry, 0);
    sched_ready(t);
    return t;
}

void boot_start_initial_tasks(const struct boot_info *info)
{
    if (info->modules < 2)
        panic("the image holds no sigma0 and root task");
    struct tcb *sigma0 = start_task(info, 0, TASK_SIGMA0, ID_NIL);
    struct l4_utcb *utcb = sigma0->utcb;
    utcb->user[0] = kva_to_phys(kip);
    utcb_sync(sigma0);
    sigma0_space = sigma0->space;
    ports_give_all(sigma0_space);
    start_task(info, 1, TASK_ROOT, sigma0->id);
}
