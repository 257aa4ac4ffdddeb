/* SPDX-License-Identifier: BSD-2-Clause */
/* Word and page facts of the build machine as a target of the kernel. */
#ifndef L4_SYS_ARCH_TYPES_H
#define L4_SYS_ARCH_TYPES_H

/* Depth of the page tables: the tests are built with 2, 3 and 4 levels. */
#ifndef HOST_LEVELS
#define HOST_LEVELS             3
#endif

#define L4_WORD_BITS            64
#define L4_REG_WORDS            4   /* message words that travel in registers */
#define L4_LOG2_PAGESIZE        12
#define L4_LOG2_SUPERPAGESIZE   (HOST_LEVELS == 4 ? 14 : 15)
#define L4_WHOLE_ADDRESS_SPACE  63  /* size of the largest fpage, log2 */
#define L4_IO_PORTS             1024

#ifndef __ASSEMBLER__
typedef unsigned long l4_umword_t;
typedef signed long l4_mword_t;
typedef unsigned long l4_addr_t;
#endif

#endif
