/* SPDX-License-Identifier: BSD-2-Clause */
#include <stddef.h>

#include <l4/sys/syscalls.h>

#include <hickory/pager.h>
#include <hickory/protocol.h>

#include "devices.h"

#define GRANTS 64
#define LINES 256

static struct grant {
    l4_fpage_t fpage;
    unsigned task;              /* 0: unused */
} grants[GRANTS];

static l4_addr_t first_of(l4_fpage_t f)
{
    return f.raw & L4_PAGEMASK;
}

/* log2 of its bytes; a port counts as a page where no memory is. */
static unsigned size_of(l4_fpage_t f)
{
    return l4_is_iofpage(f) ? f.iofp.iosize + L4_PAGESHIFT : f.fp.size;
}

static l4_addr_t last_of(l4_fpage_t f)
{
    return first_of(f) + ((1UL << size_of(f)) - 1);
}

static bool overlap(l4_fpage_t a, l4_fpage_t b)
{
    return first_of(a) <= last_of(b) && first_of(b) <= last_of(a);
}

static bool is_fpage(l4_fpage_t f)
{
    unsigned limit = l4_is_iofpage(f)
                         ? L4_WHOLE_IOADDRESS_SPACE + L4_PAGESHIFT
                         : L4_WORD_BITS - 1;
    unsigned size = size_of(f);

    return size >= L4_PAGESHIFT && size <= limit &&
           (first_of(f) & ((1UL << size) - 1)) == 0;
}

static bool get_from_sigma0(l4_fpage_t f)
{
    return l4_is_iofpage(f) ? pager_ports(SIGMA0_ID, f)
                            : pager_device(SIGMA0_ID, f, WINDOW_ANYWHERE);
}

/* An unused entry; NULL: there is none, or the pages are another task's.
   A task may ask again for just what it has. */
static struct grant *find_entry(l4_fpage_t fpage, unsigned task)
{
    struct grant *unused = NULL;

    for (struct grant *g = grants; g < grants + GRANTS; g++) {
        if (g->task == task && g->fpage.raw == fpage.raw)
            return g;
        if (g->task && overlap(g->fpage, fpage))
            return NULL;
        if (!g->task && !unused)
            unused = g;
    }
    return unused;
}

bool device_give(l4_fpage_t fpage, unsigned task)
{
    struct grant *g;

    if (!is_fpage(fpage))
        return false;
    g = find_entry(fpage, task);
    if (!g || !get_from_sigma0(fpage))
        return false;
    *g = (struct grant){ fpage, task };
    return true;
}

/* ---- interrupt lines ---- */

static l4_uint16_t line_owner[LINES];   /* 0: free */
static unsigned line_count;

void irqs_init(unsigned lines)
{
    line_count = lines < LINES ? lines : LINES;
}

bool irq_give(unsigned line, unsigned task)
{
    if (line >= line_count || (line_owner[line] && line_owner[line] != task))
        return false;
    line_owner[line] = (l4_uint16_t)task;
    return true;
}

bool irq_take_back(unsigned line, unsigned task)
{
    if (line >= line_count || line_owner[line] != task)
        return false;
    line_owner[line] = 0;
    return true;
}

/* ---- the end of a task ---- */

void device_take_back(unsigned task)
{
    for (unsigned i = 0; i < line_count; i++)
        irq_take_back(i, task);
    for (struct grant *g = grants; g < grants + GRANTS; g++) {
        if (g->task != task)
            continue;
        l4_fpage_unmap(g->fpage, L4_FP_FLUSH_PAGE | L4_FP_OTHER_SPACES);
        g->task = 0;
    }
}
