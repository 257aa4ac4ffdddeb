/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Thread control blocks: all that outlives a kernel entry for one thread.
 *
 * The kernel has one stack and never blocks, so a thread that waits in the
 * kernel is nothing but its TCB: a state, the parameters of its IPC and how
 * far it has got.
 */
#ifndef CORE_TCB_H
#define CORE_TCB_H

#include "arch.h"
#include "list.h"
#include "space.h"
#include "unmap.h"

enum thread_state {
    T_READY,        /* runs, or would like to */
    T_SENDING,      /* waits in its partner's send queue */
    T_RECEIVING,    /* waits for a message */
    T_TRANSFER,     /* in a transfer that goes on when the other side, or
                       the pager, has done its part */
    T_HALTED        /* waits for nothing; only lthread_ex_regs wakes it */
};

/*
 * The same word says in one number that a thread is *parked*: it waits for a
 * message in the way the fast paths know (ipc_fast.c, fault_fast.c), and with
 * what priority. Then ipc[] is not valid; ipc_settle() makes an ordinary
 * T_RECEIVING of it, and tcb_find() has done so for whoever comes by another
 * way.
 */
#define T_PARKED_FAULT  0x10u           /* + enum msg_kind: for the answer of
                                           `accepts` to its fault */
#define T_PARKED_IRQ    0x20u           /* for a message of its interrupt line; here
                                           ipc[] stays valid */
#define T_PARKED_SMALL  0x40u           /* of a small space (small.h), for anyone;
                                           + 1: for `accepts` only */
#define T_PARKED_OPEN   0x100u          /* + priority: for anyone */
#define T_PARKED_BUFFER 0x80000000u     /* + priority: for whom `buffer` says, by
                                           the gate, perhaps with a buffer */
#define T_PARKED_CLOSED 0x80000100u     /* + priority: for `accepts` only */

/* A sender's `limit`: T_PARKED_OPEN + priority, the least that its partner
   has to be for the fast path; or this: it may not take the fast path. */
#define LIMIT_NONE      0x7fffffffu

/* Why it may not: bits of `hold`. */
#define HOLD_UNKNOWN    1u      /* nobody has waited for it, nor it for others */
#define HOLD_FOREIGN    2u      /* its system calls are exceptions */
#define HOLD_QUEUE      4u      /* somebody waits to send to it */
#define HOLD_IRQ        8u      /* it is attached to an interrupt line */
#define HOLD_FPU        16u     /* the FPU is on for it */
#define HOLD_ARCH       32u     /* the port's fast path cannot switch it */
#define HOLD_SMALL      (ARCH_SMALL_SPACES * 64u)   /* its address space is small
                                   (small.h): only the fast path of register words
                                   can switch it; 0: there are none */
#define HOLD_SWITCH     (HOLD_ARCH | HOLD_SMALL)

/* What a thread sends, and so where the words of a message come from. */
enum msg_kind {
    MSG_USER,       /* the user's registers and buffer */
    MSG_FAULT,      /* kernel-made: a page fault */
    MSG_EXCEPTION,  /* kernel-made: an exception, or a stop */
    MSG_PREEMPTION  /* kernel-made: its time slice is over */
};

/* What a transfer does, in this order. */
enum transfer_stage { STAGE_ITEMS, STAGE_WORDS, STAGE_STRINGS, STAGE_END };

/*
 * How far a transfer has got; kept by its sender. Only virtual progress: no
 * pointers into anybody's memory.
 */
struct transfer {
    struct tcb *receiver;       /* NULL: none under way */
    word_t dope;                /* the receiver's result so far */
    uint8_t stage;              /* enum transfer_stage */
    word_t done;                /* items done */
    word_t offset;              /* bytes done of this item, or of the words */
    word_t snd_string, rcv_string;  /* string dopes done on each side */
    word_t snd_done, rcv_done;      /* bytes done of the present ones */
};

/*
 * One level of IPC. A thread has two: its own, and that of a page fault or
 * exception the kernel sends in its name. The second never touches the
 * user's registers.
 */
struct ipc_level {
    threadid_t partner;     /* whom to send to; whom to hear if closed */
    threadid_t sender;      /* who the receiver shall think it comes from */
    word_t snd, rcv;        /* Version 2 descriptors; ~0 = none */
    uint32_t timeouts;      /* Version 2 timeouts */
    uint8_t kind;           /* enum msg_kind */
    uint8_t route_flags;    /* of the dope: redirected, from inside */
    word_t words[2];        /* the message, when kernel-made */
    struct transfer transfer;   /* as sender */
    struct tcb *from;           /* as receiver: the sender of the transfer
                                   under way, or NULL */
};

#define LEVEL_USER  0
#define LEVEL_FAULT 1
#define IPC_LEVELS  2

#define PREEMPT_INTERNAL 1u
#define PREEMPT_EXTERNAL 2u

/* An entry in the wake-up queue (timeout.c). */
struct timeout {
    struct list link;       /* alone when not queued */
    usec_t when;
    unsigned bucket;
};

/* What a ready thread has to finish in the kernel before it is resumed. */
enum continuation {
    CONT_NONE,
    CONT_TRANSFER,          /* its send phase: the receiver is in it */
    CONT_CALL,              /* its system call has to be made again */
    CONT_RECEIVE,           /* its send phase is over, its receive is not */
    CONT_SEARCH,            /* ... and it is at `searched` in its queue */
    CONT_FAULT,             /* the IPC of its fault has to be begun */
    CONT_EXCEPTION,         /* its exception has to be raised again */
    CONT_UNMAP,             /* fpage_unmap: unmap.* says what is left */
    CONT_KILL               /* task_new: kill_task says whom */
};

struct tcb {
    struct arch_frame frame;    /* user registers; must be first */

    /* What the fast paths use, in an order that suits loads of several. */
    uint32_t limit;             /* least state of a partner; see hold */
    threadid_t id;              /* full id; never changes */
    word_t accepts;             /* low word of an id: parked, closed or in a
                                   fault: whom it hears; parked openly: nil,
                                   or one from whom messages come directly */
    uint32_t state;             /* enum thread_state, or T_PARKED_* */
    threadid_t pager;           /* hears of its page faults */
    threadid_t handler;         /* ... and exceptions: tcb_set_handlers() */
    struct space *space;
    word_t utcb_user;           /* address of its UTCB, in its own space */
    struct arch_tcb arch;

    struct task *task;
    void *utcb;                 /* its UTCB in the kernel's window */
    word_t buffer;              /* T_PARKED_BUFFER: the receive descriptor; else
                                   0 while it is parked */
    uint8_t hold;               /* HOLD_*: 0 means limit follows prio */
    uint8_t level;              /* LEVEL_*: which level of IPC is active */
    uint8_t prio;
    uint8_t mcp;
    uint8_t cont;               /* enum continuation */
    uint8_t call_again;         /* its fault was met inside this system call,
                                   number + 1; else 0 */
    bool raise_again;           /* ... or in raising an exception */
    uint8_t preempted;          /* PREEMPT_*: who has to hear of it */
    bool queued;                /* in the ready queue: it is ready, and does
                                   not run */
    struct list ready_link;     /* ready queue of its priority */
    struct list send_queue;     /* head: threads waiting to send to us */
    struct list send_link;      /* in the partner's send queue */
    struct tcb *send_to;        /* T_SENDING: whose queue we are in */
    struct list *searched;      /* of our own queue: how far we have looked */
    struct timeout timeout;

    struct ipc_level ipc[IPC_LEVELS];

    word_t exception_number;    /* of the last exception */
    word_t exception_code;      /* ... for its handler */
    threadid_t preempter;       /* is its handler if there is one, and see
                                   ARCH_INTERNAL_PREEMPTER */
    threadid_t ext_preempter;   /* hears when a time slice of it ends */

    usec_t slice;               /* length of its time slices, 0 = endless */
    usec_t slice_left;          /* of the one it was preempted in, or 0 */
    usec_t consumed;            /* processor time used so far */
    int irq;                    /* line it is attached to, or IRQ_NONE */

    struct unmap unmap;         /* CONT_UNMAP; its walk also serves the map
                                   items that the thread sends */
    unsigned kill_task;         /* CONT_KILL: the task that dies */
};

/* ---- the fast path's view of a thread ---- */

static inline bool tcb_is_parked(const struct tcb *t)
{
    return t->state >= T_PARKED_FAULT;
}

/* ... in a wait of its own, for anyone? */
static inline bool tcb_is_parked_openly(const struct tcb *t)
{
    return (ARCH_SMALL_SPACES && t->state == T_PARKED_SMALL) ||
           (t->state >= T_PARKED_OPEN && t->state < T_PARKED_BUFFER);
}

static inline bool tcb_is_parked_with_buffer(const struct tcb *t)
{
    return ARCH_PARKS_BUFFERS && t->state >= T_PARKED_BUFFER &&
           t->state < T_PARKED_CLOSED;
}

/* ... for `accepts` only? */
static inline bool tcb_is_parked_closed(const struct tcb *t)
{
    return (ARCH_SMALL_SPACES && t->state == T_PARKED_SMALL + 1) ||
           t->state >= T_PARKED_CLOSED;
}

/* The state of t, which may be parked, when it is. */
static inline uint32_t tcb_parked_state(const struct tcb *t, bool open)
{
    if (t->hold & HOLD_SMALL)
        return open ? T_PARKED_SMALL : T_PARKED_SMALL + 1;
    return t->prio + (open ? T_PARKED_OPEN : T_PARKED_CLOSED);
}

/* prio or hold of t, which is not parked, has changed. */
static inline void tcb_set_limit(struct tcb *t)
{
    t->limit = t->hold ? LIMIT_NONE : T_PARKED_OPEN + t->prio;
}

static inline void tcb_hold(struct tcb *t, unsigned why)
{
    t->hold |= (uint8_t)why;
    t->limit = LIMIT_NONE;
}

static inline void tcb_release(struct tcb *t, unsigned why)
{
    t->hold &= (uint8_t)~why;
    tcb_set_limit(t);
}

/* ---- the thread table ---- */

/* Every slot points at a TCB; those without a thread at dummy_tcb, which is
   never ready, never receives and has no id anyone can name. */
extern struct tcb *tcb_table[MAX_TASKS * MAX_LTHREADS];
extern struct tcb dummy_tcb;

/* Fill the thread table. Once, at boot. */
void tcb_init(void);

/* The thread with exactly this id, versions and chief included, or NULL. It
   is not parked afterwards. */
struct tcb *tcb_find(threadid_t id);

/* The thread `lthread` of a task, whatever its version, or NULL. Likewise. */
struct tcb *tcb_find_number(unsigned task, unsigned lthread);

/*
 * Make a thread: TCB and UTCB, state T_HALTED, in the table. The caller gives
 * it pager, priority and registers. Fails with ERR_NO_MEM.
 */
MUST_CHECK enum err tcb_create(struct task *task, unsigned lthread,
                               struct tcb **out);

/* Exceptions go to the preempter, or to the pager when there is none. */
void tcb_set_handlers(struct tcb *t, threadid_t pager, threadid_t preempter);

/* From now on nobody finds t. */
void tcb_hide(struct tcb *t);

/* Free a thread that is in no queue and in no transfer. */
void tcb_destroy(struct tcb *t);

static inline struct ipc_level *tcb_ipc(struct tcb *t)
{
    return &t->ipc[t->level];
}

#endif
