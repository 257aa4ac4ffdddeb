/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Register state in exception and page-fault messages: from the thread that
 * raised one to its handler's UTCB, and back with the answer. A handler names
 * the registers it wants, so that large sets cost what is used.
 */
#ifndef CORE_REGSTATE_H
#define CORE_REGSTATE_H

#include "tcb.h"

/* t has raised what its second level of IPC says; h hears of it. */
void regstate_deliver(const struct tcb *t, struct tcb *h);

/* h answers: take over the registers it changed. No value raises privilege. */
void regstate_take_back(struct tcb *t, struct tcb *h);

#endif
