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

bool tls_is_kept(void)
{
    return true;
}

/* ---- traps ---- */

const enum l4_reg result_register = L4_REG_R0;

#define TRAP(name, instruction)                             \
    static l4_umword_t name(void)                           \
    {                                                       \
        register l4_umword_t result __asm__("r0") = 0;      \
        __asm__ volatile(instruction : "+r"(result));       \
        return result;                                      \
    }

TRAP(undefined, ".word 0xe7f000f0")
TRAP(breakpoint, "bkpt #1")
TRAP(control_register, "mrc p15, 0, r0, c1, c0, 0")
TRAP(no_coprocessor, "mrc p7, 0, r0, c1, c0, 0")

TEST(arm, undefined_instruction_is_repaired_by_the_handler)
{
    check(trap_is_repaired(undefined, 1, 4));
}

TEST(arm, breakpoint_is_repaired_by_the_handler)
{
    check(trap_is_repaired(breakpoint, 5, 4));
}

TEST(arm, privileged_instruction_is_repaired_by_the_handler)
{
    check(trap_is_repaired(control_register, 1, 4));
}

TEST(arm, coprocessor_that_is_not_there_is_repaired_by_the_handler)
{
    check(trap_is_repaired(no_coprocessor, 1, 4));
}

static l4_umword_t memory[4] __attribute__((aligned(8)));

static l4_umword_t load_two(void)
{
    register l4_umword_t result __asm__("r0");

    __asm__ volatile("ldrd r0, r1, [%1]"
                     : "=r"(result) : "r"((char *)memory + 2) : "r1");
    return result;
}

static l4_umword_t store_many(void)
{
    register l4_umword_t result __asm__("r0") = 0;

    __asm__ volatile("stmia %1, {r2, r3}"
                     : "+r"(result) : "r"((char *)memory + 1) : "memory");
    return result;
}

TEST(arm, unaligned_access_is_repaired_by_the_handler)
{
    check(trap_is_repaired(load_two, 4, 4));
    check(trap_is_repaired(store_many, 4, 4));
}

static l4_umword_t load_one(void)
{
    register l4_umword_t result __asm__("r0");

    memory[0] = 0x33221100;
    memory[1] = 0x77665544;
    __asm__ volatile("ldr r0, [%1]"
                     : "=r"(result) : "r"((char *)memory + 1) : "memory");
    return result;
}

TEST(arm, unaligned_word_is_loaded_without_a_trap)
{
    check(load_one() == 0x44332211);
}

/* ---- floating point ---- */

#define REGISTERS   32

#define ALL_D                                                           \
    "d0", "d1", "d2", "d3", "d4", "d5", "d6", "d7", "d8", "d9", "d10",  \
    "d11", "d12", "d13", "d14", "d15", "d16", "d17", "d18", "d19",      \
    "d20", "d21", "d22", "d23", "d24", "d25", "d26", "d27", "d28",      \
    "d29", "d30", "d31"

/* Between filling and looking no code of the compiler's may run: the call is
   thread_switch to nil. */
bool fpu_survives(l4_uint32_t seed)
{
    l4_uint64_t value[REGISTERS], found[REGISTERS];
    bool same = true;

    for (unsigned i = 0; i < REGISTERS; i++)
        value[i] = (l4_uint64_t)seed << 32 | (seed * 100 + i);
    register l4_umword_t from __asm__("r2") = (l4_umword_t)value;
    register l4_umword_t to __asm__("r3") = (l4_umword_t)found;
    __asm__ volatile("push {r3, r11}\n\t"
                     "vldmia r2!, {d0-d15}\n\tvldmia r2!, {d16-d31}\n\t"
                     "mov r0, #0\n\tmov r1, #0\n\tmov r12, #3\n\t"
                     "svc #0\n\t"
                     "pop {r3, r11}\n\t"
                     "vstmia r3!, {d0-d15}\n\tvstmia r3!, {d16-d31}"
                     : "+r"(from), "+r"(to)
                     : : "r0", "r1", "r4", "r5", "r6", "r7", "r8", "r9",
                         "r10", "r12", "lr", "cc", "memory", ALL_D);
    for (unsigned i = 0; i < REGISTERS; i++)
        same = same && value[i] == found[i];
    return same;
}

static l4_umword_t fpscr(void)
{
    l4_umword_t value;

    __asm__ volatile("vmrs %0, fpscr" : "=r"(value));
    return value;
}

bool fpu_is_fresh(void)
{
    l4_uint64_t found[REGISTERS], *p = found, all = 0;

    __asm__ volatile("vstmia %0!, {d0-d15}\n\tvstmia %0!, {d16-d31}"
                     : "+r"(p) : : "memory");
    l4_umword_t status = fpscr();
    for (unsigned i = 0; i < REGISTERS; i++)
        all |= found[i];
    return all == 0 && status == 0;
}

void fpu_set_rounding(unsigned mode)
{
    l4_umword_t value = (fpscr() & ~(3ul << 22)) | mode << 22;

    __asm__ volatile("vmsr fpscr, %0" : : "r"(value));
}

unsigned fpu_rounding(void)
{
    return fpscr() >> 22 & 3;
}

/* ---- IPC by operation word ---- */

static void echo_forever(void *unused)
{
    struct l4_words m = { { 0 } };
    l4_threadid_t from = L4_NIL_ID;

    (void)unused;
    l4_ipc_wait_words(&from, &m);
    for (;;)
        l4_ipc_reply_and_wait_words(&from, &m);
}

/* Call `to` with a mark in r14: does it come back, and r12, and nothing that
   might be the kernel's in r3? */
static bool keeps_registers(l4_threadid_t to)
{
    register l4_umword_t r0 __asm__("r0") = (l4_umword_t)to.raw;
    register l4_umword_t r1 __asm__("r1") = (l4_umword_t)(to.raw >> 32);
    register l4_umword_t r2 __asm__("r2");
    register l4_umword_t r3 __asm__("r3") = 0;
    register l4_umword_t r12 __asm__("r12") = L4_OP_CALL;
    register l4_umword_t r14 __asm__("lr") = 0x4c344c34;

    __asm__ volatile("svc #0"
                     : "+r"(r0), "+r"(r1), "=r"(r2), "+r"(r3), "+r"(r12),
                       "+r"(r14)
                     :
                     : "r4", "r5", "r6", "r7", "r8", "r9", "r10", "memory",
                       "cc");
    return r2 == 0 && r3 < 0xc0000000 && r12 == L4_OP_CALL &&
           r14 == 0x4c344c34;
}

TEST(arm, operation_word_keeps_r12_and_r14)
{
    l4_threadid_t inside = start_thread(echo_forever, 0);
    l4_threadid_t outside = start_task(echo_forever, 0);

    for (unsigned i = 0; i < 3; i++) {
        check(keeps_registers(inside));
        check(keeps_registers(outside));
    }
}

/* A system call as that of another kernel might look: what it has in r12 is
   an operation word, in r0 and r1 a partner that waits, and in r2 and r3
   something of its own. */
static l4_threadid_t callee;

static void call_strangely(void *unused)
{
    (void)unused;
    for (;;) {
        register l4_umword_t r0 __asm__("r0") = (l4_umword_t)callee.raw;
        register l4_umword_t r1 __asm__("r1") =
            (l4_umword_t)(callee.raw >> 32);
        register l4_umword_t r2 __asm__("r2") = 0x2222;
        register l4_umword_t r3 __asm__("r3") = 0x3333;
        register l4_umword_t r12 __asm__("r12") = L4_OP_CALL;

        __asm__ volatile("svc #0"
                         : "+r"(r0), "+r"(r1), "+r"(r2), "+r"(r3)
                         : "r"(r12)
                         : "r4", "r5", "r6", "r7", "r8", "r9", "r10",
                           "memory", "cc");
    }
}

TEST(arm, operation_word_of_a_foreign_thread_is_an_exception_with_all_registers)
{
    l4_threadid_t excepter = l4_myself(), pager = L4_INVALID_ID;
    const l4_umword_t wanted = BIT(L4_REG_R0) | BIT(L4_REG_R2) |
                               BIT(L4_REG_R3) | BIT(L4_REG_R12);
    l4_umword_t flags, ip, sp;
    const struct l4_utcb *u = l4_utcb();

    callee = start_thread(echo_forever, 0);
    l4_threadid_t t = start_task(call_strangely, 0);
    l4_ipc_sleep(timeout_us(MSEC(1)));
    check(l4_inter_task_ex_regs(t, LEAVE, LEAVE, &excepter, &pager, &flags,
                                &ip, &sp, L4_EX_FOREIGN) == 0);
    check(trap_receive(t, wanted) == 0x101);
    check(u->reg[L4_REG_R0] == (l4_umword_t)callee.raw);
    check(u->reg[L4_REG_R2] == 0x2222 && u->reg[L4_REG_R3] == 0x3333);
    check(u->reg[L4_REG_R12] == L4_OP_CALL);
}

/* Waits, then answers word 0 plus 1 for ever: in Thumb state. */
static void __attribute__((naked, target("thumb"))) thumb_server(void *unused)
{
    (void)unused;
    __asm__ volatile("mov r12, %0\n\t"
                     "svc #0\n"
                     "1: adds r4, #1\n\t"
                     "mov r12, %1\n\t"
                     "svc #0\n\t"
                     "b 1b"
                     : : "i"(L4_OP_IPC | L4_OP_RECV | L4_OP_OPEN),
                         "i"(L4_OP_REPLY_AND_WAIT | L4_OP_SEND_NOW));
}

TEST(arm, partner_in_thumb_state_answers)
{
    l4_threadid_t t = start_thread(thumb_server, 0);

    for (l4_umword_t i = 0; i < 5; i++) {
        struct l4_words m = { { i } };
        check(!L4_IPC_IS_ERROR(l4_ipc_call_words(t, &m)) && m.w[0] == i + 1);
    }
}

/* ---- registers in exceptions ---- */

const l4_umword_t general_registers = 0x5fff;

l4_umword_t trap_register_mask(unsigned reg)
{
    (void)reg;
    return ~(l4_umword_t)0;
}

void trap_forbidden_values(l4_umword_t *reg)
{
    reg[L4_REG_CPSR] |= 0x1df;          /* a system mode, interrupts off */
}
