/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a plugin is told, as QEMU hands it over: words NAME=VALUE. All plugins are
 * told these three; each has a list of what else it takes.
 */
#pragma once

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "marker.h"

static const struct isa *isa;       /* isa=ia32|arm|mips64 */
static const char *out_name;        /* out=FILE */
static uint64_t kernel_base;        /* base=FIRST-KERNEL-ADDRESS */

struct arg {
    const char *name;
    bool (*take)(const char *value);    /* false: no good value */
};

/* Keeps a value, which is QEMU's to free. */
static inline bool take_text(const char **to, const char *value)
{
    return (*to = strdup(value)) != NULL;
}

static inline bool take_address(uint64_t *to, const char *value)
{
    return (*to = strtoull(value, NULL, 0)) != 0;
}

/* on or off. */
static inline bool take_switch(bool *to, const char *value)
{
    *to = strcmp(value, "on") == 0;
    return *to || strcmp(value, "off") == 0;
}

static bool take_isa(const char *value)
{
    return (isa = isa_find(value)) != NULL;
}

static bool take_out(const char *value)
{
    return take_text(&out_name, value);
}

static bool take_base(const char *value)
{
    return take_address(&kernel_base, value);
}

/* The file that the result goes to, or NULL and a line. */
static inline FILE *out_open(void)
{
    FILE *out = fopen(out_name, "w");

    if (!out)
        perror(out_name);
    return out;
}

/* One word, by the first of the list whose name it has. */
static inline bool arg_take(const struct arg *list, const char *word)
{
    for (; list->name; list++) {
        size_t length = strlen(list->name);
        if (strncmp(word, list->name, length) == 0 && word[length] == '=')
            return list->take(word + length + 1);
    }
    return false;
}

/* Every word, by `list`, which ends with a name of NULL, or one of the three.
   When one is not good, or one of the three is not there: a line, and false. */
static inline bool args_read(const char *plugin, const struct arg *list,
                             int argc, char **argv)
{
    static const struct arg common[] = {
        { "isa", take_isa }, { "base", take_base }, { "out", take_out },
        { NULL, NULL },
    };

    for (int i = 0; i < argc; i++)
        if (!arg_take(list, argv[i]) && !arg_take(common, argv[i])) {
            fprintf(stderr, "%s: bad argument %s\n", plugin, argv[i]);
            return false;
        }
    if (isa && kernel_base && out_name)
        return true;
    fprintf(stderr, "%s: isa, base and out are needed\n", plugin);
    return false;
}
