/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a test sees of the simulated machine: its clock, lines and console,
 * entries into the kernel, and a TLB that remembers.
 */
#ifndef HOST_H
#define HOST_H

#include "tcb.h"

#define HOST_NEVER      (~(usec_t)0)
#define HOST_CONSOLE    4096

struct host_machine {
    usec_t now;                 /* microseconds since boot */
    usec_t timer;               /* the timer interrupts then, or HOST_NEVER */
    uint32_t raised;            /* lines that have interrupted, by bit */
    uint32_t masked;            /* lines that are masked */
    bool preempt;               /* an interrupt seems to wait at every look */
    unsigned looks;             /* at machine_irq_pending */
    int halted;                 /* status of machine_halt, or -1 */
    bool halt_expected;         /* else a halt fails the test */
    const char *input;          /* what machine_getc reads */
    enum reflection (*reflect)(struct tcb *t, struct user_fault *fault);
                                /* what arch_reflect does; NULL: nothing */
    char console[HOST_CONSOLE]; /* the end of what was printed */
    size_t printed;
};
extern struct host_machine host;

/* What boot_image.c puts where. */
#define HOST_MODULE_BYTES   32
#define HOST_SIGMA0_AT      0x20000ul
#define HOST_ROOT_AT        0x40000ul
#define HOST_DEVICE_AT      0x3000000ul

/* The one that the kernel keeps for itself. */
#define HOST_KERNEL_PORT    0x85

/* The space of user addresses. */
extern struct space *host_space;

/* RAM and the machine as at power on. Once in every test. */
void host_power_on(void);

/*
 * Enter the kernel as the entry code of a port would. They return when it is
 * left again: `current` is who runs, or &idle_tcb.
 */
void host_boot(void);
void host_syscall(word_t number);
void host_fault(word_t address, unsigned access);
void host_exception(word_t number, word_t code);
void host_interrupt(void);

/* Run kernel code that may halt. */
void host_run(void (*code)(void));

/* Let time pass; timer interrupts come when they are due. */
void host_advance(usec_t us);

/* Raise a line; taken at once unless it is masked. */
void host_raise(unsigned irq);

/* From now on every step of a long operation finds an interrupt waiting. */
void host_preempt_always(void);

/* ---- the TLB ---- */

/* What a user access (a read) at va finds: in the TLB or, then kept there, in
   the tables. Status bits are set in the tables by the first access only that
   the TLB entry has not seen. rights 0: a fault. */
struct host_page {
    paddr_t pa;
    unsigned rights;
};
struct host_page host_access(struct space *s, word_t va);

/* The same for a write; nothing is written. Without RIGHT_WRITE in what comes
   back it is a fault. */
struct host_page host_write(struct space *s, word_t va);

/* Nothing in the TLB says more than the tables do; fails the test if not. */
void host_tlb_check(void);

void host_tlb_forget(struct space *s);      /* host.c only */

#endif
