/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The console: characters go to the task that registered as `console`, or,
 * while there is none, to the kernel's own console.
 *
 * Messages to the server, in the register words of a call; characters stand
 * in the words from 1 on, the first one lowest in each:
 *   CONSOLE_WRITE | count << 8 | flag    write `count` characters
 *   CONSOLE_FLUSH                        reply when all of it is out
 *   CONSOLE_COUNTS                       reply: in word 1, interrupts so far
 * The reply's word 0 is 0, or CONSOLE_UNKNOWN.
 */
#ifndef HICKORY_CONSOLE_H
#define HICKORY_CONSOLE_H

#include <stddef.h>

#include <l4/sys/types.h>

#define CONSOLE_NAME    "console"

#define CONSOLE_WRITE   0x03UL
#define CONSOLE_FLUSH   0x13UL
#define CONSOLE_COUNTS  0x23UL
#define CONSOLE_CODE(w0)    ((w0) & 0xffUL)
#define CONSOLE_COUNT(w0)   ((w0) >> 8 & 0xffUL)
#define CONSOLE_MORE    0x10000UL   /* the write goes on in the next message:
                                       keep others' characters out of it */
#define CONSOLE_UNKNOWN 1UL

#define CONSOLE_WORD_CHARS  sizeof(l4_umword_t)
#define CONSOLE_CHARS       ((L4_REG_WORDS - 1) * CONSOLE_WORD_CHARS)

/* Write to the console. Does not fail. */
void console_write(const char *text, size_t length);

/* Return when everything written by anyone is out. */
void console_flush(void);

#endif
