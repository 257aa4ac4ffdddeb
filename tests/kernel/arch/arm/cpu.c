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

    __asm__ volatile("mrc p15, 0, %0, c13, c0, 3" : "=r"(self));
    return self;
}
