/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What only the registers of this processor show of the fast path, and of
 * arch/mips64/ipc_fast.S in particular.
 */
#include <hickory/thread.h>

#include "../../cpu.h"
#include "../../ktest.h"

#define REGISTERS   32

/* ---- all registers around a call ---- */

#define EACH(op)                                                            \
    op(1) op(3) op(5) op(6) op(7) op(8) op(9) op(10) op(11) op(12) op(13)   \
    op(14) op(15) op(24) op(25) op(28) op(30)
#define FILL(n)     "daddiu $" #n ", $2, " #n "\n\t"
#define STORE(n)    "sd $" #n ", 8*" #n "($31)\n\t"

/*
 * An IPC with markers in all registers without a role. What stands in the
 * registers afterwards is left in out[]. At 0, 8 and 16 of the stack: out, gp
 * and s8.
 */
static void ipc_and_look(l4_umword_t op, l4_threadid_t *partner,
                         l4_umword_t out[REGISTERS])
{
    register l4_umword_t v0 __asm__("$2") = op;
    register l4_umword_t a0 __asm__("$4") = partner->raw;
    register l4_umword_t t9 __asm__("$25") = (l4_umword_t)out;

    __asm__ volatile(".set push\n\t.set noat\n\t"
                     "daddiu $29, $29, -32\n\tsd $25, 0($29)\n\t"
                     "sd $28, 8($29)\n\tsd $30, 16($29)\n\t"
                     EACH(FILL)
                     "syscall\n\t"
                     "ld $31, 0($29)\n\t"
                     EACH(STORE)
                     "sd $2, 16($31)\n\tsd $4, 32($31)\n\t"
                     "ld $28, 8($29)\n\tld $30, 16($29)\n\t"
                     "daddiu $29, $29, 32\n\t"
                     ".set pop"
                     : "+r"(v0), "+r"(a0), "+r"(t9)
                     : : "$1", "$3", "$5", "$6", "$7", "$8", "$9", "$10",
                         "$11", "$12", "$13", "$14", "$15", "$16", "$17",
                         "$18", "$19", "$20", "$21", "$22", "$23", "$24",
                         "$31", "hi", "lo", "memory");
    partner->raw = a0;
}

/* The kernel's addresses are negative; the markers are not, nor any id,
   and addresses of programs neither. */
static bool is_clean(const l4_umword_t found[REGISTERS])
{
    for (unsigned i = 1; i < REGISTERS; i++)
        if ((l4_mword_t)found[i] < 0)
            return false;
    return found[5] == 0;
}

static volatile l4_umword_t at_server[REGISTERS], at_client[REGISTERS];

/* The second call finds it where its reply to the first has left it. */
static void look_and_serve(void *unused)
{
    static l4_umword_t later[REGISTERS];
    l4_umword_t *out = (l4_umword_t *)at_server;
    l4_threadid_t client = L4_NIL_ID;
    struct l4_words m = { { 0 } };

    (void)unused;
    l4_ipc_wait_words(&client, &m);
    for (;;) {
        ipc_and_look(L4_OP_REPLY_AND_WAIT | L4_OP_SEND_NOW, &client, out);
        out = later;
    }
}

static void look_at_both(l4_threadid_t server)
{
    struct l4_words m = { { 0 } };

    for (unsigned i = 0; i < REGISTERS; i++)
        at_server[i] = at_client[i] = ~0ul;
    at_server[0] = at_client[0] = at_server[26] = at_client[26] = 0;
    for (unsigned i = 16; i < 24; i++)      /* words, and at the end k, sp */
        at_server[i] = at_client[i] = 0;
    for (unsigned i = 27; i < 32; i += 2)
        at_server[i] = at_client[i] = 0;
    check(!L4_IPC_IS_ERROR(l4_ipc_call_words(server, &m)));
    ipc_and_look(L4_OP_CALL, &server, (l4_umword_t *)at_client);
    check(is_clean((const l4_umword_t *)at_server));
    check(is_clean((const l4_umword_t *)at_client));
    check(at_server[4] == l4_myself().raw && at_client[4] == server.raw);
}

TEST(mips64, message_inside_a_task_leaves_no_kernel_address_in_a_register)
{
    look_at_both(start_thread(look_and_serve, 0));
}

TEST(mips64, message_to_another_task_leaves_no_kernel_address_in_a_register)
{
    look_at_both(start_task(look_and_serve, 0));
}

/* ---- entry ---- */

static void echo(void *unused)
{
    l4_threadid_t client = L4_NIL_ID;
    struct l4_words m = { { 0 } };

    (void)unused;
    l4_ipc_wait_words(&client, &m);
    for (;;)
        l4_ipc_reply_and_wait_words(&client, &m);
}

#define IPC_CLOBBERS                                                    \
    "$1", "$3", "$6", "$7", "$8", "$9", "$10", "$11", "$12", "$13",     \
    "$14", "$15", "$17", "$18", "$19", "$20", "$21", "$22", "$23",      \
    "$24", "$25", "$30", "$31", "hi", "lo", "memory"

TEST(mips64, operation_word_in_a_delay_slot_goes_on_where_the_branch_leads)
{
    register l4_umword_t v0 __asm__("$2") = L4_OP_CALL;
    register l4_umword_t a0 __asm__("$4") = start_thread(echo, 0).raw;
    register l4_umword_t a1 __asm__("$5") = 1;
    register l4_umword_t s0 __asm__("$16") = 41;

    __asm__ volatile(".set push\n\t.set noreorder\n\t"
                     "syscall\n\t"
                     "li $2, %4\n\t"
                     "b 1f\n\t"
                     " syscall\n\t"
                     "li $16, 0\n"
                     "1:\tdaddiu $16, $16, 1\n\t"
                     ".set pop"
                     : "+r"(v0), "+r"(a0), "=r"(a1), "+r"(s0)
                     : "i"(L4_OP_CALL) : IPC_CLOBBERS);
    check(a1 == 0 && s0 == 42);
}

/* The number `high` << 32 | op. */
static l4_umword_t call_with(l4_umword_t high, l4_threadid_t server)
{
    register l4_umword_t v0 __asm__("$2") = high << 32 | L4_OP_CALL;
    register l4_umword_t a0 __asm__("$4") = server.raw;
    register l4_umword_t a1 __asm__("$5") = 1;
    register l4_umword_t s0 __asm__("$16") = 41;

    __asm__ volatile("syscall"
                     : "+r"(v0), "+r"(a0), "=r"(a1), "+r"(s0)
                     : : IPC_CLOBBERS);
    return a1 == 0 ? s0 : 0;
}

TEST(mips64, upper_half_of_the_number_is_not_looked_at)
{
    l4_threadid_t server = start_thread(echo, 0);

    for (unsigned bit = 0; bit < 32; bit++)
        check(call_with(1ul << bit, server) == 41);
}

static l4_umword_t break_with_number(void)
{
    register l4_umword_t result __asm__("$2") = L4_OP_CALL;

    __asm__ volatile("break 5" : "+r"(result));
    return result;
}

TEST(mips64, breakpoint_with_an_operation_word_at_hand_is_no_call)
{
    check(trap_is_repaired(break_with_number, 9, 4));
}

static l4_umword_t break_with_answer(void)
{
    register l4_umword_t result __asm__("$2") =
        L4_OP_REPLY_AND_WAIT | L4_OP_SEND_NOW | L4_OP_MAP;

    __asm__ volatile("break 5" : "+r"(result));
    return result;
}

TEST(mips64, breakpoint_with_the_word_of_an_answer_at_hand_is_no_answer)
{
    check(trap_is_repaired(break_with_answer, 9, 4));
}

/* ---- a foreign thread's registers come as they are ---- */

static l4_umword_t foreign_partner;

static l4_umword_t call_with_markers(void)
{
    register l4_umword_t v0 __asm__("$2") = L4_OP_CALL;
    register l4_umword_t a0 __asm__("$4") = foreign_partner;

    __asm__ volatile(".set push\n\t.set noat\n\t"
                     "daddiu $29, $29, -32\n\tsd $28, 8($29)\n\t"
                     "sd $30, 16($29)\n\t"
                     EACH(FILL)
                     "syscall\n\t"
                     "ld $28, 8($29)\n\tld $30, 16($29)\n\t"
                     "daddiu $29, $29, 32\n\t.set pop"
                     : "+r"(v0), "+r"(a0)
                     : : "$1", "$3", "$5", "$6", "$7", "$8", "$9", "$10",
                         "$11", "$12", "$13", "$14", "$15", "$16", "$17",
                         "$18", "$19", "$20", "$21", "$22", "$23", "$24",
                         "$25", "$31", "hi", "lo", "memory");
    return v0;
}

/* A register of the API by its number in the instruction set: those of the
   kernel have no place. */
static unsigned place_of(unsigned n)
{
    return n - 1 - (n > 27 ? 2 : 0);
}

#define CHECK_MARKER(n) \
    check(l4_utcb()->reg[place_of(n)] == L4_OP_CALL + n);

static bool make(l4_threadid_t t, l4_umword_t mode)
{
    l4_threadid_t preempter = L4_INVALID_ID, pager = L4_INVALID_ID;
    l4_umword_t flags, ip, sp;

    return l4_inter_task_ex_regs(t, LEAVE, LEAVE, &preempter, &pager, &flags,
                                 &ip, &sp, mode) == 0;
}

TEST(mips64, operation_word_of_a_foreign_thread_comes_with_all_registers)
{
    foreign_partner = start_thread(echo, 0).raw;
    l4_threadid_t t = trap_start(call_with_markers);
    check(make(t, L4_EX_FOREIGN));
    check(trap_receive(t, ~(l4_umword_t)0) != LEAVE);
    EACH(CHECK_MARKER)
    check(l4_utcb()->reg[place_of(2)] == L4_OP_CALL);
    check(l4_utcb()->reg[place_of(4)] == foreign_partner);
    check(l4_utcb()->reg[L4_REG_SP] != 0);
    check(make(t, L4_EX_NATIVE));
}

/* ---- ways out of the fast path of faults ---- */

/* A handler that waits in registers, as urgent as the thread that traps. What it
   hears first, and after its answer. */
static volatile l4_umword_t letter[2][2];
static volatile unsigned letters;

static void note_letter(const struct l4_words *m)
{
    letter[letters][0] = m->w[0];
    letter[letters++][1] = m->w[1];
}

static void hear_once(void *wanted)
{
    struct l4_words m;
    l4_threadid_t from = L4_NIL_ID;

    l4_utcb()->wanted_exception = (l4_umword_t)wanted;
    l4_ipc_wait_words(&from, &m);
    note_letter(&m);
    sleep_forever();
}

/* The answer changes the whole frame, and leads to an odd address. */
static void answer_odd(void *unused)
{
    struct l4_utcb *u = l4_utcb();
    struct l4_words m;
    l4_threadid_t from = L4_NIL_ID;

    (void)unused;
    u->wanted_exception = BIT(L4_REG_TLS) - 1;
    l4_ipc_wait_words(&from, &m);
    note_letter(&m);
    u->reg[L4_REG_EPC] |= 1;
    u->changed = BIT(L4_REG_TLS) - 1;
    l4_ipc_reply_and_wait_words(&from, &m);
    note_letter(&m);
    sleep_forever();
}

static l4_threadid_t start_both(void (*handle)(void *), l4_umword_t argument,
                                void (*trap)(void *), l4_umword_t mode)
{
    unsigned prio = (unsigned)thread_priority(l4_myself()) - 10;
    l4_threadid_t handler = start_thread_prio(handle, (void *)argument, prio);
    l4_threadid_t t;

    letters = 0;
    l4_ipc_sleep(timeout_us(MSEC(1)));
    t = start_thread_prio(trap, 0, prio);
    page_by(t, handler);
    check(make(t, mode));
    l4_ipc_sleep(timeout_us(MSEC(1)));
    return t;
}

static void call_in_delay_slot(void *unused)
{
    (void)unused;
    __asm__ volatile(".set push\n\t.set noreorder\n\t"
                     "1:\tb 1b\n\t"
                     " syscall\n\t"
                     ".set pop" : : : "$2", "memory");
}

TEST(mips64, foreign_call_in_a_delay_slot_is_told_where_the_branch_is)
{
    l4_threadid_t t = start_both(hear_once, BIT(L4_REG_EPC) | 0x1fa,
                                 call_in_delay_slot, L4_EX_FOREIGN);

    check(letters == 1 && (letter[0][0] & 0xf) == 5);
    check(*(const l4_uint32_t *)letter[0][1] >> 16 == 0x1000);  /* b */
    check(make(t, L4_EX_NATIVE));
}

static void break_here(void *unused)
{
    (void)unused;
    __asm__ volatile("break 5");
    sleep_forever();
}

TEST(mips64, odd_address_given_by_a_handler_is_an_address_error)
{
    start_both(answer_odd, 0, break_here, L4_EX_NATIVE);
    check(letters == 2 && letter[0][0] == (9 << 4 | 5));
    check(letter[1][0] == (4 << 4 | 5));        /* AdEL */
}

static void read_above(void *unused)
{
    (void)unused;
    (void)*(volatile char *)(1ul << 41);
    sleep_forever();
}

TEST(mips64, address_above_all_tables_is_told_to_the_handler)
{
    start_both(hear_once, 0, read_above, L4_EX_NATIVE);
    check(letters == 1 && letter[0][0] == 1ul << 41);
}

/* ---- address spaces ---- */

static l4_threadid_t common_server;
static volatile l4_umword_t answers;

static void call_common_server(void *unused)
{
    struct l4_words m = { { 1 } };

    (void)unused;
    for (unsigned i = 0; i < 3; i++)
        if (!L4_IPC_IS_ERROR(l4_ipc_call_words(common_server, &m)))
            answers += m.w[0];
    sleep_forever();
}

/* Hardware tells 255 apart; each of these needs one, and so does the server,
   which has to get a new one in between. */
TEST(mips64, three_hundred_address_spaces_call_one_server)
{
    common_server = start_task(echo, 0);
    l4_threadid_t t = start_task(call_common_server, 0);
    for (unsigned i = 0; i < 300; i++) {
        answers = 0;
        t = restart_task(t, call_common_server);
        for (unsigned tries = 0; answers < 3 && tries < 100; tries++)
            l4_ipc_sleep(timeout_us(100));
        check(answers == 3);
    }
}
