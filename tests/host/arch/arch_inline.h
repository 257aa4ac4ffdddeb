/* SPDX-License-Identifier: BSD-2-Clause */
/* The build machine: the inline half of core/arch.h. */
#ifndef ARCH_INLINE_H
#define ARCH_INLINE_H

extern char *host_ram;              /* what phys_to_kva(0) is */
extern char kernel_image_start[];

static inline void *phys_to_kva(paddr_t pa)
{
    return pa < HOST_IMAGE_AT ? host_ram + pa
                              : kernel_image_start + (pa - HOST_IMAGE_AT);
}

static inline paddr_t kva_to_phys(const void *kva)
{
    word_t offset = (word_t)kva - (word_t)host_ram;

    return offset < HOST_IMAGE_AT
               ? offset
               : (word_t)kva - (word_t)kernel_image_start + HOST_IMAGE_AT;
}

/* ---- user registers ---- */

static inline word_t arch_mr_get(const struct arch_frame *f, unsigned i)
{
    return f->mr[i];
}

static inline void arch_mr_set(struct arch_frame *f, unsigned i, word_t w)
{
    f->mr[i] = w;
}

static inline word_t arch_arg(const struct arch_frame *f, unsigned i)
{
    return f->arg[i];
}

static inline void arch_arg_set(struct arch_frame *f, unsigned i, word_t w)
{
    f->arg[i] = w;
}

static inline threadid_t arch_id(const struct arch_frame *f, unsigned i)
{
    return f->id[i];
}

static inline void arch_id_set(struct arch_frame *f, unsigned i, threadid_t t)
{
    f->id[i] = t;
}

static inline word_t arch_ipc_snd(const struct arch_frame *f)
{
    return f->arg[0];
}

static inline word_t arch_ipc_rcv(const struct arch_frame *f)
{
    return f->arg[1];
}

static inline word_t arch_ipc_timeouts(const struct arch_frame *f)
{
    return f->arg[2];
}

static inline threadid_t arch_ipc_deceit(const struct arch_frame *f)
{
    return f->id[1];
}

static inline void arch_ipc_set_real_dest(struct arch_frame *f, threadid_t id)
{
    f->id[1] = id;
}

static inline word_t arch_reg_get(const struct arch_frame *f, enum arch_reg r)
{
    return r == REG_IP ? f->ip : r == REG_SP ? f->sp : f->flags;
}

static inline void arch_reg_set(struct arch_frame *f, enum arch_reg r,
                                word_t w)
{
    *(r == REG_IP ? &f->ip : r == REG_SP ? &f->sp : &f->flags) = w;
}

/* ---- the fast path's frames ---- */

static inline bool arch_frame_shorten(struct arch_frame *f)
{
    (void)f;
    return true;
}

static inline void arch_frame_complete(struct arch_frame *f)
{
    (void)f;
}

static inline void arch_frame_complete_gate(struct arch_frame *f)
{
    arch_frame_complete(f);
}

static inline void arch_copy_words(word_t *to, const word_t *from, unsigned n)
{
    while (n--)
        *to++ = *from++;
}

static inline void arch_copy_blocks(word_t *to, const word_t *from, size_t n)
{
    do {
#pragma GCC unroll 8
        for (unsigned i = 0; i < 8; i++)
            to[i] = from[i];
        to += 8;
        from += 8;
    } while (--n);
}

/* ---- caches ---- */

/* Two colours. */
static inline bool arch_same_lines(const void *kva, word_t va)
{
    return ((kva_to_phys(kva) ^ va) & PAGE_SIZE) == 0;
}

/* ---- page-table entries ---- */

#define HOST_PTE_TABLE  0x1
#define HOST_PTE_LEAF   0x2
#define HOST_PTE_WRITE  0x4
#define HOST_PTE_DEVICE 0x8
#define HOST_PTE_ACCESSED 0x10
#define HOST_PTE_WRITTEN 0x20

/* A promise of core/arch.h was broken by the core. */
void host_broken(const char *promise) NORETURN;

static inline pte_t arch_pte_leaf(paddr_t pa, unsigned level, unsigned rights,
                                  enum page_attr attr)
{
    static const uint8_t shift[] = ARCH_PT_SHIFTS;

    if (pa & (((paddr_t)1 << shift[level]) - 1))
        host_broken("a leaf's address is aligned to what it maps");
    if (!(ARCH_PT_LEAF_MASK >> level & 1))
        host_broken("leaves are on the levels that may hold them");
    return pa | HOST_PTE_LEAF | (rights & RIGHT_WRITE ? HOST_PTE_WRITE : 0) |
           (attr == ATTR_DEVICE ? HOST_PTE_DEVICE : 0);
}

static inline pte_t arch_pte_table(paddr_t table)
{
    return table | HOST_PTE_TABLE;
}

static inline enum pte_kind arch_pte_kind(pte_t e, unsigned level)
{
    (void)level;
    return e & HOST_PTE_TABLE ? PTE_TABLE : e ? PTE_LEAF : PTE_EMPTY;
}

static inline paddr_t arch_pte_addr(pte_t e, unsigned level)
{
    (void)level;
    return e & PAGE_MASK;
}

static inline pte_t arch_pte_copy(pte_t e, bool write)
{
    return e & ~(pte_t)(HOST_PTE_ACCESSED | HOST_PTE_WRITTEN |
                        (write ? 0 : HOST_PTE_WRITE));
}

static inline pte_t *arch_pte_below(pte_t e)
{
    return phys_to_kva(arch_pte_addr(e, 0));
}

static inline unsigned arch_pte_rights(pte_t e)
{
    return RIGHT_READ | (e & HOST_PTE_WRITE ? RIGHT_WRITE : 0);
}

static inline enum page_attr arch_pte_attr(pte_t e)
{
    return e & HOST_PTE_DEVICE ? ATTR_DEVICE : ATTR_RAM;
}

static inline void arch_pte_write(pte_t *slot, pte_t e)
{
    *(volatile pte_t *)slot = e;
}

static inline word_t arch_pte_status(pte_t *slot)
{
    pte_t used = *slot & (HOST_PTE_ACCESSED | HOST_PTE_WRITTEN);

    *slot &= ~used;
    return (used & HOST_PTE_ACCESSED ? L4_FP_ACCESSED : 0) |
           (used & HOST_PTE_WRITTEN ? L4_FP_WRITTEN : 0);
}

static inline void arch_pte_use(pte_t *slot, bool write)
{
    *slot |= HOST_PTE_ACCESSED | (write ? HOST_PTE_WRITTEN : 0);
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
