/* SPDX-License-Identifier: BSD-2-Clause */
/* ia32: the inline half of core/arch.h. */
#ifndef ARCH_INLINE_H
#define ARCH_INLINE_H

#include <l4/sys/arch/abi.h>

static inline void *phys_to_kva(paddr_t pa)
{
    return (void *)(pa + WINDOW_BASE);
}

static inline paddr_t kva_to_phys(const void *kva)
{
    return (paddr_t)kva - WINDOW_BASE;
}

/* ---- registers, as api/arch/ia32/l4/sys/arch/abi.h binds them ---- */

/* Word 0 of a message leaves in EBP by SYSEXIT: resume_user sees to that. */
static inline word_t arch_mr_get(const struct arch_frame *f, unsigned i)
{
    return i == 0 ? f->edx : f->ebx;
}

static inline void arch_mr_set(struct arch_frame *f, unsigned i, word_t w)
{
    if (i == 0)
        f->edx = w;
    else
        f->ebx = w;
}

static inline word_t arch_arg(const struct arch_frame *f, unsigned i)
{
    return i == 0 ? f->eax : i == 1 ? f->ecx : f->edx;
}

static inline void arch_arg_set(struct arch_frame *f, unsigned i, word_t w)
{
    if (i == 0)
        f->eax = w;
    else if (i == 1)
        f->ecx = w;
    else
        f->edx = w;
}

static inline threadid_t arch_id(const struct arch_frame *f, unsigned i)
{
    return i == 0 ? (threadid_t)f->edi << 32 | f->esi
                  : (threadid_t)f->ebp << 32 | f->ebx;
}

static inline void arch_id_set(struct arch_frame *f, unsigned i, threadid_t t)
{
    if (i == 0) {
        f->esi = (uint32_t)t;
        f->edi = (uint32_t)(t >> 32);
    } else {
        f->ebx = (uint32_t)t;
        f->ebp = (uint32_t)(t >> 32);
    }
}

static inline word_t arch_ipc_snd(const struct arch_frame *f)
{
    return f->eax;
}

static inline word_t arch_ipc_rcv(const struct arch_frame *f)
{
    return f->ebp;
}

static inline word_t arch_ipc_timeouts(const struct arch_frame *f)
{
    return f->ecx;
}

/* On the stack: core reads it there. */
static inline threadid_t arch_ipc_deceit(const struct arch_frame *f)
{
    (void)f;
    return ID_INVALID;
}

static inline void arch_ipc_set_real_dest(struct arch_frame *f, threadid_t id)
{
    f->ecx = (word_t)id;
    f->ebp = (word_t)(id >> 32);
}

static inline word_t arch_reg_get(const struct arch_frame *f, enum arch_reg r)
{
    return r == REG_IP ? f->eip : r == REG_SP ? f->esp : f->eflags;
}

/* A thread sent to another place does not return from its SYSENTER: what
   that would spoil (ECX, EDX, EBP) is to arrive as it stands in the frame. */
static inline void arch_reg_set(struct arch_frame *f, enum arch_reg r,
                                word_t w)
{
    if (r == REG_IP) {
        f->eip = w;
        f->entry = 0;
    } else if (r == REG_SP) {
        f->esp = w;
    } else {
        f->eflags = (w & EFLAGS_USER) | EFLAGS_IF | EFLAGS_ONE;
    }
}

/* ---- the fast path's frames ---- */

/* The Version 2 gate has its own way out, and results in other registers. */
static inline bool arch_frame_shorten(struct arch_frame *f)
{
    f->short_ip.offset = f->eip;
    return f->entry == ENTRY_SYSENTER;
}

/* As the fast paths leave them: flat, and GS at thread-local storage. */
static inline void arch_frame_set_segments(struct arch_frame *f)
{
    f->ds = f->es = f->fs = USER_DS;
    f->gs = f->utcb.selector;
}

static inline void arch_frame_complete(struct arch_frame *f)
{
    f->entry = ENTRY_SYSENTER;
    f->eip = f->short_ip.offset;
    f->eflags = EFLAGS_IF | EFLAGS_ONE;
    arch_frame_set_segments(f);
}

/* The CPU has saved EIP and what follows it. */
static inline void arch_frame_complete_gate(struct arch_frame *f)
{
    f->entry = L4_GATE_BASE + L4_SYS_IPC;
    arch_frame_set_segments(f);
}

/* ---- the handler's registers ---- */

static inline void arch_copy_words(word_t *to, const word_t *from, unsigned n)
{
    __asm__ volatile("rep movsl" : "+D"(to), "+S"(from), "+c"(n) : : "memory");
}

static inline void arch_copy_blocks(word_t *to, const word_t *from, size_t n)
{
    n *= 8;
    __asm__ volatile("rep movsl" : "+D"(to), "+S"(from), "+c"(n) : : "memory");
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
    return pa | PTE_PRESENT | PTE_USER |
           (rights & RIGHT_WRITE ? PTE_WRITE : 0) |
           (attr == ATTR_DEVICE ? PTE_UNCACHED : 0) |
           (level == 0 ? PTE_SUPERPAGE : 0);
}

/* Rights are decided by the leaves alone. */
static inline pte_t arch_pte_table(paddr_t table)
{
    return table | PTE_PRESENT | PTE_USER | PTE_WRITE;
}

static inline enum pte_kind arch_pte_kind(pte_t e, unsigned level)
{
    if (!(e & PTE_PRESENT))
        return PTE_EMPTY;
    return level == 0 && !(e & PTE_SUPERPAGE) ? PTE_TABLE : PTE_LEAF;
}

static inline paddr_t arch_pte_addr(pte_t e, unsigned level)
{
    if (level == 0 && e & PTE_SUPERPAGE)
        return e & PTE_ADDRESS_4MB;
    return e & PTE_ADDRESS;
}

static inline pte_t arch_pte_copy(pte_t e, bool write)
{
    return e & ~(pte_t)(PTE_ACCESSED | PTE_DIRTY | (write ? 0 : PTE_WRITE));
}

static inline pte_t *arch_pte_below(pte_t e)
{
    return phys_to_kva(e & PTE_ADDRESS);
}

static inline unsigned arch_pte_rights(pte_t e)
{
    return e & PTE_WRITE ? RIGHT_READ | RIGHT_WRITE : RIGHT_READ;
}

static inline enum page_attr arch_pte_attr(pte_t e)
{
    return e & PTE_PCD ? ATTR_DEVICE : ATTR_RAM;
}

/* The walker reads through the caches, in order with other accesses. */
static inline void arch_pte_write(pte_t *slot, pte_t e)
{
    *(volatile pte_t *)slot = e;
}

/* The walker sets these bits in memory, by locked accesses of its own. */
static inline word_t arch_pte_status(pte_t *slot)
{
    pte_t used = *slot & (PTE_ACCESSED | PTE_DIRTY);

    if (used)
        __asm__ volatile("lock andl %1, %0" : "+m"(*slot) : "ir"(~used));
    return (used & PTE_ACCESSED ? L4_FP_ACCESSED : 0) |
           (used & PTE_DIRTY ? L4_FP_WRITTEN : 0);
}

static inline void arch_pte_use(pte_t *slot, bool write)
{
    *slot |= PTE_ACCESSED | (write ? PTE_DIRTY : 0);
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
