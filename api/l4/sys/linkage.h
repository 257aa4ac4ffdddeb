/* SPDX-License-Identifier: BSD-2-Clause */
/* Marks of calling conventions that Version 2 programs carry. There is one
   convention on each target, so they say nothing. */
#ifndef L4_SYS_LINKAGE_H
#define L4_SYS_LINKAGE_H

#define L4_CV
#define FASTCALL(x) x
#define LONG_CALL
#define SHORT_CALL

#endif
