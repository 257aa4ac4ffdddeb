/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What tests must know of the processor: arch/ARCH/cpu.c, which also has the
 * tests that only one processor can do.
 */
#ifndef KTEST_CPU_H
#define KTEST_CPU_H

#include <stdbool.h>

#include <l4/sys/syscalls.h>
#include <l4/sys/utcb.h>

/*
 * Thread-local storage in slot 0. What a program finds there is a pointer to
 * `struct self`, by the way that compilers use on this target: on ia32 the
 * segment in GS begins with the pointer to itself.
 */
struct self {
    struct self *self;
};

struct tls_value {
    l4_umword_t low, high;
};
struct tls_value tls_value_of(struct self *self);

/* NULL: the slot is empty. */
struct self *tls_self(void);

/* Traps. The register in which cpu_trap functions return their result. */
#define TRAP_RESULT 0x600d

#endif
