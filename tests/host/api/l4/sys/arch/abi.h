/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The build machine: where the arguments and results of every call stand.
 * There are no registers but those of struct arch_frame, named by slot:
 *
 *   slot    member     ipc                    operation word
 *   id 0    id[0]      partner -> source      the same
 *   arg 0   arg[0]     send desc. -> dope     -> dope
 *   arg 1   arg[1]     receive desc.
 *   arg 2   arg[2]     timeouts
 *   id 1    id[1]
 *           mr[0..3]   words 0 ... 3          the same
 *
 * A send with deceit has its virtual sender in id 1; the receiver of a
 * redirected message finds whom it was for in id 1.
 */
#ifndef L4_SYS_ARCH_ABI_H
#define L4_SYS_ARCH_ABI_H

#include <l4/sys/arch/types.h>

/* Right behind the memory a user may map. */
#define L4_UTCB_AREA    (HOST_LEVELS == 2 ? 0x800000 : 0x4000000)

#endif
