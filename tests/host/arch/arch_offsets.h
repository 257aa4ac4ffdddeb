/* SPDX-License-Identifier: BSD-2-Clause */
/* The build machine has no assembly; core/offsets.c must compile all the
   same. */
DEFINE(FRAME_MR, offsetof(struct arch_frame, mr));
