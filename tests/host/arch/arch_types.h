/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The build machine as a port: a frame without hardware behind it, and page
 * tables so small that large pages have few small ones inside.
 */
#ifndef ARCH_TYPES_H
#define ARCH_TYPES_H

#include <stdint.h>

#include <l4/sys/arch/regs.h>
#include <l4/sys/arch/types.h>

struct arch_frame {
    uint64_t mr[L4_REG_WORDS];
    uint64_t arg[3];
    uint64_t id[2];
    uint64_t ip, sp, flags;
};

/* Core zeroes it; the tests look whether it does. */
struct arch_tcb {
    uint64_t opaque;
    struct l4_fpu_state fpu;
    uint64_t tls;
};

struct arch_space {
    uint64_t initialised;       /* HOST_SPACE_LIVE between init and fini */
    uint8_t has_ports;
    uint8_t port[L4_IO_PORTS];  /* which its programs may use */
};

/* Address, and in the low bits PTE_* of arch_inline.h. */
typedef uint64_t pte_t;

#define ARCH_PT_LEVELS      HOST_LEVELS
#if HOST_LEVELS == 2
#define ARCH_PT_SHIFTS      { 15, 12 }
#define ARCH_PT_TOP_SHIFT   24
#elif HOST_LEVELS == 3
#define ARCH_PT_SHIFTS      { 18, 15, 12 }
#define ARCH_PT_TOP_SHIFT   27
#else
#define ARCH_PT_SHIFTS      { 18, 16, 14, 12 }
#define ARCH_PT_TOP_SHIFT   27
#endif
#define ARCH_PT_LEAF_MASK   (3u << (HOST_LEVELS - 2))
#define ARCH_ROOT_USER      512
#define ARCH_USER_TOP       (HOST_LEVELS == 2 ? 0x800000ul : 0x4000000ul)

/* Physical memory: RAM from 0, then a gap and the image of the test itself. */
#define HOST_RAM_SIZE       0x2000000ul
#define HOST_IMAGE_AT       0x2100000ul
#define ARCH_PHYS_LIMIT     HOST_RAM_SIZE

#define ARCH_PAGE_STATUS    3
#define ARCH_DECEIT_ON_STACK 0

#define ARCH_INTERNAL_PREEMPTER 0
#define ARCH_FAST_FAULTS 0
#define ARCH_PARKS_BUFFERS 0
#define ARCH_SMALL_SPACES 0
#define ARCH_DELIVERS 0
#define ARCH_REFLECTS 1
#define ARCH_FAST_PATH 0
#define MACHINE_IRQS        8

#endif
