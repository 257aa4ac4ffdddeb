/* SPDX-License-Identifier: BSD-2-Clause */
#include <l4/sys/arch/abi.h>
#include <l4/sys/utcb.h>

#include "klib.h"
#include "kmem.h"
#include "ptab.h"
#include "utcb.h"

_Static_assert(sizeof(struct l4_utcb) == 1 << L4_UTCB_LOG2_SIZE &&
                   offsetof(struct l4_utcb, reg) == L4_UTCB_HEAD,
               "the UTCB fills its place");

static word_t utcb_address(const struct tcb *t)
{
    return L4_UTCB_AREA +
           ((word_t)id_lthread(t->id) << L4_UTCB_LOG2_SIZE);
}

#define TRIES   8u

/* A frame for va. If possible one that uses the same cache lines as va, so
   that utcb_sync() has nothing to do. */
static void *frame_for(word_t va)
{
    void *others[TRIES], *frame = kmem_frame_alloc();
    unsigned n = 0;

    while (frame && !arch_same_lines(frame, va) && n < TRIES) {
        others[n++] = frame;
        frame = kmem_frame_alloc();
    }
    if (!frame && n > 0)
        frame = others[--n];
    while (n > 0)
        kmem_frame_free(others[--n]);
    return frame;
}

/* The frame at `va` of the UTCB area, made when it is not there; or NULL. */
static void *frame_at(struct space *s, word_t va)
{
    struct pt_slot slot;

    if (ptab_reach(s, va, ARCH_PT_LEVELS - 1, &slot) != OK)
        return NULL;
    if (ptab_kind(&slot) == PTE_LEAF)
        return phys_to_kva(arch_pte_addr(*slot.pte, slot.level));
    void *frame = frame_for(va);
    if (!frame) {
        ptab_release(s, va, &slot);
        return NULL;
    }
    ptab_set(&slot, arch_pte_leaf(kva_to_phys(frame), slot.level,
                                  RIGHT_READ | RIGHT_WRITE, ATTR_RAM), NULL);
    return frame;
}

enum err utcb_create(struct tcb *t)
{
    word_t va = utcb_address(t);
    char *frame = frame_at(t->space, va);

    if (!frame)
        return ERR_NO_MEM;
    kmem_frame_info(frame)->count++;
    t->utcb_user = va;
    t->utcb = frame + (va & ~PAGE_MASK);
    memset(t->utcb, 0, sizeof(struct l4_utcb));
    utcb_sync(t);
    return OK;
}

void utcb_destroy(struct tcb *t)
{
    void *frame = (void *)((word_t)t->utcb & PAGE_MASK);
    struct pt_slot slot;

    if (--kmem_frame_info(frame)->count > 0)
        return;
    ptab_walk(t->space, t->utcb_user, &slot);
    ptab_clear(t->space, t->utcb_user, &slot);
    kmem_frame_free(frame);
}
