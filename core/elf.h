/* SPDX-License-Identifier: BSD-2-Clause */
/* What the kernel needs of the ELF format (System V ABI, chapter 4), in the
   class and byte order of its own machine. */
#ifndef CORE_ELF_H
#define CORE_ELF_H

#include "types.h"

#define ELF_MAGIC   "\177ELF"
#define ELF_CLASS   (WORD_BITS / 32)    /* 1: 32 bit, 2: 64 bit */
#define ELF_EXEC    2
#define ELF_LOAD    1

struct elf_header {
    unsigned char ident[16];
    uint16_t type, machine;
    uint32_t version;
    word_t entry, phoff, shoff;
    uint32_t flags;
    uint16_t ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
};

struct elf_segment {
    uint32_t type;
#if L4_WORD_BITS == 64
    uint32_t flags;
#endif
    word_t offset, vaddr, paddr, filesz, memsz;
#if L4_WORD_BITS == 32
    uint32_t flags;
#endif
    word_t align;
};

#endif
