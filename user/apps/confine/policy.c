/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What may pass between the creature and the world: it may ask where `notes'
 * is, and read its notes 1 to 3; what notes answers may come in. All else is
 * refused: what is not allowed here by name does not happen.
 */
#include <stdio.h>
#include <string.h>

#include <hickory/root.h>

#include "notes.h"
#include "warden.h"

#define PATIENCE    3000000     /* microseconds, for others to come */
#define BUSY        20000       /* ... for a server to have time for us */
#define PUBLIC_LOW  1           /* the notes that the creature may read */
#define PUBLIC_HIGH 3

static l4_threadid_t notes, spy;

bool policy_init(void)
{
    notes = root_lookup_wait("notes", PATIENCE);
    spy = root_lookup_wait("spy", PATIENCE);
    return !l4_is_nil_id(notes) && !l4_is_nil_id(spy);
}

/* ---- the log: one line for each message ---- */

static const char *name_of(l4_threadid_t id)
{
    if (l4_task_equal(id, ROOT_ID))
        return "root";
    if (l4_task_equal(id, notes))
        return "notes";
    return l4_task_equal(id, spy) ? "spy" : "creature";
}

static void print_line(const struct message *m, const char *content,
                       const char *verdict)
{
    char whole[64];

    snprintf(whole, sizeof(whole), "%s -> %s: %s", name_of(m->from),
             name_of(m->dest), content);
    printf("   %-4s %-38s %s\n", m->dope.md.src_inside ? "out" : "in", whole,
           verdict);
}

/* ---- what can be done with a message ---- */

/* On to where it was meant to go, its true source as the virtual sender. */
static struct answer pass(const struct message *m)
{
    return (struct answer){
        ANSWER_AS, m->dest, m->from, { m->w[0], m->w[1] },
        m->dope.md.src_inside ? BUSY : 0,
    };
}

/* Back to where it came from, as if the destination had answered. */
static struct answer answer_for(const struct message *m, l4_umword_t w0,
                                l4_umword_t w1)
{
    return (struct answer){ ANSWER_AS, m->from, m->dest, { w0, w1 }, 0 };
}

static struct answer refuse(const struct message *m, const char *content)
{
    print_line(m, content, "refused");
    return answer_for(m, RESULT_REFUSED, 0);
}

/* ---- the rules ---- */

/* Root does not know the creature and would not answer it: we ask in our own
   name, and answer in root's. Who is not to be known does not exist. */
static struct answer decide_root(const struct message *m)
{
    char name[NAME_LENGTH + 1], content[32];
    l4_threadid_t id = L4_NIL_ID;

    if (REQUEST_CODE(m->w[0]) != REQUEST_LOOKUP)
        return refuse(m, "a request");
    name_unpack(m->w[0], m->w[1], name);
    snprintf(content, sizeof(content), "who is %s?", name);
    if (strcmp(name, "notes") == 0)
        id = root_lookup(name);
    print_line(m, content, l4_is_nil_id(id) ? "answered: nobody"
                                            : "answered for root");
    return answer_for(m, (l4_uint32_t)id.raw, (l4_uint32_t)(id.raw >> 32));
}

static struct answer decide_notes(const struct message *m)
{
    unsigned n = NOTES_NUMBER(m->w[0]);
    char content[32];

    if (NOTES_CODE(m->w[0]) != NOTES_READ)
        return refuse(m, "write a note");
    snprintf(content, sizeof(content), "read note %u", n);
    if (n < PUBLIC_LOW || n > PUBLIC_HIGH)
        return refuse(m, content);
    print_line(m, content, "passed on");
    return pass(m);
}

static struct answer decide_inward(const struct message *m)
{
    char content[32];

    snprintf(content, sizeof(content), "%lu, %lu", m->w[0], m->w[1]);
    if (!l4_task_equal(m->from, notes))
        return refuse(m, content);
    print_line(m, content, "passed on");
    return pass(m);
}

struct answer policy_decide(const struct message *m)
{
    char content[32];

    if (!m->dope.md.src_inside)
        return decide_inward(m);
    if (l4_task_equal(m->dest, ROOT_ID))
        return decide_root(m);
    if (l4_task_equal(m->dest, notes))
        return decide_notes(m);
    snprintf(content, sizeof(content), "%lu, %lu", m->w[0], m->w[1]);
    return refuse(m, content);
}
