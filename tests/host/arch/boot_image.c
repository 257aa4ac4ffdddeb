/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The modules that a boot image holds: executables of sigma0 and the root
 * task with a few bytes each, which nobody ever runs, and RAM to put them.
 */
#include "boot_info.h"
#include "elf.h"
#include "host.h"

struct image {
    struct elf_header header;
    struct elf_segment segment;
    char bytes[HOST_MODULE_BYTES];
};

#define IMAGE(where, fill)                                              \
    {                                                                   \
        .header = {                                                     \
            .ident = { 0x7f, 'E', 'L', 'F', ELF_CLASS },                \
            .type = ELF_EXEC, .entry = (where) + 4,                     \
            .phoff = offsetof(struct image, segment),                   \
            .phentsize = sizeof(struct elf_segment), .phnum = 1,        \
        },                                                              \
        .segment = {                                                    \
            .type = ELF_LOAD, .offset = offsetof(struct image, bytes),  \
            .vaddr = (where), .filesz = HOST_MODULE_BYTES,              \
            .memsz = 2 * PAGE_SIZE,                                     \
        },                                                              \
        .bytes = fill,                                                  \
    }

static const struct image sigma0 __attribute__((aligned(4096))) =
    IMAGE(HOST_SIGMA0_AT, "sigma0's program");
static const struct image root __attribute__((aligned(4096))) =
    IMAGE(HOST_ROOT_AT, "root's program");

const struct linked_module boot_modules[] = {
    { (word_t)&sigma0, (word_t)(&sigma0 + 1), (word_t)"sigma0" },
    { (word_t)&root, (word_t)(&root + 1), (word_t)"root" },
    { 0, 0, 0 }
};

/* Page 0 stays unused; behind RAM is a device. */
void machine_boot_info(struct boot_info *info)
{
    boot_add_region(info, PAGE_SIZE, HOST_RAM_SIZE, L4_MEMORY_RAM);
    boot_add_region(info, HOST_DEVICE_AT, HOST_DEVICE_AT + 4 * PAGE_SIZE,
                    L4_MEMORY_DEVICE);
}
