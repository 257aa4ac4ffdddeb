/* SPDX-License-Identifier: BSD-2-Clause */
/* Word and page facts of arm. Readable by the assembler. */
#ifndef L4_SYS_ARCH_TYPES_H
#define L4_SYS_ARCH_TYPES_H

#define L4_WORD_BITS            32
#define L4_REG_WORDS            8   /* message words that travel in registers */
#define L4_LOG2_PAGESIZE        12
#define L4_LOG2_SUPERPAGESIZE   21
#define L4_WHOLE_ADDRESS_SPACE  32  /* size of the largest fpage, log2 */
#define L4_IO_PORTS             0   /* I/O ports; 0 = no such thing */

#ifndef __ASSEMBLER__
typedef unsigned long l4_umword_t;
typedef signed long l4_mword_t;
typedef unsigned long l4_addr_t;
#endif

#endif
