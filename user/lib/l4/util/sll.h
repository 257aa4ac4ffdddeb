/* SPDX-License-Identifier: BSD-2-Clause */
/* Singly linked lists; for programs with a C library. */
#ifndef L4_UTIL_SLL_H
#define L4_UTIL_SLL_H

#include <stdlib.h>

#include <l4/sys/compiler.h>

typedef struct slist_t {
    struct slist_t *next;
    void *data;
} slist_t;

/* NULL: no memory. */
L4_INLINE slist_t *list_new_entry(void *data)
{
    slist_t *entry = (slist_t *)malloc(sizeof(*entry));

    if (entry) {
        entry->data = data;
        entry->next = NULL;
    }
    return entry;
}

L4_INLINE void list_free_entry(slist_t **entry)
{
    free(*entry);
    *entry = NULL;
}

L4_INLINE unsigned char list_is_empty(slist_t *list)
{
    return list == NULL;
}

L4_INLINE int list_elements(slist_t *list)
{
    int n = 0;

    for (; list; list = list->next)
        n++;
    return n;
}

/* Where the pointer to `node` is (NULL: to the end), seen from *list. */
L4_INLINE slist_t **l4util_list_find(slist_t **list, slist_t *node)
{
    while (*list && *list != node)
        list = &(*list)->next;
    return list;
}

/* These return the list. */
L4_INLINE slist_t *list_append(slist_t *list, slist_t *new_node)
{
    *l4util_list_find(&list, NULL) = new_node;
    return list;
}

L4_INLINE slist_t *list_add(slist_t *list, slist_t *new_node)
{
    if (!new_node)
        return list;
    new_node->next = list;
    return new_node;
}

/* The node is freed, too. */
L4_INLINE slist_t *list_remove(slist_t *list, slist_t *node)
{
    slist_t **p = l4util_list_find(&list, node);

    if (node && *p) {
        *p = node->next;
        free(node);
    }
    return list;
}

L4_INLINE void list_insert_after(slist_t *after, slist_t *new_node)
{
    if (!after || !new_node)
        return;
    new_node->next = after->next;
    after->next = new_node;
}

/* The n-th, from 1 on, or NULL. */
L4_INLINE slist_t *list_get_at(slist_t *list, int n)
{
    while (list && --n > 0)
        list = list->next;
    return n == 0 ? list : NULL;
}

#endif
