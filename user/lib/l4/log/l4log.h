/* SPDX-License-Identifier: BSD-2-Clause */
/* Messages to the console, each a line; for programs with a C library. */
#ifndef L4_LOG_L4LOG_H
#define L4_LOG_L4LOG_H

#include <stdio.h>

#define LOG_printf(args...)     printf(args)
#define LOG_flush()             fflush(stdout)

/* A line with where it comes from: the function, or the place in the file. */
#define LOG(format, args...)    printf("%s(): " format "\n", __func__, ##args)
#define LOGL(format, args...)                                           \
    printf("%s:%d:%s(): " format "\n", __FILE__, __LINE__, __func__, ##args)
#define LOG_Enter(args...)      LOG("called " args)
#define LOG_Error(format, args...)  LOG("Error: " format, ##args)

/* The same if `doit`. */
#define LOGd(doit, args...)     do { if (doit) LOG(args); } while (0)
#define LOGdL(doit, args...)    do { if (doit) LOGL(args); } while (0)
#define LOGd_Enter(doit, args...) \
    do { if (doit) LOG_Enter(args); } while (0)

#endif
