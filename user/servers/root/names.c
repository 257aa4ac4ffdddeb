/* SPDX-License-Identifier: BSD-2-Clause */
#include <stddef.h>

#include <hickory/string.h>

#include "names.h"

#define NAMES 32

static struct entry {
    char name[LONG_NAME_LENGTH + 1];
    l4_taskid_t id;
    unsigned owner;             /* 0: unused */
} entries[NAMES];

static struct entry *find(const char *name)
{
    for (struct entry *e = entries; e < entries + NAMES; e++)
        if (e->owner && strcmp(e->name, name) == 0)
            return e;
    return NULL;
}

static struct entry *find_unused(void)
{
    for (struct entry *e = entries; e < entries + NAMES; e++)
        if (!e->owner)
            return e;
    return NULL;
}

bool name_set(const char *name, l4_taskid_t id, unsigned owner)
{
    struct entry *e = find(name);
    bool remove = l4_is_nil_id(id);

    if (e ? e->owner != owner : remove)
        return false;
    if (!e)
        e = find_unused();
    if (!e)
        return false;
    e->owner = remove ? 0 : owner;
    e->id = id;
    memcpy(e->name, name, strlen(name) + 1);
    return true;
}

l4_taskid_t name_find(const char *name)
{
    const struct entry *e = find(name);

    return e ? e->id : L4_NIL_ID;
}

void names_forget(unsigned owner)
{
    for (struct entry *e = entries; e < entries + NAMES; e++)
        if (e->owner == owner)
            e->owner = 0;
}
