/* SPDX-License-Identifier: BSD-2-Clause */
/* Doubly linked rings. A link alone in its ring points at itself. */
#ifndef CORE_LIST_H
#define CORE_LIST_H

#include "types.h"

struct list {
    struct list *next, *prev;
};

static inline void list_init(struct list *l)
{
    l->next = l->prev = l;
}

static inline bool list_empty(const struct list *l)
{
    return l->next == l;
}

/* Put l, which is in no ring, before `where`; at the tail if that is a head. */
static inline void list_insert(struct list *l, struct list *where)
{
    l->next = where;
    l->prev = where->prev;
    where->prev->next = l;
    where->prev = l;
}

/* Take l out; it is alone afterwards. Harmless when it already is. */
static inline void list_remove(struct list *l)
{
    l->next->prev = l->prev;
    l->prev->next = l->next;
    list_init(l);
}

#endif
