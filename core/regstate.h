/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Register state in exception and page-fault messages: from the thread that
 * raised one to its handler's UTCB, and back with the answer. A handler names
 * the registers it wants, so that large sets cost what is used.
 */
#ifndef CORE_REGSTATE_H
#define CORE_REGSTATE_H

#include "tcb.h"

/* Learn the port's table of registers. Once, at boot. */
void regstate_init(void);

/* h hears of what t has raised: the registers it wants to come with messages of
   this kind, and the code of t's exception. */
void regstate_deliver(const struct tcb *t, const struct tcb *h,
                      enum msg_kind kind);

/* h answers: take over the registers it changed. No value raises privilege. */
void regstate_take_back(struct tcb *t, struct tcb *h);

#endif
