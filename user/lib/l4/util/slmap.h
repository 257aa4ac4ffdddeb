/* SPDX-License-Identifier: BSD-2-Clause */
/* Maps from keys to data, as linked lists; for programs with a C library. */
#ifndef L4_UTIL_SLMAP_H
#define L4_UTIL_SLMAP_H

#include <stdlib.h>
#include <string.h>

#include <l4/sys/compiler.h>

typedef struct slmap_t {
    struct slmap_t *next;
    void *key;
    unsigned key_size;
    void *data;
} slmap_t;

/* The key stays where it is. NULL: no memory. */
L4_INLINE slmap_t *map_new_entry(void *key, unsigned key_size, void *data)
{
    slmap_t *entry = (slmap_t *)malloc(sizeof(*entry));

    if (entry) {
        entry->next = NULL;
        entry->key = key;
        entry->key_size = key_size;
        entry->data = data;
    }
    return entry;
}

/* The key is a string. */
L4_INLINE slmap_t *map_new_sentry(char *key, void *data)
{
    return map_new_entry(key, (unsigned)strlen(key), data);
}

L4_INLINE void map_free_entry(slmap_t **entry)
{
    free(*entry);
    *entry = NULL;
}

L4_INLINE unsigned char map_is_empty(slmap_t *list)
{
    return list == NULL;
}

L4_INLINE int map_elements(slmap_t *list)
{
    int n = 0;

    for (; list; list = list->next)
        n++;
    return n;
}

/* Where the pointer to `entry` is (NULL: to the end), seen from *list. */
L4_INLINE slmap_t **l4util_map_find(slmap_t **list, slmap_t *entry)
{
    while (*list && *list != entry)
        list = &(*list)->next;
    return list;
}

/* These return the list. */
L4_INLINE slmap_t *map_append(slmap_t *list, slmap_t *new_entry)
{
    *l4util_map_find(&list, NULL) = new_entry;
    return list;
}

L4_INLINE slmap_t *map_add(slmap_t *list, slmap_t *new_entry)
{
    if (!new_entry)
        return list;
    new_entry->next = list;
    return new_entry;
}

/* The entry is freed, too. */
L4_INLINE slmap_t *map_remove(slmap_t *list, slmap_t *entry)
{
    slmap_t **p = l4util_map_find(&list, entry);

    if (entry && *p) {
        *p = entry->next;
        free(entry);
    }
    return list;
}

L4_INLINE void map_free(slmap_t **list)
{
    while (*list)
        *list = map_remove(*list, *list);
}

L4_INLINE void map_insert_after(slmap_t *after, slmap_t *new_entry)
{
    if (!after || !new_entry)
        return;
    new_entry->next = after->next;
    after->next = new_entry;
}

/* The n-th, from 1 on, or NULL. */
L4_INLINE slmap_t *map_get_at(slmap_t *list, int n)
{
    while (list && --n > 0)
        list = list->next;
    return n == 0 ? list : NULL;
}

L4_INLINE slmap_t *map_find(slmap_t *list, const void *key, unsigned key_size)
{
    while (list && (list->key_size != key_size ||
                    memcmp(list->key, key, key_size) != 0))
        list = list->next;
    return list;
}

L4_INLINE slmap_t *map_sfind(slmap_t *list, const char *key)
{
    return map_find(list, key, (unsigned)strlen(key));
}

#endif
