/* SPDX-License-Identifier: BSD-2-Clause */
#include <getopt.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <l4/util/parse_cmd.h>

#define MAX_OPTIONS 64
#define LONG_ONLY   256         /* above all characters: option i - LONG_ONLY */

enum { ERR_DESCRIPTION = -1, ERR_OPTIONS = -3, ERR_HELP = -4 };

struct description {
    int short_name;
    const char *long_name, *comment;
    enum parse_cmd_type type;
    int val;
    void *addr;
};

struct parser {
    struct description option[MAX_OPTIONS];
    int count;
    char short_names[2 * MAX_OPTIONS + 2];
    struct option long_names[MAX_OPTIONS + 2];
};

static bool takes_argument(const struct description *d)
{
    return d->type == PARSE_CMD_INT || d->type == PARSE_CMD_STRING ||
           d->type == PARSE_CMD_FN_ARG;
}

/* What stands there when the option is not given. */
static void set_default(const struct description *d, const char *string)
{
    switch (d->type) {
    case PARSE_CMD_STRING:
        *(const char **)d->addr = string;
        break;
    case PARSE_CMD_INT:
    case PARSE_CMD_INC:
    case PARSE_CMD_DEC:
        *(int *)d->addr = d->val;
        break;
    default:
        break;
    }
}

static void add_long_name(struct parser *p, int i, const char *name, bool arg,
                          int value)
{
    p->long_names[i] = (struct option){
        name, arg ? required_argument : no_argument, NULL, value,
    };
}

/* Make getopt's tables of the description. */
static void make_tables(struct parser *p)
{
    char *s = p->short_names;
    int n = 0;

    for (int i = 0; i < p->count; i++) {
        const struct description *d = &p->option[i];
        bool arg = takes_argument(d);
        if (d->short_name != ' ') {
            *s++ = (char)d->short_name;
            if (arg)
                *s++ = ':';
        }
        if (d->long_name)
            add_long_name(p, n++, d->long_name, arg, LONG_ONLY + i);
    }
    *s++ = 'h';
    *s = '\0';
    add_long_name(p, n++, "help", false, 'h');
    p->long_names[n] = (struct option){ NULL, 0, NULL, 0 };
}

static int help(const struct parser *p, const char *name, int result)
{
    printf("%s: options are\n", name);
    for (int i = 0; i < p->count; i++) {
        const struct description *d = &p->option[i];
        printf("  -%c %s%-16s %s\n", d->short_name,
               d->long_name ? "--" : "  ", d->long_name ? d->long_name : "",
               d->comment ? d->comment : "");
    }
    return result;
}

static void apply(const struct description *d, const char *argument)
{
    int number = argument ? (int)strtol(argument, NULL, 0) : 0;

    switch (d->type) {
    case PARSE_CMD_INT:
        *(int *)d->addr = number;
        break;
    case PARSE_CMD_SWITCH:
        *(int *)d->addr = d->val;
        break;
    case PARSE_CMD_STRING:
        *(const char **)d->addr = argument;
        break;
    case PARSE_CMD_FN:
        ((parse_cmd_fn_t)(uintptr_t)d->addr)(d->val);
        break;
    case PARSE_CMD_FN_ARG:
        ((parse_cmd_fn_arg_t)(uintptr_t)d->addr)(d->val, argument, number);
        break;
    case PARSE_CMD_INC:
        ++*(int *)d->addr;
        break;
    case PARSE_CMD_DEC:
        --*(int *)d->addr;
        break;
    }
}

static const struct description *find(const struct parser *p, int code)
{
    if (code >= LONG_ONLY)
        return &p->option[code - LONG_ONLY];
    for (int i = 0; i < p->count; i++)
        if (p->option[i].short_name == code)
            return &p->option[i];
    return NULL;
}

static int run(struct parser *p, int *argc, const char ***argv)
{
    char *const *arguments = (char *const *)*argv;
    int code;

    make_tables(p);
    optind = 0;                 /* newlib's: begin anew */
    opterr = 0;
    while ((code = getopt_long(*argc, arguments, p->short_names,
                               p->long_names, NULL)) != -1) {
        const struct description *d = find(p, code);
        if (code == 'h' && !d)
            return help(p, **argv, ERR_HELP);
        if (!d)
            return help(p, **argv, ERR_OPTIONS);
        apply(d, takes_argument(d) ? optarg : NULL);
    }
    *argc -= optind;
    *argv += optind;
    return 0;
}

int parse_cmdlinev(int *argc, const char ***argv, int arg0, va_list va)
{
    static struct parser p;

    p.count = 0;
    for (; arg0; arg0 = va_arg(va, int)) {
        struct description *d = &p.option[p.count++];
        const char *string = NULL;
        if (p.count == MAX_OPTIONS)
            return ERR_DESCRIPTION;
        d->short_name = arg0;
        d->long_name = va_arg(va, const char *);
        d->comment = va_arg(va, const char *);
        d->type = (enum parse_cmd_type)va_arg(va, int);
        if (d->type == PARSE_CMD_STRING)
            string = va_arg(va, const char *);
        else
            d->val = va_arg(va, int);
        d->addr = va_arg(va, void *);
        if ((unsigned)d->type > PARSE_CMD_DEC || !d->addr)
            return ERR_DESCRIPTION;
        set_default(d, string);
    }
    return run(&p, argc, argv);
}

int parse_cmdline(int *argc, const char ***argv, int arg0, ...)
{
    va_list va;
    int result;

    va_start(va, arg0);
    result = parse_cmdlinev(argc, argv, arg0, va);
    va_end(va);
    return result;
}
