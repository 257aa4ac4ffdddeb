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

bool tls_is_kept(void)
{
    return true;
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

/* ---- traps ---- */

const enum l4_reg result_register = L4_REG_V0;

#define TRAP(name, instruction, ...)                        \
    static l4_umword_t name(void)                           \
    {                                                       \
        register l4_umword_t result __asm__("$2") = 0;      \
        __asm__ volatile(".set push\n\t.set noreorder\n\t"  \
                         ".set noat\n\t" instruction "\n\t" \
                         ".set pop"                         \
                         : "+r"(result) : __VA_ARGS__);     \
        return result;                                      \
    }

static l4_umword_t memory[2];
#define ODD     "r"((char *)memory + 1)

TRAP(unaligned_load, "lw $2, 0(%1)", ODD)
TRAP(unaligned_store, "sd $0, 0(%1)", ODD : "memory")
TRAP(breakpoint, "break 5")
TRAP(trap, "teq $0, $0, 7")
TRAP(undefined, ".word 0x7c00003f")
TRAP(overflow, "addi $2, %1, 1", "r"(0x7fffffffl))
TRAP(control_register, "mfc0 $2, $12")
TRAP(coprocessor, ".word 0xc8000000")    /* lwc2 $0, 0($0) */
TRAP(kernel_address, "lw $2, 0(%1)", "r"(0xffffffff80000000ul))
TRAP(break_in_slot, "b 1f\n\t break 6\n\tli $2, 1\n1:")

TEST(mips64, unaligned_access_is_repaired_by_the_handler)
{
    check(trap_is_repaired(unaligned_load, 4, 4));
    check(l4_utcb()->code == (l4_umword_t)memory + 1);
    check(trap_is_repaired(unaligned_store, 5, 4));
    check(l4_utcb()->code == (l4_umword_t)memory + 1);
}

TEST(mips64, address_of_the_kernel_is_repaired_by_the_handler)
{
    check(trap_is_repaired(kernel_address, 4, 4));
    check(l4_utcb()->code == 0xffffffff80000000ul);
}

TEST(mips64, breakpoint_is_repaired_by_the_handler)
{
    check(trap_is_repaired(breakpoint, 9, 4));
}

TEST(mips64, trap_instruction_is_repaired_by_the_handler)
{
    check(trap_is_repaired(trap, 13, 4));
}

TEST(mips64, undefined_instruction_is_repaired_by_the_handler)
{
    check(trap_is_repaired(undefined, 10, 4));
}

TEST(mips64, integer_overflow_is_repaired_by_the_handler)
{
    check(trap_is_repaired(overflow, 12, 4));
}

TEST(mips64, privileged_instruction_is_repaired_by_the_handler)
{
    check(trap_is_repaired(control_register, 11, 4));
}

TEST(mips64, coprocessor_that_is_not_there_is_repaired_by_the_handler)
{
    check(trap_is_repaired(coprocessor, 11, 4));
}

#define CAUSE_BD    0x80000000ul

/* IP is the branch; what the handler skips is branch, slot and load. */
TEST(mips64, breakpoint_in_a_delay_slot_comes_with_the_branch)
{
    struct l4_utcb *u = l4_utcb();
    l4_threadid_t t = trap_start(break_in_slot);

    check(trap_receive(t, BIT(L4_REG_CAUSE) | BIT(L4_REG_IP)) == 9);
    check(u->reg[L4_REG_CAUSE] & CAUSE_BD);
    u->reg[L4_REG_IP] += 12;
    u->reg[L4_REG_V0] = 77;
    u->changed = BIT(L4_REG_IP) | BIT(L4_REG_V0);
    trap_answer(t);
    check(trap_result == 77);
}

/* ---- floating point ---- */

#define FCSR_ENABLE_ZERO    0x400

static l4_umword_t fpu_divide(void)
{
    register l4_umword_t result __asm__("$2") = 0;

    __asm__ volatile("ctc1 %1, $31\n\t"
                     "dmtc1 $0, $f0\n\t"
                     "dmtc1 %2, $f1\n\t"
                     "div.d $f0, $f1, $f0\n\t"
                     "ctc1 $0, $31"
                     : "+r"(result)
                     : "r"(FCSR_ENABLE_ZERO), "r"(0x3ff0000000000000l)
                     : "$f0", "$f1");
    return result;
}

/* With other threads' use of the FPU in between: the cause of the exception
   must not raise it again, in the kernel, when the registers come back. */
TEST(mips64, floating_point_exception_is_repaired_by_the_handler)
{
    check(trap_is_repaired(fpu_divide, 15, 4));
    l4_threadid_t t = trap_start(fpu_divide);
    check(trap_receive(t, BIT(L4_REG_IP)) == 15);
    check(fpu_survives(1));
    l4_utcb()->reg[L4_REG_IP] += 4;
    l4_utcb()->reg[L4_REG_V0] = 78;
    l4_utcb()->changed = BIT(L4_REG_IP) | BIT(L4_REG_V0);
    trap_answer(t);
    check(trap_result == 78);
}

#define REGISTERS   32

#define EACH(op, base)                                                  \
    op " $f0, 0(" base ")\n\t" op " $f1, 8(" base ")\n\t"               \
    op " $f2, 16(" base ")\n\t" op " $f3, 24(" base ")\n\t"             \
    op " $f4, 32(" base ")\n\t" op " $f5, 40(" base ")\n\t"             \
    op " $f6, 48(" base ")\n\t" op " $f7, 56(" base ")\n\t"             \
    op " $f8, 64(" base ")\n\t" op " $f9, 72(" base ")\n\t"             \
    op " $f10, 80(" base ")\n\t" op " $f11, 88(" base ")\n\t"           \
    op " $f12, 96(" base ")\n\t" op " $f13, 104(" base ")\n\t"          \
    op " $f14, 112(" base ")\n\t" op " $f15, 120(" base ")\n\t"         \
    op " $f16, 128(" base ")\n\t" op " $f17, 136(" base ")\n\t"         \
    op " $f18, 144(" base ")\n\t" op " $f19, 152(" base ")\n\t"         \
    op " $f20, 160(" base ")\n\t" op " $f21, 168(" base ")\n\t"         \
    op " $f22, 176(" base ")\n\t" op " $f23, 184(" base ")\n\t"         \
    op " $f24, 192(" base ")\n\t" op " $f25, 200(" base ")\n\t"         \
    op " $f26, 208(" base ")\n\t" op " $f27, 216(" base ")\n\t"         \
    op " $f28, 224(" base ")\n\t" op " $f29, 232(" base ")\n\t"         \
    op " $f30, 240(" base ")\n\t" op " $f31, 248(" base ")\n\t"

#define ALL_F                                                           \
    "$f0", "$f1", "$f2", "$f3", "$f4", "$f5", "$f6", "$f7", "$f8",      \
    "$f9", "$f10", "$f11", "$f12", "$f13", "$f14", "$f15", "$f16",      \
    "$f17", "$f18", "$f19", "$f20", "$f21", "$f22", "$f23", "$f24",     \
    "$f25", "$f26", "$f27", "$f28", "$f29", "$f30", "$f31"

/* Between filling and looking no code of the compiler's may run: the call is
   thread_switch to nil. */
bool fpu_survives(l4_uint32_t seed)
{
    l4_uint64_t value[REGISTERS], found[REGISTERS];
    bool same = true;

    for (unsigned i = 0; i < REGISTERS; i++)
        value[i] = (l4_uint64_t)seed << 32 | (seed * 100 + i);
    register l4_umword_t from __asm__("$6") = (l4_umword_t)value;
    register l4_umword_t to __asm__("$7") = (l4_umword_t)found;
    __asm__ volatile("daddiu $29, $29, -16\n\tsd $7, 0($29)\n\t"
                     "sd $30, 8($29)\n\t"
                     EACH("ldc1", "$6")
                     "move $4, $0\n\tli $2, 3\n\tsyscall\n\t"
                     "ld $7, 0($29)\n\tld $30, 8($29)\n\t"
                     "daddiu $29, $29, 16\n\t"
                     EACH("sdc1", "$7")
                     : "+r"(from), "+r"(to)
                     : : "$2", "$3", "$4", "$5", "$8", "$9", "$10", "$11",
                         "$12", "$13", "$14", "$15", "$16", "$17", "$18",
                         "$19", "$20", "$21", "$22", "$23", "$24", "$25",
                         "$31", "hi", "lo", "memory", ALL_F);
    for (unsigned i = 0; i < REGISTERS; i++)
        same = same && value[i] == found[i];
    return same;
}

static l4_umword_t fcsr(void)
{
    l4_umword_t value;

    __asm__ volatile("cfc1 %0, $31" : "=r"(value));
    return value;
}

bool fpu_is_fresh(void)
{
    l4_uint64_t found[REGISTERS], all = 0;

    __asm__ volatile(EACH("sdc1", "%0") : : "r"(found) : "memory");
    l4_umword_t status = fcsr();
    for (unsigned i = 0; i < REGISTERS; i++)
        all |= found[i];
    return all == 0 && status == 0;
}

void fpu_set_rounding(unsigned mode)
{
    l4_umword_t value = (fcsr() & ~3ul) | mode;

    __asm__ volatile("ctc1 %0, $31" : : "r"(value));
}

unsigned fpu_rounding(void)
{
    return fcsr() & 3;
}

/* ---- registers in exceptions ---- */

const l4_umword_t general_registers = (BIT(L4_REG_HI + 1) - 1) & ~BIT(L4_REG_SP);

l4_umword_t trap_register_mask(unsigned reg)
{
    /* Cause also shows lines that interrupt, BadVAddr is the last refill's. */
    return reg == L4_REG_CAUSE ? 0x8000007c
           : reg == L4_REG_BADVADDR ? 0 : ~(l4_umword_t)0;
}

void trap_forbidden_values(l4_umword_t *reg)
{
    reg[L4_REG_STATUS] = reg[L4_REG_CAUSE] = 0;
}
