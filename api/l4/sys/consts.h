/* SPDX-License-Identifier: BSD-2-Clause */
/* Page sizes, IPC descriptor values, error codes: plain constants. */
#ifndef L4_SYS_CONSTS_H
#define L4_SYS_CONSTS_H

#include <stddef.h>

#include <l4/sys/l4int.h>

#define L4_PAGESHIFT        L4_LOG2_PAGESIZE
#define L4_PAGESIZE         (1UL << L4_PAGESHIFT)
#define L4_PAGEMASK         (~(L4_PAGESIZE - 1))
#define L4_SUPERPAGESHIFT   L4_LOG2_SUPERPAGESIZE
#define L4_SUPERPAGESIZE    (1UL << L4_SUPERPAGESHIFT)
#define L4_SUPERPAGEMASK    (~(L4_SUPERPAGESIZE - 1))

#define l4_trunc_page(x)    ((l4_addr_t)(x) & L4_PAGEMASK)
#define l4_round_page(x)    (((l4_addr_t)(x) + L4_PAGESIZE - 1) & L4_PAGEMASK)
#define l4_trunc_superpage(x) ((l4_addr_t)(x) & L4_SUPERPAGEMASK)
#define l4_round_superpage(x) \
    (((l4_addr_t)(x) + L4_SUPERPAGESIZE - 1) & L4_SUPERPAGEMASK)

#define L4_MAX_ADDRESS      (~(l4_addr_t)0)

/* fpage_unmap's mask. */
#define L4_FP_REMAP_PAGE    0x00    /* take write access away */
#define L4_FP_FLUSH_PAGE    0x02    /* take the pages away */
#define L4_FP_STATUS        0x04    /* take nothing away, only ask */
#define L4_FP_OTHER_SPACES  0x00    /* from all who have them from us */
#define L4_FP_ALL_SPACES    (1UL << 31) /* ... and from ourselves */
/* Instead of an fpage: how many stand in the UTCB's reg[]. */
#define L4_FP_LIST          (1UL << 30)
/* Only from this task, and from who has them from it. */
#define L4_FP_TASK(number)  ((l4_umword_t)((number) & 2047) << 8)

/* Its result, as far as the target keeps it (page_status of the kernel info
   page): what the pages were used for since it was last told. */
#define L4_FP_ACCESSED      0x01
#define L4_FP_WRITTEN       0x02

/* Results of an IPC, in bits 4..7 of the dope; 0x10 marks the send phase. */
#define L4_IPC_ERROR_MASK       0xF0
#define L4_IPC_ENOT_EXISTENT    0x10
#define L4_IPC_RETIMEOUT        0x20
#define L4_IPC_SETIMEOUT        0x30
#define L4_IPC_RECANCELED       0x40
#define L4_IPC_SECANCELED       0x50
#define L4_IPC_REMAPFAILED      0x60
#define L4_IPC_SEMAPFAILED      0x70
#define L4_IPC_RESNDPFTO        0x80
#define L4_IPC_SESNDPFTO        0x90
#define L4_IPC_RERCVPFTO        0xA0
#define L4_IPC_SERCVPFTO        0xB0
#define L4_IPC_REABORTED        0xC0
#define L4_IPC_SEABORTED        0xD0
#define L4_IPC_REMSGCUT         0xE0
#define L4_IPC_SEMSGCUT         0xF0

/* The mantissa of an absolute timeout; its exponent is 0. */
#define L4_TIMEOUT_UNTIL    255

/* id_nearest's answers. */
#define L4_NC_SAME_CLAN     0x00
#define L4_NC_INNER_CLAN    0x0C
#define L4_NC_OUTER_CLAN    0x04

#endif
