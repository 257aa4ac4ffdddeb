/* SPDX-License-Identifier: BSD-2-Clause */
/* The untrusted program, and what it says of itself. */
#ifndef CONFINE_CREATURE_H
#define CONFINE_CREATURE_H

/* Its memory, as far as its addresses go; how much of it there is the chief
   decides. The stack is at the end. */
#define CREATURE_MEMORY 0x20000000UL
#define CREATURE_PAGES  16

/* Where it starts. */
void creature_main(void) __attribute__((noreturn));

/* To its chief: CREATURE_SAYS | subject << 8, a value in word 1. */
#define CREATURE_SAYS   0x03UL
#define CREATURE_SUBJECT(w0)    ((w0) >> 8 & 0xffUL)

enum subject {
    SAY_NOTES_IS,           /* the task that is called `notes' */
    SAY_SPY_IS,             /* ... `spy' */
    SAY_NOTE_1,             /* what the note says; 0: not told */
    SAY_SECRET,
    SAY_WRITE,              /* results of what it tried */
    SAY_TELL_SPY,
    SAY_DECEIT,             /* an error of ipc */
    SAY_PAGES,              /* pages it has filled */
    SUBJECTS
};

#endif
