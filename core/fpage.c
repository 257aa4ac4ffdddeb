/* SPDX-License-Identifier: BSD-2-Clause */
#include "fpage.h"

static word_t low_mask(unsigned shift)
{
    return ((word_t)1 << shift) - 1;
}

/* Bits below 2^shift, where shift may be the whole word. */
static word_t mask(unsigned shift)
{
    return shift >= WORD_BITS ? ~(word_t)0 : low_mask(shift);
}

static bool is_of_ports(word_t raw)
{
    return IO_PORTS && (raw & L4_IOFPAGE) == L4_IOFPAGE;
}

/* 2^n ports are 2^n pages of an I/O space. */
static void parse_ports(word_t raw, struct fpage *f)
{
    unsigned log2_ports = raw >> 2 & 0x3f;

    if (log2_ports > L4_WHOLE_IOADDRESS_SPACE)
        log2_ports = L4_WHOLE_IOADDRESS_SPACE;
    f->ports = true;
    f->write = true;
    f->grant = raw & 1;
    f->shift = PAGE_SHIFT + log2_ports;
    f->base = raw & ~L4_IOFPAGE & PAGE_MASK & ~mask(f->shift);
}

bool fpage_parse(word_t raw, struct fpage *f)
{
    if (is_of_ports(raw)) {
        parse_ports(raw, f);
        return true;
    }
    f->ports = false;
    f->shift = (unsigned)(raw >> 2 & 0x3f);
    f->write = raw & 2;
    f->grant = raw & 1;
    if (f->shift < PAGE_SHIFT)
        return false;
    if (f->shift > ARCH_PT_TOP_SHIFT)
        f->shift = ARCH_PT_TOP_SHIFT;
    f->base = raw & PAGE_MASK & ~mask(f->shift);
    if (f->shift == ARCH_PT_TOP_SHIFT)
        f->base = 0;
    return true;
}

bool fpage_common(const struct fpage *send, const struct fpage *window,
                  word_t *base, unsigned *shift)
{
    const struct fpage *small = send, *large = window;

    if (send->shift > window->shift) {
        small = window;
        large = send;
    }
    *base = small->base;
    *shift = small->shift;
    return (small->base & ~mask(large->shift)) == large->base;
}

word_t fpage_whole(void)
{
    return (word_t)L4_WHOLE_ADDRESS_SPACE << 2 | 2;
}

void fpage_place(const struct fpage *send, const struct fpage *window,
                 word_t base, word_t *from, word_t *to, unsigned *shift)
{
    *from = send->base;
    *to = window->base;
    if (send->shift <= window->shift) {
        *shift = send->shift;
        *to += base & mask(window->shift) & ~mask(send->shift);
    } else {
        *shift = window->shift;
        *from += base & mask(send->shift) & ~mask(window->shift);
    }
}
