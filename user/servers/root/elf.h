/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Programs as ELF files: every field that is used is checked, none is
 * believed. Reads the file where it lies; depends on nothing but C.
 */
#ifndef ROOT_ELF_H
#define ROOT_ELF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ELF_SEGMENTS    8
#define ELF_PAGE        4096

/* What a program may look like: for which processor, in which addresses. */
struct elf_limits {
    unsigned machine;
    uintptr_t low, high;        /* page aligned, high exclusive */
};

/* A part of the address space, and of the file that fills it. */
struct elf_segment {
    uintptr_t start, end;       /* addresses, end exclusive */
    const unsigned char *file;  /* what comes first; zeroes follow */
    size_t file_size;
    bool write, execute;
};

struct elf_image {
    uintptr_t entry;
    unsigned segments;          /* sorted by address, no page in common */
    struct elf_segment segment[ELF_SEGMENTS];
};

/* NULL when all is well, else the reason why it cannot be run. `file` is
   aligned to 8. */
const char *elf_parse(const void *file, size_t size,
                      const struct elf_limits *limits, struct elf_image *out);

#endif
