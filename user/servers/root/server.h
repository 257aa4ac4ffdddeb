/* SPDX-License-Identifier: BSD-2-Clause */
/* Root as a server: pager and resource manager of its tasks. */
#ifndef ROOT_SERVER_H
#define ROOT_SERVER_H

#include <l4/sys/ipc.h>
#include <l4/sys/kernel.h>

#include <hickory/protocol.h>

#include "tasks.h"

/* A message from a thread of one of root's tasks, or of a task that root made
   for one of them: a child. */
struct message {
    struct task *task;
    bool is_child;
    l4_threadid_t thread;
    l4_umword_t w0, w1;
    const l4_umword_t *word;    /* all REQUEST_WORDS; 0 for what was not sent */
};

/* What it gets: nothing, two words, or a mapping (send base and fpage). */
struct reply {
    enum { REPLY_NONE, REPLY_WORDS, REPLY_MAP } kind;
    l4_umword_t w0, w1;
};

/* fault.c */
struct reply handle_fault(const struct message *m);
struct reply handle_exception(const struct message *m);
struct reply handle_child_fault(const struct message *m);

/* requests.c */
void requests_init(const l4_kernel_info_t *kip);
struct reply handle_kip(void);
struct reply handle_any_page(const struct message *m);
struct reply handle_request(const struct message *m);
struct reply handle_child_request(const struct message *m);

/* server.c: never returns. */
void serve(void) L4_NORETURN;

#endif
