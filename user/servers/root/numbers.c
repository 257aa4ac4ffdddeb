/* SPDX-License-Identifier: BSD-2-Clause */
#include <stddef.h>

#include <l4/sys/syscalls.h>

#include <hickory/thread.h>

#include "numbers.h"

#define FIRST_NUMBER    8       /* below it are the system's own */
#define NUMBERS         2048
#define ROOTS           0       /* root may create it */
#define CHILD           0x8000  /* root has made it, for the owner */

/* Who has a number: ROOTS, itself when it is one of root's own, or the task
   that may create it or for which it was created. */
static l4_uint16_t number_owner[NUMBERS];

l4_taskid_t number_id(unsigned number)
{
    l4_taskid_t id = L4_NIL_ID;

    id.id.task = number & (NUMBERS - 1);
    return id;
}

static bool is_free(unsigned number)
{
    return number >= FIRST_NUMBER && number < NUMBERS &&
           number_owner[number] == ROOTS;
}

static unsigned find_free(void)
{
    for (unsigned n = FIRST_NUMBER; n < NUMBERS; n++)
        if (is_free(n))
            return n;
    return 0;
}

unsigned number_take(void)
{
    unsigned n = find_free();

    number_owner[n] = (l4_uint16_t)n;   /* 0 is never free */
    return n;
}

bool number_make_inactive(unsigned number, l4_threadid_t chief)
{
    return !l4_is_nil_id(l4_task_new(number_id(number),
                                     (l4_uint32_t)chief.raw, 0, 0,
                                     L4_NIL_ID));
}

unsigned number_give(unsigned number, l4_taskid_t to)
{
    if (number == 0)
        number = find_free();
    if (!is_free(number) || !number_make_inactive(number, to))
        return 0;
    number_owner[number] = to.id.task;
    return number;
}

/* The kernel knows whether he has: we can dispose of it only then. */
bool number_take_back(unsigned number, unsigned owner)
{
    if (number >= NUMBERS || number_owner[number] != owner ||
        number == owner || !number_make_inactive(number, l4_myself()))
        return false;
    number_owner[number] = ROOTS;
    return true;
}

void numbers_return(unsigned owner)
{
    for (unsigned n = FIRST_NUMBER; n < NUMBERS; n++) {
        if (number_owner[n] == (owner | CHILD))
            number_make_inactive(n, l4_myself());
        if ((number_owner[n] & ~CHILD) == owner)
            number_owner[n] = ROOTS;
    }
}

/* ---- tasks made for others ---- */

l4_taskid_t child_create(const struct child *c)
{
    l4_taskid_t id = L4_NIL_ID;

    if (!is_free(c->number) && child_owner(c->number) != c->owner)
        return id;
    id = l4_task_new(number_id(c->number), c->mcp, c->sp, c->ip, c->pager);
    number_owner[c->number] = ROOTS;    /* what was there is gone */
    if (l4_is_nil_id(id))
        return id;
    number_owner[c->number] = (l4_uint16_t)(c->owner | CHILD);
    thread_set_priority(id, c->priority);
    return id;
}

bool child_delete(unsigned number, unsigned owner)
{
    if (owner == 0 || child_owner(number) != owner)
        return false;
    number_make_inactive(number, l4_myself());
    number_owner[number] = ROOTS;
    return true;
}

unsigned child_owner(unsigned number)
{
    return number < NUMBERS && (number_owner[number] & CHILD)
               ? number_owner[number] & ~CHILD
               : 0;
}
