/* SPDX-License-Identifier: BSD-2-Clause */
#include "../../cpu.h"
#include "../../ktest.h"

/* ---- thread-local storage ---- */

struct tls_value tls_value_of(struct self *self)
{
    self->self = self;
    return (struct tls_value){ (l4_umword_t)self, 0 };
}

struct self *tls_self(void)
{
    struct self *self;

    __asm__ volatile("rdhwr %0, $29" : "=r"(self));
    return self;
}

/* `rdhwr` into each register but zero, the UTCB's and the kernel's, and into
   every one in a delay slot, too; the register is written to *out. */
#define READ(n)                                                     \
    __asm__ volatile(".set push\n\t.set noat\n\t.set noreorder\n\t" \
                     "move $1, %0\n\t"                              \
                     "rdhwr $" #n ", $29\n\t"                       \
                     "sd $" #n ", 0(%0)\n\t"                        \
                     "b 1f\n\t"                                     \
                     " rdhwr $" #n ", $29\n\t"                      \
                     "sd $0, 0(%1)\n"                               \
                     "1:\tsd $" #n ", 0(%1)\n\t"                    \
                     ".set pop"                                     \
                     : : "r"(&out[0]), "r"(&out[1])                 \
                     : "$1", "$" #n, "memory");                     \
    check(out[0] == value && out[1] == value);                      \
    out[0] = out[1] = 0

TEST(mips64, rdhwr_reads_into_any_register_in_a_delay_slot_too)
{
    static struct self self;
    static l4_umword_t out[2];
    struct tls_value v = tls_value_of(&self);
    l4_umword_t value = v.low;

    check(l4_thread_tls(0, v.low, v.high) == 0);
    READ(2); READ(3); READ(4); READ(5); READ(6); READ(7); READ(8); READ(9);
    READ(10); READ(11); READ(12); READ(13); READ(14); READ(15); READ(16);
    READ(17); READ(18); READ(19); READ(20); READ(21); READ(22); READ(23);
    READ(24); READ(25); READ(31);
    /* The zero register stays what it is. */
    __asm__ volatile("rdhwr $0, $29\n\tsd $0, %0" : "=m"(out[0]));
    check(out[0] == 0);
    check(l4_thread_tls(0, 0, 0) == 0);
}
