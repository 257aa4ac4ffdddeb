/* SPDX-License-Identifier: BSD-2-Clause */
#include "../../cpu.h"
#include "../../ktest.h"

/* ---- thread-local storage ---- */

/* A data segment for users, 32 bits, one page from `base` on. */
struct tls_value tls_value_of(struct self *self)
{
    l4_umword_t base = (l4_umword_t)self;

    self->self = self;
    return (struct tls_value){
        (base << 16) | 0x0fff,
        (base & 0xff000000) | 0x0040f200 | (base >> 16 & 0xff),
    };
}

/* GS is loaded at the first use only: it stays as the kernel leaves it. */
struct self *tls_self(void)
{
    l4_umword_t selector;
    struct self *self;

    __asm__ volatile("movl %%gs, %0" : "=r"(selector));
    if (selector != L4_TLS_SELECTOR(0)) {
        bool readable;
        selector = L4_TLS_SELECTOR(0);
        __asm__ volatile("verr %w1" : "=@ccz"(readable) : "r"(selector));
        if (!readable)
            return 0;
        __asm__ volatile("movl %0, %%gs" : : "r"(selector));
    }
    __asm__ volatile("movl %%gs:0, %0" : "=r"(self));
    return self;
}

/* Access rights of a selector as a program sees them, 0: none. */
static l4_umword_t access_rights(l4_umword_t selector)
{
    l4_umword_t rights = 0;

    __asm__ volatile("larl %1, %0" : "+r"(rights) : "r"(selector) : "cc");
    return rights;
}

/* Type, S, DPL, P (one byte) and L, D of every kind of descriptor. */
TEST(ia32, no_descriptor_in_a_slot_raises_privilege)
{
    for (l4_umword_t kind = 0; kind < 0x400; kind++) {
        l4_umword_t high = (kind & 0xff) << 8 | (kind & 0x300) << 13;
        bool fit = (kind & 0x3f8) == 0x2f0 && !(kind & 8);
        int error = l4_thread_tls(1, 0x1234ffff, high);
        l4_umword_t rights = access_rights(L4_TLS_SELECTOR(1));
        if (high == 0)
            continue;
        check((error == 0) == fit);
        check(error || (rights & 0xf800) == 0xf000);
        check(l4_thread_tls(1, 0, 0) == 0);
        check(access_rights(L4_TLS_SELECTOR(1)) == 0);
    }
}

TEST(ia32, three_slots_are_where_programs_for_linux_expect_them)
{
    static struct self self[3];
    l4_umword_t old, found;

    __asm__ volatile("movl %%fs, %0" : "=r"(old));
    for (unsigned i = 0; i < 3; i++) {
        struct tls_value v = tls_value_of(&self[i]);
        check(l4_thread_tls(i, v.low, v.high) == 0);
    }
    for (unsigned i = 0; i < 3; i++) {
        __asm__ volatile("movl %1, %%fs\n\t"
                         "movl %%fs:0, %0\n\t"
                         "movl %2, %%fs"
                         : "=r"(found) : "r"(0x33 + 8 * i), "r"(old));
        check(found == (l4_umword_t)&self[i]);
        check(l4_thread_tls(i, 0, 0) == 0);
    }
}
