/* SPDX-License-Identifier: BSD-2-Clause */
#include "config.h"

/*
 * One pass over the text: `at` moves on, a line at a time. Every function
 * that returns bool returns false after it has noted an error.
 */
struct parser {
    const char *at, *end;       /* what is left */
    unsigned line;
    const char *const *modules;
    struct config *out;
    struct config_task *task;   /* the one being described */
    unsigned seen;              /* its options so far, a bit each */
};

typedef struct config_text text_t;

/* ---- errors ---- */

/* Append to the reason; what does not fit is dropped. */
static void append(struct config *c, const char *s, size_t length)
{
    size_t n = 0;

    while (c->error[n])
        n++;
    for (; length && *s && n < CONFIG_REASON; length--, s++)
        c->error[n++] = *s >= ' ' && *s <= '~' ? *s : '?';
    c->error[n] = '\0';
}

/* "what" or "what `word'". Returns false. */
static bool fail(struct parser *p, const char *what, const text_t *word)
{
    p->out->error_line = p->line;
    p->out->error[0] = '\0';
    append(p->out, what, CONFIG_REASON);
    if (word) {
        append(p->out, " `", 2);
        append(p->out, word->start, word->length < 32 ? word->length : 32);
        append(p->out, "'", 1);
    }
    return false;
}

/* ---- words ---- */

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static bool at_line_end(const struct parser *p)
{
    return p->at == p->end || *p->at == '\n' || *p->at == '#';
}

static void skip_blanks(struct parser *p)
{
    while (p->at < p->end && is_blank(*p->at))
        p->at++;
}

/* Characters up to a blank, '=' or the line's end. May be empty. */
static text_t read_word(struct parser *p)
{
    text_t word = { p->at, 0 };

    while (!at_line_end(p) && !is_blank(*p->at) && *p->at != '=')
        p->at++;
    word.length = (size_t)(p->at - word.start);
    return word;
}

static bool is_same(text_t word, const char *s)
{
    size_t i = 0;

    while (i < word.length && s[i] && word.start[i] == s[i])
        i++;
    return i == word.length && s[i] == '\0';
}

static bool is_name_character(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
}

/* Copy a name of at most `room` characters. */
static bool copy_name(struct parser *p, text_t word, char *to, size_t room)
{
    if (word.length == 0)
        return fail(p, "a name is missing", NULL);
    if (word.length > room)
        return fail(p, "name too long:", &word);
    for (size_t i = 0; i < word.length; i++) {
        if (!is_name_character(word.start[i]))
            return fail(p, "not a name:", &word);
        to[i] = word.start[i];
    }
    to[word.length] = '\0';
    return true;
}

/* A decimal number; *rest is what follows it. */
static bool read_number(text_t word, size_t *value, text_t *rest)
{
    size_t n = 0, i = 0;

    for (; i < word.length; i++) {
        unsigned digit = (unsigned)(unsigned char)word.start[i] - '0';
        if (digit > 9)
            break;
        if (n > ((size_t)-1 - digit) / 10)
            return false;
        n = 10 * n + digit;
    }
    *value = n;
    *rest = (text_t){ word.start + i, word.length - i };
    return i > 0;
}

/* ---- options ---- */

static bool has_module(const struct parser *p, text_t word)
{
    for (const char *const *m = p->modules; *m; m++)
        if (is_same(word, *m))
            return true;
    return false;
}

static bool set_module(struct parser *p, text_t value)
{
    if (!copy_name(p, value, p->task->module, CONFIG_MODULE))
        return false;
    if (!has_module(p, value))
        return fail(p, "no module", &value);
    return true;
}

static bool set_memory(struct parser *p, text_t value)
{
    size_t size, unit = 1;
    text_t suffix;

    if (!read_number(value, &size, &suffix))
        return fail(p, "not a size:", &value);
    if (is_same(suffix, "K"))
        unit = 1024;
    else if (is_same(suffix, "M"))
        unit = 1024 * 1024;
    else if (suffix.length)
        return fail(p, "not a size:", &value);
    if (size == 0)
        return fail(p, "no memory:", &value);
    if (size > ((size_t)-1 >> 2) / unit)
        return fail(p, "too much memory:", &value);
    p->task->memory = size * unit;
    return true;
}

static bool set_priority(struct parser *p, text_t value)
{
    size_t priority;
    text_t rest;

    if (!read_number(value, &priority, &rest) || rest.length)
        return fail(p, "not a number:", &value);
    if (priority > CONFIG_MAX_PRIORITY)
        return fail(p, "no such priority:", &value);
    p->task->priority = (unsigned)priority;
    return true;
}

/* Cut the value into arguments at its blanks. \ takes the next character as
   it is. */
static bool set_args(struct parser *p, text_t value)
{
    struct config_task *t = p->task;
    const char *s = value.start, *end = s + value.length;
    bool inside = false;

    for (; s <= end; s++) {
        char c = s < end ? *s : ' ';
        bool blank = is_blank(c);
        if (c == '\\' && s + 1 < end)
            c = *++s;
        if (blank && !inside)
            continue;
        if (t->args_length == CONFIG_ARGS)
            return fail(p, "too many arguments", NULL);
        t->args[t->args_length++] = blank ? '\0' : c;
        t->argc += blank;
        inside = !blank;
    }
    return true;
}

static bool set_main(struct parser *p, text_t value)
{
    (void)value;
    p->task->is_main = true;
    return true;
}

static bool set_driver(struct parser *p, text_t value)
{
    (void)value;
    p->task->is_driver = true;
    return true;
}

static const struct option {
    const char *name;
    bool has_value;
    bool (*set)(struct parser *p, text_t value);
} options[] = {
    { "module", true, set_module },
    { "memory", true, set_memory },
    { "priority", true, set_priority },
    { "args", true, set_args },
    { "main", false, set_main },
    { "driver", false, set_driver },
};

#define OPTIONS (sizeof(options) / sizeof(options[0]))

/* What stands between two double quotes, the first of them passed. */
static bool read_quoted(struct parser *p, text_t *value)
{
    value->start = p->at;
    while (p->at < p->end && *p->at != '"' && *p->at != '\n') {
        if (*p->at == '\\' && p->at + 1 < p->end && p->at[1] != '\n')
            p->at++;
        p->at++;
    }
    if (p->at == p->end || *p->at != '"')
        return fail(p, "a closing \" is missing", NULL);
    value->length = (size_t)(p->at++ - value->start);
    if (!at_line_end(p) && !is_blank(*p->at))
        return fail(p, "a blank is missing after \"", NULL);
    return true;
}

/* What follows '=', if there is one. */
static bool read_value(struct parser *p, const struct option *o, text_t *value)
{
    bool equals = p->at < p->end && *p->at == '=';
    text_t name = { o->name, 0 };

    while (o->name[name.length])
        name.length++;
    if (equals != o->has_value)
        return fail(p, equals ? "no value belongs to" : "no value for", &name);
    if (!equals)
        return true;
    p->at++;
    if (p->at < p->end && *p->at == '"') {
        p->at++;
        return read_quoted(p, value);
    }
    *value = read_word(p);
    if (p->at < p->end && *p->at == '=')
        return fail(p, "a second = in the value of", &name);
    if (value->length == 0)
        return fail(p, "no value for", &name);
    return true;
}

static bool parse_option(struct parser *p)
{
    text_t word = read_word(p), value = { "", 0 };

    for (unsigned i = 0; i < OPTIONS; i++) {
        if (!is_same(word, options[i].name))
            continue;
        if (p->seen & 1u << i)
            return fail(p, "given twice:", &word);
        p->seen |= 1u << i;
        return read_value(p, &options[i], &value) &&
               options[i].set(p, value);
    }
    return fail(p, "unknown option", &word);
}

/* ---- statements ---- */

static bool is_new_name(struct parser *p, text_t word)
{
    for (unsigned i = 0; i < p->out->tasks; i++)
        if (is_same(word, p->out->task[i].name))
            return fail(p, "a second task", &word);
    return true;
}

/* The program is named like the task unless the line says otherwise. */
static bool default_module(struct parser *p)
{
    size_t length = 0;

    while (p->task->name[length])
        length++;
    return p->task->module[0] ||
           set_module(p, (text_t){ p->task->name, length });
}

/* task NAME [OPTION...] */
static bool parse_task(struct parser *p)
{
    if (p->out->tasks == CONFIG_TASKS)
        return fail(p, "too many tasks", NULL);
    p->seen = 0;
    p->task = &p->out->task[p->out->tasks];
    *p->task = (struct config_task){
        .line = p->line,
        .memory = CONFIG_DEFAULT_MEMORY,
        .priority = CONFIG_DEFAULT_PRIORITY,
    };
    skip_blanks(p);
    text_t name = read_word(p);
    if (!copy_name(p, name, p->task->name, CONFIG_NAME) ||
        !is_new_name(p, name))
        return false;
    for (skip_blanks(p); !at_line_end(p); skip_blanks(p))
        if (!parse_option(p))
            return false;
    if (!default_module(p))
        return false;
    p->out->tasks++;
    return true;
}

static bool parse_line(struct parser *p)
{
    skip_blanks(p);
    if (!at_line_end(p)) {
        text_t word = read_word(p);
        if (!is_same(word, "task"))
            return fail(p, "unknown statement", &word);
        if (!parse_task(p))
            return false;
    }
    while (p->at < p->end && *p->at != '\n')    /* a comment */
        p->at++;
    return true;
}

bool config_parse(struct config_text text, const char *const *modules,
                  struct config *out)
{
    struct parser p = {
        .at = text.start,
        .end = text.start + text.length,
        .modules = modules,
        .out = out,
    };

    out->tasks = 0;
    out->error_line = 0;
    out->error[0] = '\0';
    while (p.at < p.end) {
        p.line++;
        if (!parse_line(&p))
            return false;
        if (p.at < p.end)
            p.at++;             /* the end of the line */
    }
    if (out->tasks == 0) {
        p.line += p.line == 0;  /* an empty text has a first line, too */
        return fail(&p, "no task", NULL);
    }
    return true;
}
