/* SPDX-License-Identifier: BSD-2-Clause */
/* The C library's. */
#ifndef L4_UTIL_GETOPT_H
#define L4_UTIL_GETOPT_H

#include <getopt.h>
#include <unistd.h>

#endif
