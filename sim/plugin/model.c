/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The numbers of one processor, from the file that sim/model.py writes, and the
 * sets of tags that caches, translation buffers and branch buffers are. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model.h"

static const struct {
    const char *name;
    size_t offset;
} numbers[] = {
#define NUMBER(name, field) {name, offsetof(struct model, field)}
    NUMBER("width", width), NUMBER("window", window), NUMBER("agi", agi),
    NUMBER("word", word), NUMBER("targets", targets),
    NUMBER("returns", returns), NUMBER("taken", taken),
    NUMBER("mispredicted", mispredicted), NUMBER("trap", trap),
    NUMBER("icache_size", icache.size), NUMBER("icache_line", icache.line),
    NUMBER("icache_ways", icache.ways), NUMBER("dcache_size", dcache.size),
    NUMBER("dcache_line", dcache.line), NUMBER("dcache_ways", dcache.ways),
    NUMBER("l2_size", l2.size), NUMBER("l2_line", l2.line),
    NUMBER("l2_ways", l2.ways), NUMBER("l2_hit", l2_hit),
    NUMBER("memory", memory), NUMBER("store_miss", store_miss),
    NUMBER("itlb_entries", itlb.entries), NUMBER("itlb_ways", itlb.ways),
    NUMBER("dtlb_entries", dtlb.entries), NUMBER("dtlb_ways", dtlb.ways),
    NUMBER("itlb_large_entries", itlb_large.entries),
    NUMBER("itlb_large_ways", itlb_large.ways),
    NUMBER("dtlb_large_entries", dtlb_large.entries),
    NUMBER("dtlb_large_ways", dtlb_large.ways), NUMBER("walk", walk),
};

static const struct {
    const char *name;
    size_t offset;
} switches[] = {
    NUMBER("allocate", allocate), NUMBER("unified", unified),
    NUMBER("tags", tags), NUMBER("global", global),
};

static const char *const classes[] = {
#define X(name) #name,
    CLASSES(X)
#undef X
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* The place of a name in a list, or -1. */
static int place(const char *name, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(name, list[i]) == 0)
            return (int)i;
    return -1;
}

static bool set_word(struct model *model, const char *name, const char *value)
{
    static const char *const orders[] = {"in-order", "out-of-order"};
    static const char *const predictors[] = {"not-taken", "delay-slot",
                                             "buffer"};
    int found;

    if (strcmp(name, "order") == 0) {
        found = place(value, orders, COUNT(orders));
        model->order = (enum order)found;
    } else if (strcmp(name, "predictor") == 0) {
        found = place(value, predictors, COUNT(predictors));
        model->predictor = (enum predictor)found;
    } else {
        return false;
    }
    return found >= 0;
}

static bool set_number(struct model *model, const char *name,
                       unsigned long value)
{
    for (size_t i = 0; i < COUNT(numbers); i++)
        if (strcmp(name, numbers[i].name) == 0) {
            *(uint32_t *)((char *)model + numbers[i].offset) = (uint32_t)value;
            return true;
        }
    for (size_t i = 0; i < COUNT(switches); i++)
        if (strcmp(name, switches[i].name) == 0) {
            *(bool *)((char *)model + switches[i].offset) = value != 0;
            return true;
        }
    return false;
}

/* "class ISSUE LATENCY PAIRS" */
static bool set_timing(struct model *model, const char *name,
                       const char *value)
{
    static const char *const pairings[] = {"no", "first", "second", "both",
                                           "serial"};
    struct timing *timing;
    char pairs[8];
    int class = place(name, classes, CLASS_COUNT), found;

    if (class < 0)
        return false;
    timing = &model->timing[class];
    if (sscanf(value, "%u %u %7s", &timing->issue, &timing->latency,
               pairs) != 3)
        return false;
    found = place(pairs, pairings, COUNT(pairings));
    timing->pairs = (enum pairing)found;
    return found >= 0;
}

static bool set(struct model *model, const char *name, const char *value)
{
    char *end;
    unsigned long number = strtoul(value, &end, 10);

    if (end != value && *end == '\0' && set_number(model, name, number))
        return true;
    return set_timing(model, name, value) || set_word(model, name, value);
}

const char *model_read(struct model *model, const char *file_name)
{
    static char complaint[160];
    char name[64], value[64];
    FILE *file = fopen(file_name, "r");

    memset(model, 0, sizeof(*model));
    if (!file)
        return "cannot read the file";
    while (fscanf(file, "%63s %63[^\n]", name, value) == 2)
        if (!set(model, name, value)) {
            snprintf(complaint, sizeof(complaint), "%s cannot be %s", name,
                     value);
            fclose(file);
            return complaint;
        }
    fclose(file);
    if (!model->width || !model->icache.line || !model->dcache.line)
        return "the file is not complete";
    return NULL;
}

/* ---- sets ---- */

bool sets_init(struct sets *sets, uint32_t entries, uint32_t ways)
{
    sets->ways = ways && ways < entries ? ways : entries;
    sets->sets = entries ? entries / sets->ways : 0;
    sets->tags = entries ? calloc(entries, sizeof(*sets->tags)) : NULL;
    return !entries || sets->tags;
}

void sets_clear(struct sets *sets)
{
    if (sets->sets)
        memset(sets->tags, 0,
               (size_t)sets->sets * sets->ways * sizeof(*sets->tags));
}

void sets_forget(struct sets *sets, uint64_t bit)
{
    for (size_t i = 0; i < (size_t)sets->sets * sets->ways; i++)
        if (sets->tags[i] & bit)
            sets->tags[i] = 0;
}

static uint64_t *set_of(struct sets *sets, uint64_t index)
{
    return sets->tags + index % sets->sets * sets->ways;
}

bool sets_find(struct sets *sets, uint64_t index, uint64_t tag)
{
    uint64_t *set;

    if (!sets->sets)
        return false;
    set = set_of(sets, index);
    for (uint32_t i = 0; i < sets->ways; i++)
        if (set[i] == tag) {
            memmove(set + 1, set, i * sizeof(*set));
            set[0] = tag;
            return true;
        }
    return false;
}

void sets_insert(struct sets *sets, uint64_t index, uint64_t tag)
{
    uint64_t *set;

    if (!sets->sets)
        return;
    set = set_of(sets, index);
    memmove(set + 1, set, (sets->ways - 1) * sizeof(*set));
    set[0] = tag;
}
