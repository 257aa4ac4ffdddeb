/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The description of a system: text in, array of tasks or a reason out. The
 * language is in doc/api/root.md. Depends on nothing but the C language.
 */
#ifndef ROOT_CONFIG_H
#define ROOT_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

#define CONFIG_TASKS    32
#define CONFIG_NAME     7       /* characters of a task's name */
#define CONFIG_MODULE   23      /* characters of a module's name */
#define CONFIG_ARGS     255     /* characters of all arguments, with ends */
#define CONFIG_REASON   95      /* characters of an error's reason */

#define CONFIG_DEFAULT_MEMORY   (1024 * 1024)
#define CONFIG_DEFAULT_PRIORITY 16
#define CONFIG_MAX_PRIORITY     254     /* root itself has 255 */

struct config_task {
    unsigned line;                      /* where it was described */
    char name[CONFIG_NAME + 1];
    char module[CONFIG_MODULE + 1];
    size_t memory;                      /* bytes */
    unsigned priority;
    bool is_main;                       /* the system ends with it */
    bool is_driver;                     /* may have device memory, I/O ports */
    unsigned argc;                      /* arguments in args, one after the */
    char args[CONFIG_ARGS + 1];         /* other, each ended by a zero */
    size_t args_length;
};

struct config {
    unsigned tasks;
    struct config_task task[CONFIG_TASKS];
    unsigned error_line;                /* valid when config_parse failed */
    char error[CONFIG_REASON + 1];
};

/* A piece of text, not ended by a zero. */
struct config_text {
    const char *start;
    size_t length;
};

/*
 * Read a whole description. modules: the names of the modules there are,
 * ended by NULL. False: the first error is in out->error_line and out->error.
 */
bool config_parse(struct config_text text, const char *const *modules,
                  struct config *out);

#endif
