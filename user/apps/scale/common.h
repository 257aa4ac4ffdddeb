/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the root tasks `scale` and `stress` have in common: tasks that share
 * this program, paged one to one by a thread of it, and large pieces of RAM.
 */
#ifndef SCALE_COMMON_H
#define SCALE_COMMON_H

#include <stdbool.h>

#include <l4/sys/types.h>

/* Threads of this task: lthread numbers. */
enum { MAIN, PAGER, ECHO, PARTNER, SUBJECT, FIRST_FREE };

/* Priorities. Main is lower only to let all others run until they wait. */
enum { PRIO_READY = 10, PRIO_SETTLE = 50, PRIO_MAIN = 200, PRIO_PAGER = 210 };

#define FIRST_TASK  5       /* below it are sigma0, root, and three more */
#define MAX_TASK    2047
#define LTHREADS    128

extern l4_threadid_t main_id, pager_id;

/* End the run: something that cannot be has happened. */
void fail(const char *what) L4_NORETURN;
#define require(x) ((x) ? (void)0 : fail(#x))

/* Start the pager; main is from now on at PRIO_MAIN, without slices. */
void common_init(void);

/* Let everybody else run until all wait, or are below PRIO_SETTLE. */
void settle(void);

/* RAM of this task, 2^log2_size bytes aligned to that; stops the run when
   there is none. */
l4_umword_t ram(unsigned log2_size);

/* Tasks get what lies in [start, start + 2^log2) in pieces of 2^piece bytes,
   not in pages, when they touch it. */
void pager_pieces(l4_umword_t start, unsigned log2, unsigned piece);

/* A task that runs function(argument); stack_top is 16-aligned, in memory of
   this task. */
void task_start(unsigned number, l4_umword_t stack_top,
                void (*function)(void *), void *argument);
void task_kill(unsigned number);

/* Its first thread; of one that has ended or never was, an id to make it. */
l4_threadid_t task_id(unsigned number);

/* Run function(argument) as lthread `number` of this task. */
l4_threadid_t thread_start(unsigned number, void (*function)(void *),
                           void *argument);

/* Give lthread `number` of the calling task these registers. */
void exchange_registers(unsigned number, l4_umword_t ip, l4_umword_t sp);

/* Priority, and endless slices. */
void set_priority(l4_threadid_t thread, unsigned priority);

/* Wait for nobody, for ever. */
void park(void *unused) L4_NORETURN;

/* Answer short calls with what they brought. */
void echo(void *unused) L4_NORETURN;

/* Bytes of kernel memory that are free. */
l4_umword_t kernel_memory(void);

#endif
