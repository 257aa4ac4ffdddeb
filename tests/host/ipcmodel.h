/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The reference for IPC: what every thread of ipcworld waits for, in which
 * order, and what its registers hold. Written from doc/api, without any of
 * the kernel's structures; all priorities are distinct, so that who runs is
 * the most urgent thread that is ready.
 */
#ifndef IPCMODEL_H
#define IPCMODEL_H

#include "ipcworld.h"

/* Take the threads as they are after iw_start. */
void ipcmodel_start(void);

/* What a->self did. Before the kernel does it. */
void ipcmodel_perform(const struct action *a);

/* Results that the model does not foretell (consumed time, task versions)
   are taken over; everything else must agree. */
void ipcmodel_compare(const struct action *a);

#endif
