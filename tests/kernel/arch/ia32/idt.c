/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The interrupt descriptor table that Version 2 emulates: LIDT, and from then
 * on a thread handles its own exceptions.
 */
#include "../../cpu.h"
#include "../../ktest.h"

#define GATE_KERNEL     0x8e00u     /* present interrupt gate, DPL 0 */
#define GATE_USER       0xee00u     /* ... that `int n` may use */
#define GATE_ABSENT     0x6e00u
#define GATE_16BIT      0xe600u

struct gate {
    l4_uint32_t low, high;
};

struct pointer {
    l4_uint16_t limit;
    l4_uint32_t base;
} __attribute__((packed));

#define GATES   0x81

/* What a handler has found on its stack. */
struct found {
    l4_umword_t vector, error, eip, cs, eflags, esp;
};
static volatile struct found found;
static volatile unsigned times;     /* a gate was gone through */

static struct gate table[GATES];

static void load_table(const void *base, unsigned bytes)
{
    struct pointer p = { (l4_uint16_t)(bytes - 1), (l4_umword_t)base };

    if (bytes == 0)
        p.limit = 0;
    __asm__ volatile("lidt %0" : : "m"(p));
}

static void set_gate(unsigned vector, void (*target)(void), unsigned kind)
{
    l4_umword_t to = (l4_umword_t)target;

    table[vector] = (struct gate){ (to & 0xffff) | 0x1b << 16,
                                   (to & 0xffff0000) | kind };
}

static void clear_table(void)
{
    for (unsigned i = 0; i < GATES; i++)
        table[i] = (struct gate){ 0, 0 };
}

/*
 * Gates. Each notes what it has found, adds what stands in `skip` to the
 * return address, puts 0x600d into EAX and returns by IRET.
 */
static volatile l4_umword_t skip;

void gate_without_code(void);
void gate_with_code(void);
__asm__(
    ".text\n"
    "gate_without_code:\n\t"
    "pushl $0x5555\n"               /* in place of an error code */
    "gate_with_code:\n\t"
    "pushl %ecx\n\t"
    "movl 4(%esp), %ecx\n\tmovl %ecx, found + 4\n\t"
    "movl 8(%esp), %ecx\n\tmovl %ecx, found + 8\n\t"
    "addl skip, %ecx\n\tmovl %ecx, 8(%esp)\n\t"
    "movl 12(%esp), %ecx\n\tmovl %ecx, found + 12\n\t"
    "movl 16(%esp), %ecx\n\tmovl %ecx, found + 16\n\t"
    "leal 20(%esp), %ecx\n\tmovl %ecx, found + 20\n\t"
    "incl times\n\t"
    "popl %ecx\n\t"
    "movl $0x600d, %eax\n\t"
    "addl $4, %esp\n\t"
    "iret\n");
#define REPAIRED    0x600du
#define NO_CODE     0x5555u

static l4_umword_t divide(void)
{
    l4_umword_t result;

    __asm__ volatile("divl %1" : "=a"(result) : "c"(0), "a"(1), "d"(0));
    return result;
}

static void begin(l4_umword_t to_skip)
{
    clear_table();
    skip = to_skip;
    times = 0;
    set_gate(0, gate_without_code, GATE_KERNEL);
    set_gate(1, gate_without_code, GATE_KERNEL);
    set_gate(3, gate_without_code, GATE_USER);
    set_gate(6, gate_without_code, GATE_KERNEL);
    set_gate(13, gate_with_code, GATE_KERNEL);
    set_gate(0x80, gate_without_code, GATE_USER);
    load_table(table, sizeof(table));
}

/* Threads of one number are one thread to all tests: none keeps a table. */
static void end(void)
{
    load_table(0, 0);
}

TEST(idt, exception_goes_through_the_threads_own_table)
{
    l4_umword_t flags, cs, esp;

    begin(2);
    __asm__ volatile("stc\n\tpushfl\n\tpopl %0\n\tmovl %%cs, %1\n\t"
                     "movl %%esp, %2" : "=r"(flags), "=r"(cs), "=r"(esp));
    check(divide() == REPAIRED);
    end();
    check(times == 1 && found.error == NO_CODE && found.cs == cs);
    check((found.eflags & 0x200) && found.esp > esp - 256 &&
          found.esp <= esp);
}

static l4_umword_t bad_selector(void)
{
    l4_umword_t result;

    __asm__ volatile("movw %w1, %%fs" : "=a"(result) : "c"(0x78));
    return result;
}

static l4_umword_t privileged(void)
{
    l4_umword_t result;

    __asm__ volatile("hlt" : "=a"(result));
    return result;
}

TEST(idt, error_code_is_pushed_where_the_processor_has_one)
{
    begin(2);
    check(bad_selector() == REPAIRED && found.error == 0x78);
    skip = 1;
    check(privileged() == REPAIRED && found.error == 0);
    check(*(const l4_uint8_t *)found.eip == 0xf4);
    end();
}

static l4_umword_t int_80(void)
{
    l4_umword_t result;

    __asm__ volatile("int $0x80" : "=a"(result));
    return result;
}

TEST(idt, software_interrupt_80_enters_its_gate_and_returns_behind_it)
{
    begin(0);
    check(int_80() == REPAIRED && times == 1);
    check(found.error == NO_CODE);
    check(*(const l4_uint16_t *)(found.eip - 2) == 0x80cd);
    end();
}

static l4_umword_t int_80_with_prefix(void)
{
    l4_umword_t result;

    __asm__ volatile(".byte 0x66, 0x3e\n\tint $0x80" : "=a"(result));
    return result;
}

static l4_umword_t int_13(void)
{
    l4_umword_t result;

    __asm__ volatile("int $13" : "=a"(result));
    return result;
}

TEST(idt, software_interrupt_may_have_prefixes)
{
    begin(0);
    check(int_80_with_prefix() == REPAIRED && times == 1);
    end();
}

TEST(idt, software_interrupt_to_a_gate_of_the_kernels_is_a_protection_fault)
{
    begin(2);
    set_gate(0x80, gate_without_code, GATE_KERNEL);
    check(int_80() == REPAIRED);
    check(found.error == 0x80 * 8 + 2);
    check(*(const l4_uint16_t *)found.eip == 0x80cd);
    check(int_13() == REPAIRED && found.error == 13 * 8 + 2);
    end();
}

static l4_umword_t breakpoint(void)
{
    l4_umword_t result;

    __asm__ volatile("int3" : "=a"(result));
    return result;
}

static l4_umword_t step(void)
{
    l4_umword_t result;

    __asm__ volatile("pushfl\n\torl $0x100, (%%esp)\n\tpopfl\n\t"
                     "nop\n\tpushfl\n\tandl $~0x100, (%%esp)\n\tpopfl"
                     : "=a"(result) : : "cc");
    return result;
}

TEST(idt, breakpoint_and_single_steps_go_through_the_table)
{
    begin(0);
    check(breakpoint() == REPAIRED && times == 1);
    check(*(const l4_uint8_t *)(found.eip - 1) == 0xcc);
    /* nop, pushf, and, popf; inside of the gate there are no steps. */
    times = 0;
    check(step() == REPAIRED && times == 4);
    end();
}

/* ---- lidt ---- */

static bool is_loaded(void)
{
    times = 0;
    bool entered = int_80() == REPAIRED && times == 1;
    load_table(0, 0);
    return entered;
}

/* An LIDT of the given form; EBP, too, is %0. */
#define LIDT(form, value)                                           \
    do {                                                            \
        __asm__ volatile("pushl %%ebp\n\tmovl %%eax, %%ebp\n\t"     \
                         form "\n\tpopl %%ebp"                      \
                         : : "a"((l4_umword_t)(value)), "c"(1),     \
                             "d"((l4_umword_t)&p - 16)              \
                         : "memory");                               \
        check(is_loaded());                                         \
    } while (0)

static struct pointer p;

TEST(idt, lidt_takes_every_form_of_address)
{
    begin(0);
    p = (struct pointer){ sizeof(table) - 1, (l4_umword_t)table };
    load_table(0, 0);
    LIDT("lidt p", 0);
    LIDT("lidt (%%eax)", &p);
    LIDT("lidt 4(%%eax)", (l4_umword_t)&p - 4);
    LIDT("lidt -5(%%eax)", (l4_umword_t)&p + 5);
    LIDT("lidt 0x12345(%%eax)", (l4_umword_t)&p - 0x12345);
    LIDT("lidt (%%ebp)", &p);
    LIDT("lidt 8(%%ebp)", (l4_umword_t)&p - 8);
    LIDT("lidt 16(%%edx)", 0);
    LIDT("lidt 8(%%edx,%%ecx,8)", 0);
    LIDT("lidt (%%eax,%%ecx,4)", (l4_umword_t)&p - 4);
    LIDT("lidt 3(%%ebp,%%ecx)", (l4_umword_t)&p - 4);
    LIDT("lidt p-2(,%%ecx,2)", 0);
    LIDT("pushl 2(%%eax)\n\tpushw (%%eax)\n\tlidt (%%esp)\n\t"
         "leal 6(%%esp), %%esp", &p);
    LIDT("pushl 2(%%eax)\n\tpushw (%%eax)\n\tpushl $0\n\tlidt 4(%%esp)\n\t"
         "leal 10(%%esp), %%esp", &p);
    LIDT("lidt %%ds:(%%eax)", &p);
    LIDT("lidt %%es:(%%eax)", &p);
    LIDT("lidt %%cs:(%%eax)", &p);
    LIDT("lidt %%ss:(%%eax)", &p);
    LIDT("lidt %%fs:(%%eax)", &p);
    /* With 16-bit operands the base has 24 bits: enough here. */
    LIDT(".byte 0x66\n\tlidt (%%eax)", &p);
    end();
}

static l4_umword_t lidt_of_other_segment(void)
{
    static struct self self;
    struct tls_value v = tls_value_of(&self);
    l4_umword_t result;

    end();
    l4_thread_tls(0, v.low, v.high);
    __asm__ volatile("movw %w1, %%fs\n\tlidt %%fs:0"
                     : "=a"(result) : "c"(L4_TLS_SELECTOR(0)));
    return result;
}

static l4_umword_t lidt_of_short_address(void)
{
    l4_umword_t result;

    end();
    __asm__ volatile(".byte 0x67, 0x0f, 0x01, 0x1f"     /* lidt (%bx) */
                     : "=a"(result) : "b"(&p));
    return result;
}

static l4_umword_t store_task(void)
{
    l4_umword_t result;

    end();
    __asm__ volatile("ltr %%cx" : "=a"(result) : "c"(0));
    return result;
}

TEST(idt, what_is_no_lidt_of_the_flat_space_stays_a_protection_fault)
{
    check(trap_is_repaired(lidt_of_other_segment, 13, 8));
    check(trap_is_repaired(lidt_of_short_address, 13, 4));
    check(trap_is_repaired(store_task, 13, 3));
}

/* ---- tables of no use ---- */

static volatile enum {
    OUTSIDE, ABSENT, OF_16_BITS, TABLE_IN_THE_KERNEL, TARGET_IN_THE_KERNEL,
    STACK_IN_THE_KERNEL, STACK_BELOW_ZERO, BROKEN_KINDS
} broken;

static l4_umword_t divide_with_broken_table(void)
{
    l4_umword_t result, esp = 0;

    begin(2);
    switch (broken) {
    case OUTSIDE:
        load_table(table, 7);
        break;
    case ABSENT:
        set_gate(0, gate_without_code, GATE_ABSENT);
        break;
    case OF_16_BITS:
        set_gate(0, gate_without_code, GATE_16BIT);
        break;
    case TABLE_IN_THE_KERNEL:
        load_table((void *)0xc0400000, 0x800);
        break;
    case TARGET_IN_THE_KERNEL:
        set_gate(0, (void (*)(void))0xc0400000, GATE_USER);
        break;
    case STACK_IN_THE_KERNEL:
        esp = 0xc0400000;
        break;
    default:
        esp = 4;
    }
    if (!esp) {
        result = divide();
        end();
        return result;
    }
    __asm__ volatile("movl %%esp, %%esi\n\tmovl %2, %%esp\n\tdivl %%ecx\n\t"
                     "movl %%esi, %%esp"
                     : "=a"(result) : "c"(0), "b"(esp), "a"(1), "d"(0)
                     : "esi", "memory");
    end();
    return result;
}

TEST(idt, table_of_no_use_leaves_the_exception_to_the_handler)
{
    for (unsigned i = 0; i < BROKEN_KINDS; i++) {
        broken = i;
        check(trap_is_repaired(divide_with_broken_table, 0, 2));
        check(times == 0);
        helpers_stop_threads();
    }
}

static l4_umword_t divide_with_table(void)
{
    begin(2);
    return divide();
}

TEST(idt, handler_that_wants_registers_gets_the_exceptions)
{
    struct l4_utcb *u = l4_utcb();
    l4_threadid_t t = trap_start(divide_with_table);

    check(trap_receive(t, BIT(L4_REG_IP)) == 13);   /* lidt itself */
    u->reg[L4_REG_IP] = (l4_umword_t)sleep_forever;
    u->changed = BIT(L4_REG_IP);
    trap_answer(t);
    check(times == 0 && trap_result == 0);
}

static l4_umword_t divide_without_table(void)
{
    end();
    return divide();
}

TEST(idt, table_is_the_threads_own)
{
    begin(2);
    check(trap_is_repaired(divide_without_table, 0, 2));
    check(times == 0 && divide() == REPAIRED && times == 1);
    end();
}

/* ---- memory that is not there yet ---- */

static volatile l4_umword_t in_task;

/* Each of these crosses from one page into the next. */
#define FAR_GATE        ((struct gate *)(test_memory + 4096 - 4))
#define FAR_POINTER     ((struct pointer *)(test_memory + 3 * 4096 - 3))
#define FAR_STACK       (test_memory + 5 * 4096 + 4)

/* A creature: its pager gives it each page when it touches it. It has not
   touched these, and the exception is a trap, whose instruction cannot be run
   again. */
static void trap_with_pages_missing(void *unused)
{
    l4_umword_t result;

    (void)unused;
    __asm__ volatile("lidt %0" : : "m"(*FAR_POINTER));
    __asm__ volatile("movl %%esp, %%esi\n\tmovl %1, %%esp\n\tint3\n\t"
                     "movl %%esi, %%esp"
                     : "=a"(result) : "r"(FAR_STACK) : "esi", "memory");
    in_task = result;
    sleep_forever();
}

TEST(idt, missing_pages_are_asked_for_and_the_exception_comes_then)
{
    begin(0);
    end();
    *FAR_GATE = table[3];
    *FAR_POINTER = (struct pointer){ 31, (l4_umword_t)(FAR_GATE - 3) };
    in_task = times = 0;
    start_task(trap_with_pages_missing, 0);
    for (unsigned i = 0; i < 100 && !in_task; i++)
        l4_ipc_sleep(timeout_us(MSEC(1)));
    check(in_task == REPAIRED && times == 1);
    check(found.esp == (l4_umword_t)FAR_STACK);
}

static volatile bool elsewhere;

static void be_elsewhere(void)
{
    end();
    elsewhere = true;
    sleep_forever();
}

static bool gets_elsewhere(l4_threadid_t t)
{
    static char stack[2048] __attribute__((aligned(16)));
    l4_threadid_t preempter = L4_INVALID_ID, pager = L4_INVALID_ID;
    l4_umword_t flags, ip, sp;

    elsewhere = false;
    l4_thread_ex_regs(t, (l4_umword_t)be_elsewhere,
                      (l4_umword_t)stack + sizeof(stack) - 64, &preempter,
                      &pager, &flags, &ip, &sp);
    l4_ipc_sleep(timeout_us(MSEC(2)));
    return elsewhere;
}

static l4_umword_t trap_on_missing_stack(void)
{
    begin(0);
    __asm__ volatile("movl $0x33333340, %%esp\n\tint3" : : : "memory");
    return 1;
}

static bool faults_on_its_stack(l4_threadid_t t)
{
    l4_umword_t w0 = 0, w1 = 0;

    return receive2(t, &w0, &w1) == 0 && w0 == (0x33333334 | 2);
}

TEST(idt, thread_sent_elsewhere_leaves_its_exception_behind)
{
    l4_threadid_t t = trap_start(trap_on_missing_stack);

    check(faults_on_its_stack(t));
    check(gets_elsewhere(t) && times == 0);
}

TEST(idt, stack_that_the_pager_does_not_give_is_asked_for_again)
{
    l4_threadid_t t = trap_start(trap_on_missing_stack);

    for (unsigned i = 0; i < 3; i++) {
        check(faults_on_its_stack(t));
        trap_answer(t);
    }
    check(faults_on_its_stack(t) && times == 0);
    check(gets_elsewhere(t));
}
