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

/* Is the way to it as tls_self() left it? On ia32 that is GS. */
bool tls_is_kept(void);

/* ---- traps: trap.c ---- */

/* The register in which functions return their result. */
extern const enum l4_reg result_register;

/*
 * A thread of ours, not so urgent, that calls raise(), with us as its pager
 * and handler. What raise() returns stands in trap_result when it gets there,
 * else 0.
 */
typedef l4_umword_t trap_function(void);
l4_threadid_t trap_start(trap_function *raise);
extern volatile l4_umword_t trap_result;

/* Receive an exception of t, with these registers and always its IP in our
   UTCB; its number, or ~0: none came. */
l4_umword_t trap_receive(l4_threadid_t t, l4_umword_t wanted);

/* Answer; registers of our UTCB that are marked as changed go along. Then t
   has time to run. */
void trap_answer(l4_threadid_t t);

/*
 * raise() traps once, with this number, and returns what the handler has put
 * into the result register; the handler moves it on by `skip` bytes.
 */
bool trap_is_repaired(trap_function *raise, l4_umword_t number,
                      l4_umword_t skip);

#define BIT(reg)    ((l4_umword_t)1 << (reg))

/* Registers that may have any value, as bits; and of register `reg` the bits
   that depend on the program alone. */
extern const l4_umword_t general_registers;
l4_umword_t trap_register_mask(unsigned reg);

/* Put values there that no program may have, where the kernel has to see to
   that: a thread that gets them runs on as a user. */
void trap_forbidden_values(l4_umword_t *reg);

/* ---- floating point ---- */

/* Turn it on for the calling thread. */
void fpu_use(void);

/* Fill all registers with values made of `seed`, let others run, and look
   whether they are as they were. */
bool fpu_survives(l4_uint32_t seed);

/* Is every register as in a thread that is new? */
bool fpu_is_fresh(void);

/* Rounding mode, by its number in the hardware; ia32: SSE's and x87's. */
void fpu_set_rounding(unsigned mode);
unsigned fpu_rounding(void);

#endif
