/* SPDX-License-Identifier: BSD-2-Clause */
/* Command lines, taken apart by a description; with a C library. */
#ifndef L4_UTIL_PARSE_CMD_H
#define L4_UTIL_PARSE_CMD_H

#include <stdarg.h>

#include <l4/sys/compiler.h>

/* What an option does with its value `val` and the address `addr`. */
enum parse_cmd_type {
    PARSE_CMD_INT,      /* takes a number to *(int *)addr; val until then */
    PARSE_CMD_SWITCH,   /* val to *(int *)addr */
    PARSE_CMD_STRING,   /* takes a string to *(const char **)addr; val, a
                           string too, until then */
    PARSE_CMD_FN,       /* calls addr, a parse_cmd_fn_t, with val */
    PARSE_CMD_FN_ARG,   /* takes a string and calls addr, a
                           parse_cmd_fn_arg_t, with val, the string, and that
                           as a number */
    PARSE_CMD_INC,      /* *(int *)addr, which is val before all, up by 1 */
    PARSE_CMD_DEC       /* ... down by 1 */
};

typedef L4_CV void (*parse_cmd_fn_t)(int);
typedef L4_CV void (*parse_cmd_fn_arg_t)(int, const char *, int);

EXTERN_C_BEGIN

/*
 * Options are described by six arguments each: the short one's character (or
 * ' '), the long one's name (or 0), a comment for the help, type, val, addr;
 * then 0. val is an int, but for PARSE_CMD_STRING. `-h` and `--help` are
 * there by themselves. What is no option is left in *argc and *argv.
 *
 * 0, or -1: the description is wrong, -2: no memory, -3: wrong options,
 * -4: help was wanted; the last two after a list of the options.
 */
int parse_cmdline(int *argc, const char ***argv, int arg0, ...);
int parse_cmdlinev(int *argc, const char ***argv, int arg0, va_list va);

EXTERN_C_END

#endif
