/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Interrupts as messages. A thread attaches to a line by a closed receive
 * from the line's id, and is then the only one who hears it; a line is
 * masked from the moment its interrupt comes until the thread receives
 * again. A receive from nobody with timeout 0 detaches.
 */
#ifndef CORE_IRQ_H
#define CORE_IRQ_H

#include "tcb.h"

/* The id of line irq is its number plus one. Nil counts as such an id. */
static inline bool irq_is_id(threadid_t id) { return id <= MACHINE_IRQS; }
static inline threadid_t irq_id(unsigned irq) { return irq + 1; }
static inline unsigned irq_of_id(threadid_t id) { return (unsigned)id - 1; }

/* Attach t to the line, leaving the one it had. ERR_DENIED: it has another
   thread. Harmless when t has it already. */
MUST_CHECK enum err irq_attach(struct tcb *t, unsigned irq);
void irq_detach(struct tcb *t);

/* t has begun to wait. If it is for its line: hand it an interrupt that is
   pending, true if so; else let the line interrupt again. */
bool irq_take(struct tcb *t);

/* Handle every interrupt that waits. */
void irq_poll(void);

/* t has begun to wait for a message, without an end: park it, if it waits for
   just its line's. */
void irq_park(struct tcb *t);

#endif
