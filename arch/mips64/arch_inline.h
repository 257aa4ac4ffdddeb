/* SPDX-License-Identifier: BSD-2-Clause */
/* mips64: the inline half of core/arch.h. */
#ifndef ARCH_INLINE_H
#define ARCH_INLINE_H

#include "cpu.h"

static inline void *phys_to_kva(paddr_t pa)
{
    return (void *)(XKPHYS_CACHED | pa);
}

/* Of an address in the window, or in CKSEG0, where the image is. */
static inline paddr_t kva_to_phys(const void *kva)
{
    word_t address = (word_t)kva;

    return address & (address >= CKSEG0 ? CKSEG_PHYS : XKPHYS_PHYS);
}

/* ---- user registers ---- */

static inline word_t arch_mr_get(const struct arch_frame *f, unsigned i)
{
    return f->r[16 + i];
}

static inline void arch_mr_set(struct arch_frame *f, unsigned i, word_t w)
{
    f->r[16 + i] = w;
}

static inline word_t arch_arg(const struct arch_frame *f, unsigned i)
{
    return f->r[5 + i];
}

static inline void arch_arg_set(struct arch_frame *f, unsigned i, word_t w)
{
    f->r[5 + i] = w;
}

static inline threadid_t arch_id(const struct arch_frame *f, unsigned i)
{
    return f->r[i == 0 ? 4 : 8];
}

static inline void arch_id_set(struct arch_frame *f, unsigned i, threadid_t t)
{
    f->r[i == 0 ? 4 : 8] = t;
}

static inline word_t arch_ipc_snd(const struct arch_frame *f)
{
    return f->r[5];
}

static inline word_t arch_ipc_rcv(const struct arch_frame *f)
{
    return f->r[6];
}

static inline word_t arch_ipc_timeouts(const struct arch_frame *f)
{
    return f->r[7];
}

static inline threadid_t arch_ipc_deceit(const struct arch_frame *f)
{
    return f->r[8];
}

static inline void arch_ipc_set_real_dest(struct arch_frame *f, threadid_t id)
{
    f->r[6] = id;
}

/* There are no flags. */
static inline word_t arch_reg_get(const struct arch_frame *f, enum arch_reg r)
{
    return r == REG_IP ? f->epc : r == REG_SP ? f->r[29] : 0;
}

/*
 * What eret may be given in place of an odd instruction pointer: bit 0 would
 * select the MIPS16 instruction set, which the CPU need not have, and QEMU does
 * not survive that. With bit 1 set it stays an address error.
 */
static inline word_t user_ip(word_t ip)
{
    return ip & 1 ? (ip & ~(word_t)1) | 2 : ip;
}

static inline void arch_reg_set(struct arch_frame *f, enum arch_reg r,
                                word_t w)
{
    if (r == REG_IP)
        f->epc = user_ip(w);
    else if (r == REG_SP)
        f->r[29] = w;
}

/* ---- the fast path's frames ---- */

static inline bool arch_frame_shorten(struct arch_frame *f)
{
    (void)f;
    return true;
}

/* epc, gp and sp are all there is to keep. */
static inline void arch_frame_complete(struct arch_frame *f)
{
    (void)f;
}

static inline void arch_frame_complete_gate(struct arch_frame *f)
{
    arch_frame_complete(f);
}

/* ---- the handler's registers ---- */

static inline void arch_copy_words(word_t *to, const word_t *from, unsigned n)
{
    for (; n >= 5; n -= 5, to += 5, from += 5) {
#pragma GCC unroll 5
        for (unsigned i = 0; i < 5; i++)
            to[i] = from[i];
    }
    while (n--)
        *to++ = *from++;
}

/* Four blocks in a round, when there are so many: the loop around them counts. */
static inline void arch_copy_blocks(word_t *to, const word_t *from, size_t n)
{
    for (; n >= 4; n -= 4, to += 32, from += 32) {
#pragma GCC unroll 32
        for (unsigned i = 0; i < 32; i++)
            to[i] = from[i];
    }
    for (; n; n--, to += 8, from += 8) {
#pragma GCC unroll 8
        for (unsigned i = 0; i < 8; i++)
            to[i] = from[i];
    }
}

/* ---- caches ---- */

/* mmu.c: the bits of an address that choose a line, above the page's. */
extern word_t mmu_colours;

static inline bool arch_same_lines(const void *kva, word_t va)
{
    return (((word_t)kva ^ va) & mmu_colours) == 0;
}

/* ---- page-table entries ---- */

static inline pte_t arch_pte_leaf(paddr_t pa, unsigned level, unsigned rights,
                                  enum page_attr attr)
{
    (void)level;
    return (pte_t)(pa >> PAGE_SHIFT) << LO_PFN_SHIFT | LO_VALID |
           (rights & RIGHT_WRITE ? LO_DIRTY : 0) |
           (attr == ATTR_DEVICE ? LO_UNCACHED : LO_CACHED);
}

static inline pte_t arch_pte_table(paddr_t table)
{
    return (pte_t)phys_to_kva(table);
}

static inline enum pte_kind arch_pte_kind(pte_t e, unsigned level)
{
    (void)level;
    return e == 0 ? PTE_EMPTY : (int64_t)e < 0 ? PTE_TABLE : PTE_LEAF;
}

static inline paddr_t arch_pte_addr(pte_t e, unsigned level)
{
    if (arch_pte_kind(e, level) == PTE_TABLE)
        return e & XKPHYS_PHYS;
    return (paddr_t)(e >> LO_PFN_SHIFT) << PAGE_SHIFT;
}

static inline pte_t arch_pte_copy(pte_t e, bool write)
{
    return write ? e : e & ~(pte_t)LO_DIRTY;
}

static inline pte_t *arch_pte_below(pte_t e)
{
    return (pte_t *)e;
}

static inline unsigned arch_pte_rights(pte_t e)
{
    return RIGHT_READ | (e & LO_DIRTY ? RIGHT_WRITE : 0);
}

static inline enum page_attr arch_pte_attr(pte_t e)
{
    return (e & LO_ATTR_MASK) == LO_UNCACHED ? ATTR_DEVICE : ATTR_RAM;
}

/* The walker is software on the same CPU: a plain store is enough. */
static inline void arch_pte_write(pte_t *slot, pte_t e)
{
    *(volatile pte_t *)slot = e;
}

/* The TLB keeps no such bits, and the entry's "dirty" bit is a right. */
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

/* Until now EXL is set, as arch_deliver leaves by it. */
static inline void arch_entered(void)
{
    cp0_write32(CP0_STATUS, STATUS_KERNEL);
    cp0_hazard();
}

static inline uint64_t machine_stamp(void)
{
    return (uint64_t)(int)cp0_read32(CP0_COUNT);   /* as it is loaded */
}

static inline uint64_t machine_stamp_count(uint64_t stamp)
{
    uint64_t now = machine_counter();

    return now - (uint32_t)((uint32_t)now - (uint32_t)stamp);
}

/* ---- between the files of this port ---- */

/* mmu.c: empty the TLB, measure the caches. Once, from arch_init. */
void mmu_init(void);

/* mmu.c: may the running thread now access va? Its TLB entry is dropped; its
   space has an ASID afterwards. */
bool mmu_allows(word_t va, word_t access);

/* cpu.c: the FPU is nobody's; or the running thread's, which goes on. */
void fpu_put_away(void);
void fpu_take(void) NORETURN;

/* trap.c, called by entry.S. */
void cpu_trap(struct arch_frame *f) NORETURN;
void cpu_kernel_trap(struct arch_frame *f) NORETURN;
void cpu_debug_trap(struct arch_frame *f) NORETURN;

/* entry.S: FPU registers out and in; the FPU is enabled by either. */
void fpu_save(struct l4_fpu_state *to);
void fpu_load(const struct l4_fpu_state *from);

/* cpu.c: whose registers the FPU holds; NULL: nobody's. */
extern struct tcb *fpu_owner;

/* boot.S: what the boot loader reported: bytes of RAM from physical 0 on,
   and the address of its environment. */
extern word_t boot_ram_size, boot_environment;

/* entry.S: the exception vectors; only their address is of use. */
extern char vectors[];

#endif
