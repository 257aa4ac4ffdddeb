/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What root leaves at the stack pointer of a program it starts. The kernel
 * starts sigma0 and root with a stack pointer of 0: no such information.
 */
#ifndef HICKORY_START_H
#define HICKORY_START_H

#include <l4/sys/types.h>

/* An address that root leaves free in its tasks: l4_kip() has the kernel info
   page mapped there. */
#define KIP_ADDRESS 0x00fe0000UL

struct start_info {
    l4_umword_t heap_start, heap_end;   /* zero-filled when touched */
    l4_umword_t argc;
    char *argv[];                       /* argc strings, then NULL */
};

/* Called by crt0.S; runs main() and ends the program. */
void crt_start(struct start_info *info) L4_NORETURN;

#endif
