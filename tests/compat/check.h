/* SPDX-License-Identifier: BSD-2-Clause */
/* What the programs here have in common: they count what holds, and say so in
   their last line, which tests/compat/test_compat.py reads. */
#ifndef COMPAT_CHECK_H
#define COMPAT_CHECK_H

#include <stdio.h>

static int checks, failures;

#define CHECK(expr)                                                      \
    do {                                                                 \
        checks++;                                                        \
        if (!(expr)) {                                                   \
            failures++;                                                  \
            printf("%s:%d: not so: %s\n", __FILE__, __LINE__, #expr);    \
        }                                                                \
    } while (0)

#define FINISH(name)                                                     \
    do {                                                                 \
        printf(name ": %d checks, %d failed\n", checks, failures);       \
        return failures != 0;                                            \
    } while (0)

#endif
