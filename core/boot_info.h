/* SPDX-License-Identifier: BSD-2-Clause */
/* What the kernel is told about the machine before anything runs. */
#ifndef CORE_BOOT_INFO_H
#define CORE_BOOT_INFO_H

#include <l4/sys/kernel.h>

#include "types.h"

struct boot_region {
    paddr_t start, end;         /* page aligned, end exclusive */
    enum l4_memory_type type;   /* RAM, KERNEL (never for users) or DEVICE */
};

struct boot_module {
    paddr_t start, end;         /* start page aligned; in RAM */
    char name[L4_KIP_NAME_LENGTH];
};

struct boot_info {
    unsigned regions;
    struct boot_region region[L4_KIP_MAX_MEMORY];
    unsigned modules;
    struct boot_module module[L4_KIP_MAX_MODULES];
};

/* Add one; beyond the table's end it is dropped and false returned. */
bool boot_add_region(struct boot_info *info, paddr_t start, paddr_t end,
                     enum l4_memory_type type);
bool boot_add_module(struct boot_info *info, paddr_t start, paddr_t end,
                     const char *name);

/* Modules linked into the image, ended by an entry of zeroes. */
struct linked_module {
    word_t start, end;          /* kernel virtual */
    word_t name;                /* kernel virtual, zero terminated */
};
extern const struct linked_module boot_modules[];

/* From the linker script: the image without the modules, and its text. */
extern char kernel_image_start[], kernel_image_end[];
extern char kernel_text_start[], kernel_text_end[];

#endif
