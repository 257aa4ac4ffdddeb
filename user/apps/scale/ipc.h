/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Short calls to other tasks, through the fast path.
 */
#ifndef SCALE_IPC_H
#define SCALE_IPC_H

/* A task with a server, between these two. */
void ipc_start(void);
void ipc_end(void);

/* Call it, in span 0; returns how many messages passed, there and back. */
unsigned ipc_measure(void);

/* Call one thread in each task of the crowd in turn, in span 0; the messages.
   They have to be in CROWD_ECHO. */
unsigned ipc_measure_each(unsigned tasks);

#endif
