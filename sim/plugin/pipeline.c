/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * When instructions are issued. In order: each waits for its registers, and may
 * go together with the one before when the rules of pairing allow; whatever
 * waits for memory stops all behind it. Out of order: micro-operations enter a
 * window at so many a cycle, start when their registers are ready, and leave in
 * order; execution units are taken to be free.
 */
#include <stdlib.h>
#include <string.h>

#include "model.h"

#define WINDOW  256
#define VALID   BIT(63)
#define RETURNS 32

static const struct model *model;
static uint64_t now;                /* when the next one may be issued */
static uint64_t done;               /* out of order: all have left */
static uint64_t ready[REGISTERS];   /* when a register has its value */
static uint64_t left[WINDOW];       /* when past micro-operations left */
static uint64_t entered;            /* micro-operations so far */
static struct op first;             /* the one a second may go with ... */
static bool open;                   /* ... if it may */
static uint64_t started;            /* when `first` was issued */

/* The branch buffer: a target and two bits of history for each branch. */
static struct prediction {
    uint64_t branch, target;
    uint8_t history;
} *buffer;
static uint64_t returns[RETURNS];
static uint32_t depth;              /* calls so far, modulo the stack */

void pipeline_init(const struct model *of)
{
    model = of;
    buffer = calloc(model->targets + 1, sizeof(*buffer));
    if (!buffer)
        abort();
}

uint32_t pipeline_units(void)
{
    return model->order == OUT_OF_ORDER ? model->width : 1;
}

uint64_t pipeline_time(void)
{
    return model->order == OUT_OF_ORDER ? done : now;
}

/* When all registers in the mask are ready. */
static uint64_t all_ready(uint64_t registers)
{
    uint64_t time = 0;

    for (; registers; registers &= registers - 1) {
        int r = __builtin_ctzll(registers);
        if (ready[r] > time)
            time = ready[r];
    }
    return time;
}

static void set_ready(uint64_t registers, uint64_t time)
{
    for (; registers; registers &= registers - 1)
        ready[__builtin_ctzll(registers)] = time;
}

static uint64_t later(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

/* Registers that stand in the way of a pair: the second one needs or sets what
 * the first one sets. A branch sees flags in time, and push and pop know the
 * stack pointer early. */
static bool depends(const struct op *op)
{
    uint64_t set = first.writes;

    if (op->class == CLASS_branch || op->class == CLASS_jump)
        set &= ~BIT(REG_FLAGS);
    if (op->free_stack && first.free_stack)
        set &= ~BIT(4);
    return (set & (op->reads | op->addressing)) ||
           (set & ~BIT(REG_FLAGS) & op->writes);
}

static bool is_branch(const struct op *op)
{
    return op->class >= CLASS_branch && op->class <= CLASS_ret;
}

static bool goes_second(const struct op *op, uint64_t time)
{
    enum pairing pairs = model->timing[op->class].pairs;

    return open && (pairs == PAIR_SECOND || pairs == PAIR_BOTH) &&
           !op->unpaired && !op->first_only && time <= started &&
           !(is_branch(op) && is_branch(&first)) && !depends(op);
}

static void in_order(const struct op *op, const struct events *events)
{
    const struct timing *timing = &model->timing[op->class];
    uint32_t more = op->words > 1 ? (op->words - 1) * model->word : 0;
    uint64_t needed = op->reads, time;

    if (op->class == CLASS_branch && open)
        needed &= ~BIT(REG_FLAGS);
    time = later(all_ready(needed), op->addressing && !op->free_stack
                     ? all_ready(op->addressing) + model->agi : 0);
    if (events->fetch) {
        now += events->fetch;
        open = false;
    }
    if (goes_second(op, time)) {
        time = started;
        open = false;
    } else {
        time = later(now, later(time, all_ready(op->reads)));
        open = model->width > 1 && !op->unpaired &&
               (timing->pairs == PAIR_FIRST || timing->pairs == PAIR_BOTH);
        first = *op;
        started = time;
    }
    now = later(now, time + timing->issue + more + events->data);
    set_ready(op->writes, time + timing->latency + more + events->data);
    if (op->free_stack)
        ready[4] = time + 1;
}

static void out_of_order(const struct op *op, const struct events *events)
{
    const struct timing *timing = &model->timing[op->class];
    uint32_t unit = model->width;
    uint32_t pieces = timing->issue +
                      (op->words > 1 ? (op->words - 1) * model->word : 0);
    uint64_t time;

    now += (uint64_t)events->fetch * unit;
    if (timing->pairs == PAIR_SERIAL) {
        now = done = later(now, done) +
                     (uint64_t)(timing->issue + events->data) * unit;
        set_ready(op->writes, now);
        return;
    }
    if (entered >= model->window)
        now = later(now, left[(entered - model->window) % WINDOW]);
    now += pieces;
    time = later(now, all_ready(op->reads | op->addressing));
    time += (uint64_t)(timing->latency +
                       (op->class == CLASS_store ? 0 : events->data)) * unit;
    done = later(done + pieces, time);
    for (uint32_t i = 0; i < pieces; i++)
        left[entered++ % WINDOW] = done;
    set_ready(op->writes, time);
    if (op->free_stack)
        ready[4] = now + unit;
    if (is_branch(op))
        started = time;
}

void pipeline_op(const struct op *op, const struct events *events)
{
    if (model->order == OUT_OF_ORDER)
        out_of_order(op, events);
    else
        in_order(op, events);
}

void pipeline_trap(void)
{
    now = done = later(now, done) + (uint64_t)model->trap * pipeline_units();
    open = false;
}

/* Does the return stack say where this return goes? Calls fill it. */
static bool return_known(const struct op *op, uint64_t target)
{
    if (!model->returns)
        return false;
    if (op->class == CLASS_ret)
        return returns[--depth % model->returns % RETURNS] == target;
    if (op->class == CLASS_call)
        returns[depth++ % model->returns % RETURNS] =
            op->address + op->size * (op->delayed ? 2 : 1);
    return false;
}

/* Was it predicted? The entry learns what happened. */
static bool predicted(const struct op *op, bool taken, uint64_t target)
{
    struct prediction *entry = &buffer[op->address / 2 % model->targets];
    bool known = entry->branch == (op->address | VALID);
    bool expected = known && entry->history >= 2;
    bool right = expected == taken && (!taken || entry->target == target);

    if (known && taken && entry->history < 3)
        entry->history++;
    else if (known && !taken && entry->history > 0)
        entry->history--;
    if (taken && !known)
        *entry = (struct prediction){op->address | VALID, target, 3};
    if (known && taken)
        entry->target = target;
    return right;
}

/* Everything behind a branch that went elsewhere has to be fetched anew. */
static void refetch(uint32_t cycles)
{
    if (model->order == OUT_OF_ORDER)
        now = later(now, started + (uint64_t)cycles * model->width);
    else
        now += cycles;
    open = false;
}

void pipeline_branch(const struct op *op, bool taken, uint64_t target)
{
    bool by_stack = return_known(op, target);

    if (model->predictor == PREDICT_BUFFER && !by_stack &&
        !predicted(op, taken, target))
        refetch(model->mispredicted);
    else if (taken && model->order == IN_ORDER)
        refetch(model->taken);
}
