/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the plugins share: the marker instructions, by which a guest says where
 * a span begins and ends (see count.c), and which code is the kernel's.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define MARKERS 100
#define SPANS (MARKERS / 2)

enum mode { USER, KERNEL, MODES };

/* The 32 bits at `bytes`, first byte lowest. */
static inline uint32_t word_at(const uint8_t *bytes)
{
    return bytes[0] | bytes[1] << 8 | bytes[2] << 16 |
           (uint32_t)bytes[3] << 24;
}

/* The number of a marker whose upper bits are `pattern`, or -1. */
static inline int number_in(uint32_t word, uint32_t pattern)
{
    uint32_t number = word - pattern;

    return number < MARKERS ? (int)number : -1;
}

static int ia32_marker(const uint8_t *code, size_t size)
{
    static const uint8_t nopl[] = {0x0f, 0x1f, 0x80};

    if (size != 7 || memcmp(code, nopl, sizeof(nopl)) != 0)
        return -1;
    return number_in(word_at(code + 3), 0x4c340000);
}

static int arm_marker(const uint8_t *code, size_t size)
{
    return size == 4 ? number_in(word_at(code), 0xe320f080) : -1;
}

/* Either byte order: neither reads as a marker of the other. */
static int mips64_marker(const uint8_t *code, size_t size)
{
    uint32_t word;
    int number;

    if (size != 4)
        return -1;
    word = word_at(code);
    number = number_in(word, 0x34004c00);
    return number >= 0 ? number
                       : number_in(__builtin_bswap32(word), 0x34004c00);
}

static const struct isa {
    const char *name;
    int (*marker)(const uint8_t *code, size_t size);
} isas[] = {
    {"ia32", ia32_marker},
    {"arm", arm_marker},
    {"mips64", mips64_marker},
};

static inline const struct isa *isa_find(const char *name)
{
    for (size_t i = 0; i < sizeof(isas) / sizeof(isas[0]); i++)
        if (strcmp(isas[i].name, name) == 0)
            return &isas[i];
    return NULL;
}
