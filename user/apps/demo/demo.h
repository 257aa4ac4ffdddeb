/* SPDX-License-Identifier: BSD-2-Clause */
/* The demo's tasks: what the guide tells its actors. */
#ifndef DEMO_H
#define DEMO_H

#include <l4/sys/ipc.h>

/* Word 0 of the guide's call; the actor answers when its part is over. */
#define DEMO_ACT    0x103UL

/* alice's question to bob: word 0, and two numbers packed in word 1; the
   answer is in word 1. */
#define DEMO_ADD        0x203UL
#define DEMO_MULTIPLY   0x303UL

#endif
