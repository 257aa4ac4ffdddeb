/* SPDX-License-Identifier: BSD-2-Clause */
#include <hickory/thread.h>

#include "../../cpu.h"
#include "../../device.h"
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

bool tls_is_kept(void)
{
    l4_umword_t selector;

    __asm__ volatile("movl %%gs, %0" : "=r"(selector));
    return selector == L4_TLS_SELECTOR(0);
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
        check(error || (rights & 0xf900) == 0xf100);
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

static volatile l4_umword_t driver_sees;

static void fill_slot(void *wanted)
{
    static struct self self;
    struct tls_value v = tls_value_of(&self);

    if (wanted)
        check(l4_thread_tls(1, v.low, v.high) == 0);
}

static void drive_with_slot(void *wanted)
{
    struct l4_words m = { { 0 } };
    l4_threadid_t irq;

    fill_slot(wanted);
    l4_make_taskid_from_irq(device_irq, &irq);
    l4_ipc_words(L4_OP_RECV, &irq, &m);
    driver_sees = access_rights(L4_TLS_SELECTOR(1));
    device_interrupt(false);
    l4_ipc_sleep(NOW);
    l4_thread_tls(1, 0, 0);
    sleep_forever();
}

static void raise_with_slot(void *wanted)
{
    fill_slot(wanted);
    device_interrupt(true);
    l4_thread_tls(1, 0, 0);
    sleep_forever();
}

TEST(ia32, slots_are_the_threads_own_after_an_interrupt)
{
    check(device_open());
    device_interrupt(false);
    for (l4_umword_t own = 0; own < 2; own++) {
        driver_sees = ~0ul;
        start_thread_prio(drive_with_slot, (void *)own, 20);
        l4_ipc_sleep(timeout_us(MSEC(2)));
        start_thread_prio(raise_with_slot, (void *)!own, 10);
        l4_ipc_sleep(timeout_us(MSEC(5)));
        check(driver_sees == 0 ? !own : own && driver_sees != ~0ul);
    }
}

static l4_umword_t use_slot(void)
{
    static struct self self;
    struct tls_value v = tls_value_of(&self);

    l4_thread_tls(0, v.low, v.high);
    tls_self();
    l4_thread_tls(0, 0, 0);     /* and GS names an empty slot */
    return 1;
}

TEST(ia32, selector_of_an_emptied_slot_is_a_protection_fault)
{
    struct l4_utcb *u = l4_utcb();
    l4_threadid_t t = trap_start(use_slot);

    check(trap_receive(t, BIT(L4_REG_GS) | BIT(L4_REG_DS)) == 13);
    check(u->code == (L4_TLS_SELECTOR(0) & ~3ul));
    check(u->reg[L4_REG_GS] == u->reg[L4_REG_DS]);
    trap_answer(t);
    check(trap_result == 1);
}

/* ---- traps ---- */

const enum l4_reg result_register = L4_REG_EAX;

static l4_umword_t divide(void)
{
    l4_umword_t result;

    __asm__ volatile("divl %1" : "=a"(result) : "c"(0), "a"(1), "d"(0));
    return result;
}

TEST(ia32, divide_error_is_repaired_by_the_handler)
{
    check(trap_is_repaired(divide, 0, 2));
}

static l4_umword_t breakpoint(void)
{
    l4_umword_t result;

    __asm__ volatile("int3" : "=a"(result));
    return result;
}

TEST(ia32, breakpoint_comes_with_the_address_behind_it)
{
    check(trap_is_repaired(breakpoint, 3, 0));
}

static l4_umword_t overflow(void)
{
    l4_umword_t result;

    __asm__ volatile("movb $0x7f, %%al\n\taddb $1, %%al\n\tinto"
                     : "=a"(result) : : "cc");
    return result;
}

TEST(ia32, overflow_comes_with_the_address_behind_it)
{
    check(trap_is_repaired(overflow, 4, 0));
}

static l4_umword_t bound(void)
{
    static const l4_uint32_t bounds[2] = { 10, 20 };
    l4_umword_t result;

    __asm__ volatile("boundl %1, (%2)" : "=a"(result) : "c"(5), "d"(bounds));
    return result;
}

TEST(ia32, bound_exceeded_is_repaired_by_the_handler)
{
    check(trap_is_repaired(bound, 5, 2));
}

static l4_umword_t undefined(void)
{
    l4_umword_t result;

    __asm__ volatile("ud2" : "=a"(result));
    return result;
}

TEST(ia32, undefined_instruction_is_repaired_by_the_handler)
{
    check(trap_is_repaired(undefined, 6, 2));
}

static l4_umword_t halt(void)
{
    l4_umword_t result;

    __asm__ volatile("hlt" : "=a"(result));
    return result;
}

static l4_umword_t control_register(void)
{
    l4_umword_t result;

    __asm__ volatile("movl %%cr0, %0" : "=a"(result));
    return result;
}

TEST(ia32, privileged_instruction_is_repaired_by_the_handler)
{
    check(trap_is_repaired(halt, 13, 1));
    check(trap_is_repaired(control_register, 13, 3));
}

static l4_umword_t memory[8] __attribute__((aligned(16)));

static l4_umword_t load_vector(void)
{
    l4_umword_t result;

    __asm__ volatile("movaps (%1), %%xmm0"
                     : "=a"(result) : "c"(memory + 1) : "xmm0");
    return result;
}

static l4_umword_t load_word(void)
{
    l4_umword_t result;

    memory[0] = 0x33221100;
    memory[1] = 0x77665544;
    __asm__ volatile("movl 1(%1), %0"
                     : "=a"(result) : "c"(memory) : "memory");
    return result;
}

TEST(ia32, unaligned_vector_is_repaired_and_unaligned_word_needs_no_repair)
{
    check(trap_is_repaired(load_vector, 13, 3));
    check(load_word() == 0x44332211);
}

static l4_umword_t step(void)
{
    l4_umword_t result;

    __asm__ volatile("pushfl\n\torl $0x100, (%%esp)\n\tpopfl\n\t"
                     "movl $1, %%eax\n\tmovl $2, %%eax\n\t"
                     "movl $3, %%eax"
                     : "=a"(result) : : "cc");
    return result;
}

#define EFLAGS_TF   0x100

TEST(ia32, single_step_stops_behind_each_instruction)
{
    struct l4_utcb *u = l4_utcb();
    l4_threadid_t t = trap_start(step);

    for (l4_umword_t i = 1; i <= 2; i++) {
        check(trap_receive(t, BIT(L4_REG_EAX) | BIT(L4_REG_EFLAGS)) == 1);
        check(u->reg[L4_REG_EAX] == i);
        if (i == 2) {
            u->reg[L4_REG_EFLAGS] &= ~(l4_umword_t)EFLAGS_TF;
            u->changed = BIT(L4_REG_EFLAGS);
        }
        trap_answer(t);
    }
    check(trap_result == 3);
}

/* ---- what the fast path of faults does not switch ---- */

/* Two slots of thread-local storage are more than that path knows of: the trap
   and the answer go the general way, and the slots stay. */
static volatile unsigned letters_heard, slot_is_kept;
static l4_umword_t answer_op;
static char page_of_answer[4096] __attribute__((aligned(4096)));
static l4_threadid_t handler_of_slots;

static void answer_one(void *unused)
{
    struct l4_utcb *u = l4_utcb();
    struct l4_words m;
    l4_threadid_t from = L4_NIL_ID;

    (void)unused;
    l4_thread_tls(1, 0, 0);     /* of a test before: threads are used again */
    u->wanted_exception = BIT(L4_REG_EIP);
    l4_ipc_wait_words(&from, &m);
    letters_heard++;
    u->reg[L4_REG_EIP] += 2;
    u->changed = m.w[0] & 1 ? BIT(L4_REG_EIP) : 0;
    m.w[0] &= L4_PAGEMASK;
    m.w[1] = (l4_umword_t)page_of_answer | L4_PAGESHIFT << 2;
    l4_ipc_words(answer_op, &from, &m);
    sleep_forever();
}

#define EMPTY_PAGE  (((l4_umword_t)_end + 4 * L4_PAGESIZE) & L4_PAGEMASK)
extern char _end[];

/* In a task of its own, whose pager the handler becomes. */
IN_ONE_PAGE static void trap_with_slots(void *touch)
{
    l4_threadid_t none = L4_INVALID_ID, to = handler_of_slots;
    l4_umword_t flags, ip, sp;

    slot_is_kept = 0;
    page_of_answer[0] = 0;      /* so that this page is here */
    fill_slot(page_of_answer);
    l4_umword_t rights = access_rights(L4_TLS_SELECTOR(1));
    l4_thread_ex_regs(l4_myself(), LEAVE, LEAVE, &none, &to, &flags, &ip, &sp);
    if (touch)
        (void)*(volatile char *)EMPTY_PAGE;
    else
        __asm__ volatile("ud2");
    slot_is_kept = rights && access_rights(L4_TLS_SELECTOR(1)) == rights;
    sleep_forever();
}

static void try_slots(l4_umword_t op, bool touch)
{
    unsigned prio = (unsigned)thread_priority(l4_myself()) - 10;

    answer_op = op;
    letters_heard = 0;
    handler_of_slots = start_thread_prio(answer_one, 0, prio);
    l4_ipc_sleep(timeout_us(MSEC(1)));
    l4_threadid_t t = start_task(trap_with_slots, (void *)touch);
    thread_set_priority(t, prio);
    l4_ipc_sleep(timeout_us(MSEC(5)));
    check(letters_heard == 1 && slot_is_kept);
}

TEST(ia32, second_slot_outlives_an_exception)
{
    try_slots(L4_OP_REPLY_AND_WAIT | L4_OP_SEND_NOW, false);
}

TEST(ia32, second_slot_outlives_a_page_fault)
{
    try_slots(L4_OP_REPLY_AND_WAIT | L4_OP_SEND_NOW | L4_OP_MAP, true);
}

/* By IRET to virtual 8086 mode, at a page of ours in the first megabyte, which
   begins with an instruction that nobody knows. */
#define LOW_PAGE    0x50000ul

static l4_umword_t run_in_virtual_8086(void)
{
    *(volatile l4_uint16_t *)LOW_PAGE = 0x0b0f;
    __asm__ volatile("pushl $0\n\tpushl $0\n\tpushl $0\n\tpushl $0\n\t"
                     "pushl $0\n\tpushl $0x1000\n\tpushl $0x20202\n\t"
                     "pushl %0\n\tpushl $0\n\tiret"
                     : : "r"(LOW_PAGE >> 4) : "memory");
    return 0;
}

TEST(ia32, exception_in_virtual_8086_mode_is_told_to_the_handler)
{
    *(volatile l4_uint16_t *)LOW_PAGE = 0;      /* by our own pager */
    l4_threadid_t t = trap_start(run_in_virtual_8086);

    check(trap_receive(t, BIT(L4_REG_EIP)) == 6);
    check(l4_utcb()->reg[L4_REG_EIP] == 0);
}

/* x87: unmask division by zero, divide, and wait for the outcome. */
static l4_umword_t fpu_divide(void)
{
    static const l4_uint16_t unmasked = 0x37b;
    l4_umword_t result;

    __asm__ volatile("fninit\n\tfldcw %1\n\tfld1\n\tfldz\n\t"
                     "fdivrp\n\tfwait\n\tfninit"
                     : "=a"(result) : "m"(unmasked));
    return result;
}

TEST(ia32, floating_point_error_is_repaired_by_the_handler)
{
    check(trap_is_repaired(fpu_divide, 16, 1));
}

/* ---- floating point ---- */

struct image {
    l4_uint32_t xmm[8][4];
    double st[8];
};

static void make_image(struct image *image, l4_uint32_t seed)
{
    for (unsigned i = 0; i < 8; i++) {
        for (unsigned k = 0; k < 4; k++)
            image->xmm[i][k] = seed * 1000 + i * 4 + k;
        image->st[i] = seed * 1000.0 + i;
    }
}

static bool is_same(const struct image *a, const struct image *b)
{
    bool same = true;

    for (unsigned i = 0; i < 8; i++) {
        for (unsigned k = 0; k < 4; k++)
            same = same && a->xmm[i][k] == b->xmm[i][k];
        same = same && a->st[i] == b->st[i];
    }
    return same;
}

/* Between filling and looking no code of the compiler's may run: the call is
   thread_switch to nil. */
bool fpu_survives(l4_uint32_t seed)
{
    struct image image, found;

    make_image(&image, seed);
    __asm__ volatile("movups (%0), %%xmm0\n\tmovups 16(%0), %%xmm1\n\t"
                     "movups 32(%0), %%xmm2\n\tmovups 48(%0), %%xmm3\n\t"
                     "movups 64(%0), %%xmm4\n\tmovups 80(%0), %%xmm5\n\t"
                     "movups 96(%0), %%xmm6\n\tmovups 112(%0), %%xmm7\n\t"
                     "fldl 184(%0)\n\tfldl 176(%0)\n\tfldl 168(%0)\n\t"
                     "fldl 160(%0)\n\tfldl 152(%0)\n\tfldl 144(%0)\n\t"
                     "fldl 136(%0)\n\tfldl 128(%0)\n\t"
                     "pushl %%ebp\n\tpushl %1\n\t"
                     "xorl %%esi, %%esi\n\txorl %%edi, %%edi\n\t"
                     "int $0x33\n\t"
                     "popl %%eax\n\tpopl %%ebp\n\t"
                     "movups %%xmm0, (%%eax)\n\tmovups %%xmm1, 16(%%eax)\n\t"
                     "movups %%xmm2, 32(%%eax)\n\t"
                     "movups %%xmm3, 48(%%eax)\n\t"
                     "movups %%xmm4, 64(%%eax)\n\t"
                     "movups %%xmm5, 80(%%eax)\n\t"
                     "movups %%xmm6, 96(%%eax)\n\t"
                     "movups %%xmm7, 112(%%eax)\n\t"
                     "fstpl 128(%%eax)\n\tfstpl 136(%%eax)\n\t"
                     "fstpl 144(%%eax)\n\tfstpl 152(%%eax)\n\t"
                     "fstpl 160(%%eax)\n\tfstpl 168(%%eax)\n\t"
                     "fstpl 176(%%eax)\n\tfstpl 184(%%eax)"
                     : : "c"(&image), "d"(&found)
                     : "eax", "ebx", "esi", "edi", "memory", "xmm0", "xmm1",
                       "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7");
    return is_same(&image, &found);
}

bool fpu_is_fresh(void)
{
    static struct l4_fpu_state s __attribute__((aligned(16)));
    bool zero = true;

    __asm__ volatile("fxsave %0" : "=m"(s));
    for (unsigned i = 0; i < sizeof(s.xmm); i++)
        zero = zero && ((l4_uint8_t *)s.xmm)[i] == 0;
    return zero && s.ftw == 0 && s.fcw == 0x37f && s.mxcsr == 0x1f80;
}

void fpu_set_rounding(unsigned mode)
{
    l4_uint16_t fcw = (l4_uint16_t)(0x37f | mode << 10);
    l4_uint32_t mxcsr = 0x1f80 | mode << 13;

    __asm__ volatile("fldcw %0\n\tldmxcsr %1" : : "m"(fcw), "m"(mxcsr));
}

unsigned fpu_rounding(void)
{
    l4_uint16_t fcw;
    l4_uint32_t mxcsr;

    __asm__ volatile("fnstcw %0\n\tstmxcsr %1" : "=m"(fcw), "=m"(mxcsr));
    return (fcw >> 10 & 3) == (mxcsr >> 13 & 3) ? fcw >> 10 & 3 : 99;
}

/* ---- registers in exceptions ---- */

const l4_umword_t general_registers = 0x7f << L4_REG_EDI;

l4_umword_t trap_register_mask(unsigned reg)
{
    (void)reg;
    return ~(l4_umword_t)0;
}

void trap_forbidden_values(l4_umword_t *reg)
{
    reg[L4_REG_EFLAGS] |= 0x3000;       /* I/O privilege */
    reg[L4_REG_CS] = reg[L4_REG_SS] = 0;
}
