/* SPDX-License-Identifier: BSD-2-Clause */
/* arm: the inline half of core/arch.h. */
#ifndef ARM_ARCH_INLINE_H
#define ARM_ARCH_INLINE_H

#include "cpu.h"

static inline void *phys_to_kva(paddr_t pa)
{
    return (void *)(pa + KERNEL_OFFSET);
}

static inline paddr_t kva_to_phys(const void *kva)
{
    return (paddr_t)kva - KERNEL_OFFSET;
}

/* ---- registers: see arch/abi.h ---- */

static inline word_t arch_mr_get(const struct arch_frame *f, unsigned i)
{
    return f->r[4 + i];
}

static inline void arch_mr_set(struct arch_frame *f, unsigned i, word_t w)
{
    f->r[4 + i] = w;
}

static inline word_t arch_arg(const struct arch_frame *f, unsigned i)
{
    return f->r[2 + i];
}

static inline void arch_arg_set(struct arch_frame *f, unsigned i, word_t w)
{
    f->r[2 + i] = w;
}

static inline threadid_t arch_id(const struct arch_frame *f, unsigned i)
{
    unsigned low = i ? 5 : 0;

    return f->r[low] | (threadid_t)f->r[low + 1] << 32;
}

static inline void arch_id_set(struct arch_frame *f, unsigned i, threadid_t t)
{
    unsigned low = i ? 5 : 0;

    f->r[low] = (word_t)t;
    f->r[low + 1] = (word_t)(t >> 32);
}

static inline word_t arch_ipc_snd(const struct arch_frame *f)
{
    return f->r[2];
}

static inline word_t arch_ipc_rcv(const struct arch_frame *f)
{
    return f->r[3];
}

static inline word_t arch_ipc_timeouts(const struct arch_frame *f)
{
    return f->lr;
}

/* On the stack: core reads it there. */
static inline threadid_t arch_ipc_deceit(const struct arch_frame *f)
{
    (void)f;
    return ID_INVALID;
}

/* Not for an operation word, which leaves r14 alone. */
static inline void arch_ipc_set_real_dest(struct arch_frame *f, threadid_t id)
{
    if (f->r[12] != L4_SYS_IPC)
        return;
    f->r[3] = (word_t)id;
    f->lr = (word_t)(id >> 32);
}

/* The IP is an interworking address: its bit 0 says Thumb, both ways. */
static inline word_t arch_reg_get(const struct arch_frame *f, enum arch_reg r)
{
    switch (r) {
    case REG_IP:
        return f->pc | ((f->cpsr & PSR_T) ? 1 : 0);
    case REG_SP:
        return f->sp;
    case REG_FLAGS:
        return f->cpsr;
    }
    return 0;
}

/* A PC that its state does not allow, or an IT block in ARM state, would be
   UNPREDICTABLE on return to user mode. */
static inline void arch_reg_set(struct arch_frame *f, enum arch_reg r,
                                word_t w)
{
    word_t thumb;

    switch (r) {
    case REG_IP:
        thumb = (w & 1) ? PSR_T : 0;
        f->pc = w & (thumb ? ~1ul : ~3ul);
        f->cpsr = (f->cpsr & ~(word_t)(PSR_T | PSR_IT | PSR_J)) | thumb;
        break;
    case REG_SP:
        f->sp = w;
        break;
    case REG_FLAGS:
        thumb = w & PSR_T;
        f->pc &= thumb ? ~1ul : ~3ul;
        if (!thumb)
            w &= ~(word_t)PSR_IT;
        f->cpsr = (w & PSR_USER_MASK) | MODE_USR;
        break;
    }
}

/* ---- the fast path's frames ---- */

static inline bool arch_frame_shorten(struct arch_frame *f)
{
    (void)f;
    return true;
}

/* pc, cpsr and sp are all there is to keep. */
static inline void arch_frame_complete(struct arch_frame *f)
{
    (void)f;
}

static inline void arch_frame_complete_gate(struct arch_frame *f)
{
    arch_frame_complete(f);
}

/* ---- the handler's registers ---- */

/* Four at a time. */
static inline void arch_copy_words(word_t *to, const word_t *from, unsigned n)
{
    word_t a, b, c, d;

    for (; n >= 4; n -= 4)
        __asm__ volatile("ldmia %0!, {%2, %3, %4, %5}\n\t"
                         "stmia %1!, {%2, %3, %4, %5}"
                         : "+r"(from), "+r"(to), "=&r"(a), "=&r"(b), "=&r"(c),
                           "=&r"(d) : : "memory");
    while (n--)
        *to++ = *from++;
}

static inline void arch_copy_blocks(word_t *to, const word_t *from, size_t n)
{
    do
        __asm__ volatile("ldmia %0!, {r2, r3, r4, r5, r6, r7, r8, r9}\n\t"
                         "stmia %1!, {r2, r3, r4, r5, r6, r7, r8, r9}"
                         : "+r"(from), "+r"(to) : : "r2", "r3", "r4", "r5",
                           "r6", "r7", "r8", "r9", "memory");
    while (--n);
}

/* ---- caches ---- */

/* Physically tagged and, for data, as good as physically indexed. */
static inline bool arch_same_lines(const void *kva, word_t va)
{
    (void)kva;
    (void)va;
    return true;
}

/* ---- page-table entries ---- */

static inline pte_t arch_pte_leaf(paddr_t pa, unsigned level, unsigned rights,
                                  enum page_attr attr)
{
    word_t low = pa | PTE_USER | PTE_SHARED | PTE_ACCESSED | PTE_NOT_GLOBAL;
    word_t high = PTE_HIGH_PXN;

    low |= level == ARCH_PT_LEVELS - 1 ? PTE_TABLE_OR_PAGE : PTE_BLOCK;
    if (!(rights & RIGHT_WRITE))
        low |= PTE_READ_ONLY;
    if (attr == ATTR_DEVICE) {
        low |= PTE_ATTR_DEVICE;
        high |= PTE_HIGH_XN;    /* no speculative fetch from devices */
    }
    return (pte_t)high << 32 | low;
}

static inline pte_t arch_pte_table(paddr_t table)
{
    return table | PTE_TABLE_OR_PAGE;
}

static inline enum pte_kind arch_pte_kind(pte_t e, unsigned level)
{
    if (!(e & PTE_BLOCK))
        return PTE_EMPTY;
    if (level == ARCH_PT_LEVELS - 1 || (e & PTE_TYPE) == PTE_BLOCK)
        return PTE_LEAF;
    return PTE_TABLE;
}

static inline paddr_t arch_pte_addr(pte_t e, unsigned level)
{
    (void)level;
    return (paddr_t)e & PAGE_MASK;
}

static inline pte_t arch_pte_copy(pte_t e, bool write)
{
    return write ? e : e | PTE_READ_ONLY;
}

static inline pte_t *arch_pte_below(pte_t e)
{
    return phys_to_kva(arch_pte_addr(e, 0));
}

static inline unsigned arch_pte_rights(pte_t e)
{
    return (e & PTE_READ_ONLY) ? RIGHT_READ : RIGHT_READ | RIGHT_WRITE;
}

static inline enum page_attr arch_pte_attr(pte_t e)
{
    return (e & PTE_ATTR_DEVICE) ? ATTR_DEVICE : ATTR_RAM;
}

/*
 * One 64-bit store is atomic for the walker (A3.5.3). What the entry points
 * at must be visible before the entry is, and the entry before anything
 * relies on it (B3.10.1); the return to user mode is the context
 * synchronisation that instruction fetches need.
 */
static inline void arch_pte_write(pte_t *slot, pte_t e)
{
    __asm__ volatile("dmb ishst\n\t"
                     "strd %Q1, %R1, %0\n\t"
                     "dsb ishst" : "=Q"(*slot) : "r"(e) : "memory");
}

/* No such bits: the entry says all the time that it was accessed. */
static inline word_t arch_pte_status(pte_t *slot)
{
    (void)slot;
    return 0;
}

static inline void arch_pte_use(pte_t *slot, bool write)
{
    (void)slot;
    (void)write;
}

/* ---- interrupts ---- */

static inline void arch_entered(void)
{
}

static inline uint64_t machine_stamp(void)
{
    return machine_counter();
}

static inline uint64_t machine_stamp_count(uint64_t stamp)
{
    return stamp;
}

#endif
