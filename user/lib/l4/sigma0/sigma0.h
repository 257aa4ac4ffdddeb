/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory from sigma0, or from a pager that speaks its protocol, as root does
 * within a task's quota; under the names of the Version 2 libraries.
 */
#ifndef L4_SIGMA0_SIGMA0_H
#define L4_SIGMA0_SIGMA0_H

#include <l4/sys/types.h>

/* The requests of those libraries, in word 0; the fpage in word 1. sigma0 and
   root understand these besides their own. */
#define SIGMA0_REQ_MAGIC                (~0xffUL)
#define SIGMA0_REQ_MASK                 (~0xffUL)
#define SIGMA0_REQ_ID_MASK              0xf0
#define SIGMA0_REQ_ID_FPAGE_RAM         0x60
#define SIGMA0_REQ_ID_FPAGE_IOMEM       0x70
#define SIGMA0_REQ_ID_FPAGE_IOMEM_CACHED 0x80
#define SIGMA0_REQ_ID_FPAGE_ANY         0x90
#define SIGMA0_REQ_ID_KIP               0xa0
#define SIGMA0_REQ_ID_DEBUG_DUMP        0xc0

#define SIGMA0_REQ(x)   (SIGMA0_REQ_MAGIC + SIGMA0_REQ_ID_##x)
#define SIGMA0_IS_MAGIC_REQ(d1) (((d1) & SIGMA0_REQ_MASK) == SIGMA0_REQ_MAGIC)

#define SIGMA0_REQ_FPAGE_RAM            SIGMA0_REQ(FPAGE_RAM)
#define SIGMA0_REQ_FPAGE_IOMEM          SIGMA0_REQ(FPAGE_IOMEM)
#define SIGMA0_REQ_FPAGE_IOMEM_CACHED   SIGMA0_REQ(FPAGE_IOMEM_CACHED)
#define SIGMA0_REQ_FPAGE_ANY            SIGMA0_REQ(FPAGE_ANY)
#define SIGMA0_REQ_KIP                  SIGMA0_REQ(KIP)
#define SIGMA0_REQ_DEBUG_DUMP           SIGMA0_REQ(DEBUG_DUMP)

EXTERN_C_BEGIN

/*
 * Map the RAM (or the device memory) from `phys` on to `virt`; `size` bytes.
 * In large pages where all three allow it. 0, or an error for
 * l4sigma0_map_errstr(). Device memory is never cached: `cached` says whether
 * that is an error, and must be 0 here.
 */
int l4sigma0_map_mem(l4_threadid_t pager, l4_addr_t phys, l4_addr_t virt,
                     l4_addr_t size);
int l4sigma0_map_iomem(l4_threadid_t pager, l4_addr_t phys, l4_addr_t virt,
                       l4_addr_t size, int cached);

/* Map 2^log2_map_size bytes of RAM, whichever is free, to map_area; *base is
   their physical address. */
int l4sigma0_map_anypage(l4_threadid_t pager, l4_addr_t map_area,
                         unsigned log2_map_size, l4_addr_t *base);

/* Have the pager say on the console what it has. */
void l4sigma0_debug_dump(l4_threadid_t pager);

L4_INLINE char *l4sigma0_map_errstr(int err)
{
    switch (err) {
    case 0:
        return (char *)"No error";
    case -1:
        return (char *)"Phys, virt or size not aligned";
    case -2:
        return (char *)"IPC error";
    case -3:
        return (char *)"No fpage received";
    case -6:
        return (char *)"Superpage requested but smaller flexpage received";
    case -7:
        return (char *)"Cannot map I/O memory cacheable";
    default:
        return (char *)"Unknown error";
    }
}

EXTERN_C_END

#endif
