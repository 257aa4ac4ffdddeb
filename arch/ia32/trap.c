/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ia32: what each trap means, and the interrupt descriptor table that Version
 * 2 emulates for every thread.
 *
 * A program installs its table with LIDT, which traps, since it is for the
 * kernel's privilege level only, and is carried out here. From then on its
 * exceptions, and its `int n` that are no calls of the kernel, go through its
 * gates as if it had the processor to itself: flags, CS, IP and the error
 * code are pushed on its own stack. IRET needs no help.
 *
 * Whatever is read or written in the program's memory is found before
 * anything changes. A table of no use leaves the exception to the handler.
 */
#include "arch.h"
#include "panic.h"
#include "sched.h"
#include "small.h"
#include "tcb.h"
#include "usermem.h"

/* ---- the emulated table ---- */

/* The instruction that trapped, as far as it has been read. */
struct instruction {
    struct tcb *thread;
    struct user_fault *fault;
    uint32_t next;              /* address of its next byte */
    enum reflection trouble;    /* what has come in the way */
    bool small_operand;         /* prefix 66 */
    uint32_t segment;           /* selector by prefix, or 0 */
};

/* A fault for the pager, unless it can do nothing about it. */
static enum reflection missing(const struct user_fault *fault)
{
    return fault->never ? REFLECT_NONE : REFLECT_FAULT;
}

static void fetch(struct instruction *i, void *to, uint32_t bytes)
{
    const struct user_bytes range = { i->thread, i->next, bytes };

    if (i->trouble == REFLECT_DONE && !user_read_bytes(&range, to, i->fault))
        i->trouble = missing(i->fault);
    i->next += bytes;
}

static uint8_t fetch_byte(struct instruction *i)
{
    uint8_t byte = 0;

    fetch(i, &byte, sizeof(byte));
    return byte;
}

#define INSTRUCTION_MAX 15      /* bytes (SDM 2A, 2.3.11) */

/* Read what stands in front of the opcode: its first byte is returned. */
static uint8_t fetch_opcode(struct instruction *i)
{
    const struct arch_frame *f = &i->thread->frame;

    for (unsigned n = 0; n < INSTRUCTION_MAX; n++) {
        uint8_t byte = fetch_byte(i);
        switch (byte) {
        case 0x26: i->segment = f->es; break;
        case 0x2E: i->segment = f->cs; break;
        case 0x36: i->segment = f->ss; break;
        case 0x3E: i->segment = f->ds; break;
        case 0x64: i->segment = f->fs; break;
        case 0x65: i->segment = f->gs; break;
        case 0x66: i->small_operand = true; break;
        case 0xF2:
        case 0xF3: break;
        default: return byte;
        }
    }
    i->trouble = REFLECT_NONE;
    return 0;
}

static uint32_t general_register(const struct arch_frame *f, unsigned n)
{
    const uint32_t value[] = { f->eax, f->ecx, f->edx, f->ebx,
                               f->esp, f->ebp, f->esi, f->edi };
    return value[n & 7];
}

#define NO_BASE     5       /* in ModRM or SIB, with mod 0: 32 bits instead */
#define HAS_SIB     4       /* in ModRM; in SIB: no index */
#define BASE_ESP    4
#define BASE_EBP    5

/* The address in memory that ModRM and what follows it name, in the 32-bit
   forms (SDM 2A, 2.1.5). */
static uint32_t fetch_address(struct instruction *i, uint8_t modrm)
{
    const struct arch_frame *f = &i->thread->frame;
    unsigned mod = modrm >> 6, base = modrm & 7;
    uint32_t address = 0, displacement = 0;

    if (base == HAS_SIB) {
        uint8_t sib = fetch_byte(i);
        unsigned index = sib >> 3 & 7;
        base = sib & 7;
        if (index != HAS_SIB)
            address = general_register(f, index) << (sib >> 6);
    }
    if (mod == 1)
        displacement = (uint32_t)(int8_t)fetch_byte(i);
    else if (mod == 2 || base == NO_BASE)
        fetch(i, &displacement, sizeof(displacement));
    if (mod != 0 || base != NO_BASE) {
        address += general_register(f, base);
        if (!i->segment && (base == BASE_ESP || base == BASE_EBP))
            i->segment = f->ss;
    }
    if (!i->segment)
        i->segment = f->ds;
    return address + displacement;
}

/* All of the address space, at its own addresses? */
static bool is_flat(uint32_t selector)
{
    return (selector | 3) == USER_CS || (selector | 3) == USER_DS;
}

#define LIDT_1      0x0F
#define LIDT_2      0x01
#define LIDT_MODRM(byte)    (((byte) >> 3 & 7) == 3 && (byte) >> 6 != 3)

/* Is it LIDT that trapped? Then carry it out. */
static enum reflection emulate_lidt(struct tcb *t, struct user_fault *fault)
{
    struct instruction i = {
        .thread = t, .fault = fault, .next = t->frame.eip,
        .trouble = REFLECT_DONE,
    };
    struct {
        uint16_t limit;
        uint32_t base;
    } __attribute__((packed)) table;

    if (fetch_opcode(&i) != LIDT_1 || fetch_byte(&i) != LIDT_2)
        return i.trouble == REFLECT_FAULT ? REFLECT_FAULT : REFLECT_NONE;
    uint8_t modrm = fetch_byte(&i);
    uint32_t address = fetch_address(&i, modrm);
    if (i.trouble != REFLECT_DONE)
        return i.trouble;
    if (!LIDT_MODRM(modrm) || !is_flat(i.segment) ||
        i.next - t->frame.eip > INSTRUCTION_MAX)
        return REFLECT_NONE;
    const struct user_bytes operand = { t, address, sizeof(table) };
    if (!user_read_bytes(&operand, &table, fault))
        return missing(fault);
    t->arch.idt_base = i.small_operand ? table.base & 0xFFFFFF : table.base;
    t->arch.idt_limit = table.limit;
    t->frame.eip = i.next;
    return REFLECT_DONE;
}

/* Gates (SDM 3, 6.11): a present interrupt or trap gate of 32 bits. */
#define GATE_CHECKED    0x9E00u
#define GATE_FIT        0x8E00u
#define GATE_USER       0x6000u     /* DPL 3: `int n` may use it */

/* The offset of t's gate for a vector. REFLECT_NONE: there is none of use. */
static enum reflection read_gate(struct tcb *t, unsigned vector,
                                 uint32_t gate[2], struct user_fault *fault)
{
    const struct user_bytes range = { t, t->arch.idt_base + vector * 8, 8 };

    if (vector * 8 + 7 > t->arch.idt_limit)
        return REFLECT_NONE;
    if (!user_read_bytes(&range, gate, fault))
        return missing(fault);
    return (gate[1] & GATE_CHECKED) == GATE_FIT ? REFLECT_DONE : REFLECT_NONE;
}

/* Which vectors come with an error code (SDM 3, table 6-1). */
#define HAS_ERROR_CODE(vector)  (0x27D00u >> (vector) & 1)

/* Go through a gate: `words` of the frame to push, lowest address first. */
static enum reflection enter_gate(struct tcb *t, const uint32_t gate[2],
                                  const uint32_t *words, unsigned count,
                                  struct user_fault *fault)
{
    struct arch_frame *f = &t->frame;
    uint32_t target = (gate[1] & 0xFFFF0000) | (gate[0] & 0xFFFF);
    const struct user_bytes stack = { t, f->esp - 4 * count, 4 * count };

    if (target >= USER_TOP || !is_flat(f->ss))
        return REFLECT_NONE;
    if (!user_write_bytes(&stack, words, fault))
        return missing(fault);
    f->esp = stack.va;
    f->eip = target;
    f->eflags &= ~(uint32_t)(EFLAGS_TF | EFLAGS_NT | EFLAGS_RF);
    return REFLECT_DONE;
}

static enum reflection reflect(struct tcb *t, unsigned vector, uint32_t error,
                               struct user_fault *fault)
{
    const struct arch_frame *f = &t->frame;
    const uint32_t words[] = { error, f->eip, USER_CS, f->eflags };
    unsigned skip = HAS_ERROR_CODE(vector) ? 0 : 1;
    uint32_t gate[2];
    enum reflection r = read_gate(t, vector, gate, fault);

    if (r != REFLECT_DONE)
        return r;
    return enter_gate(t, gate, words + skip, 4 - skip, fault);
}

#define OPCODE_INT  0xCD

/* `int n` that the kernel's own table does not let through. REFLECT_NONE:
   nor does the thread's, so that it is a protection fault. */
static enum reflection reflect_int(struct tcb *t, unsigned vector,
                                   struct user_fault *fault)
{
    struct instruction i = {
        .thread = t, .fault = fault, .next = t->frame.eip,
        .trouble = REFLECT_DONE,
    };
    uint32_t gate[2];
    enum reflection r = read_gate(t, vector, gate, fault);

    if (r != REFLECT_DONE)
        return r;
    if (fetch_opcode(&i) != OPCODE_INT || fetch_byte(&i) != vector ||
        i.trouble != REFLECT_DONE)
        return i.trouble == REFLECT_FAULT ? REFLECT_FAULT : REFLECT_NONE;
    if ((gate[1] & GATE_USER) != GATE_USER)
        return REFLECT_NONE;
    const uint32_t words[] = { i.next, USER_CS, t->frame.eflags };
    return enter_gate(t, gate, words, 3, fault);
}

/* In the error code of a protection fault: the IDT's entry is to blame. */
#define ERROR_IDT       2
#define ERROR_INDEX(e)  ((e) >> 3 & 0xFF)

enum reflection arch_reflect(struct tcb *t, word_t number, word_t code,
                             struct user_fault *fault)
{
    enum reflection r = REFLECT_NONE;

    if (number >= VECTOR_TRAPS)
        return REFLECT_NONE;
    if (number == VECTOR_GENERAL && code == 0)
        r = emulate_lidt(t, fault);
    else if (number == VECTOR_GENERAL && code & ERROR_IDT)
        r = reflect_int(t, ERROR_INDEX(code), fault);
    return r == REFLECT_NONE ? reflect(t, number, code, fault) : r;
}

/* ---- traps ---- */

struct arch_frame trap_frame;

static const char *const trap_names[VECTOR_TRAPS] = {
    "divide error", "debug trap", "non-maskable interrupt", "breakpoint",
    "overflow", "bound exceeded", "invalid opcode", "FPU used",
    "double fault", "FPU segment overrun", "invalid TSS",
    "segment not present", "stack fault", "general protection", "page fault",
    "reserved trap", "FPU error", "alignment check", "machine check",
    "SSE error"
};

void kernel_panic(void)
{
    uint32_t vector = trap_frame.entry;

    panic_trap(&trap_frame, trap_names[vector],
               vector == VECTOR_PAGE_FAULT ? read_cr2() : 0);
}

/* In a small space. Away from it there is a fault only where the CPU does not
   check limits, as simulators do not. */
static void small_fault(struct tcb *t, uint32_t address)
{
    struct space *s = t->space;

    if (address - s->arch.base >= s->arch.size)
        small_leave(s);
    else if (!small_fill(s, address))
        return;
    sched_resume(t);
}

static NORETURN void page_fault(uint32_t address, word_t error)
{
    const struct space *s = current->space;

    /* The CPU missed something in its own name (SDM 3, 4.6): the I/O bitmap,
       which a space without ports does not have. */
    if (!(error & PF_USER))
        exception_entry(VECTOR_GENERAL, 0);
    if (small_number(s))
        small_fault(current, address);
    fault_entry(address - s->arch.base,
                error & PF_WRITE ? RIGHT_WRITE : RIGHT_READ);
}

/* Beyond its segments, perhaps; what else it may be shows when the space is a
   large one. */
static void grow(struct tcb *t)
{
    if (!small_number(t->space))
        return;
    small_leave(t->space);
    sched_resume(t);
}

void user_trap(word_t vector, word_t error)
{
    switch (vector) {
    case VECTOR_PAGE_FAULT:
        page_fault(read_cr2(), error);
    case VECTOR_NO_FPU:
        fpu_take(current);
        arch_resume(current);
    case VECTOR_NMI:
    case VECTOR_MACHINE_CHECK:
        /* The machine is broken; the thread is not to blame. */
        panic_trap(&current->frame, trap_names[vector], 0);
    case VECTOR_STACK:
    case VECTOR_GENERAL:
        if (error == 0)
            grow(current);
        exception_entry(vector, error);
    default:
        exception_entry(vector, error);
    }
}

/* Found in current's frame on the way out: the thread's fault, as if it had
   loaded the selector itself. All get a value that can be loaded. */
void bad_selector(word_t error)
{
    struct arch_frame *f = &current->frame;

    f->ds = f->es = f->fs = f->gs = USER_DS;
    f->entry = VECTOR_GENERAL;
    exception_entry(VECTOR_GENERAL, error);
}
