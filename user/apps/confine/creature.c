/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The untrusted program. It runs in a task of its own on code it shares with
 * the chief, without a C library: that would want data of its own. It could
 * as well be any program from anywhere; nothing below is checked here.
 */
#include <l4/sys/ipc.h>
#include <l4/sys/syscalls.h>

#include <hickory/protocol.h>

#include "creature.h"
#include "notes.h"

/* A name of up to five characters, as root's requests have it. */
#define NAME_WORD0(a, b, c) \
    ((l4_umword_t)(a) << 8 | (l4_umword_t)(b) << 16 | (l4_umword_t)(c) << 24)
#define NAME_WORD1(d, e)    ((l4_umword_t)(d) | (l4_umword_t)(e) << 8)

/* Call; the result is word 0 of the answer, *w1 goes there and comes back. */
static l4_umword_t call(l4_threadid_t to, l4_umword_t w0, l4_umword_t *w1)
{
    l4_msgdope_t dope;

    if (l4_ipc_call(to, L4_IPC_SHORT_MSG, w0, *w1, L4_IPC_SHORT_MSG, &w0, w1,
                    L4_IPC_NEVER, &dope))
        return RESULT_REFUSED;
    return w0;
}

/* Whoever is outside the clan, on the way to it is the chief. */
static l4_threadid_t my_chief(void)
{
    l4_threadid_t chief;

    l4_nchief(ROOT_ID, &chief);
    return chief;
}

static void say(enum subject subject, l4_umword_t value)
{
    call(my_chief(), CREATURE_SAYS | (l4_umword_t)subject << 8, &value);
}

/* Ask root for a thread by its name; or so it believes. */
static l4_threadid_t look_up(l4_umword_t name0, l4_umword_t name1)
{
    l4_umword_t high = name1;
    l4_umword_t low = call(ROOT_ID, REQUEST_LOOKUP | name0, &high);

    return (l4_threadid_t){
        .raw = (l4_uint32_t)low | (l4_uint64_t)(l4_uint32_t)high << 32,
    };
}

static l4_umword_t read_note(l4_threadid_t notes, l4_umword_t number)
{
    l4_umword_t value = 0;

    if (call(notes, NOTES_READ | number << 8, &value) != RESULT_OK)
        return 0;
    return value;
}

/* A server that is told this in the chief's name would trust it. */
static l4_umword_t write_as_chief(l4_threadid_t notes)
{
    l4_msgdope_t dope;

    return (l4_umword_t)l4_ipc_chief_send(notes, my_chief(), L4_IPC_SHORT_MSG,
                                          NOTES_WRITE | 1 << 8, 666,
                                          L4_IPC_NEVER, &dope);
}

/* Take all the memory there is, and then some. */
static void be_greedy(void)
{
    for (l4_umword_t i = 0; i < CREATURE_PAGES; i++) {
        *(volatile l4_umword_t *)(CREATURE_MEMORY + i * L4_PAGESIZE) = i;
        say(SAY_PAGES, i + 1);
    }
}

void creature_main(void)
{
    l4_threadid_t notes = look_up(NAME_WORD0('n', 'o', 't'),
                                  NAME_WORD1('e', 's'));
    l4_threadid_t spy = look_up(NAME_WORD0('s', 'p', 'y'), 0);
    l4_umword_t value;

    say(SAY_NOTES_IS, notes.id.task);
    say(SAY_SPY_IS, spy.id.task);

    value = read_note(notes, 1);
    say(SAY_NOTE_1, value);
    say(SAY_SECRET, read_note(notes, NOTES_SECRET));
    l4_umword_t new = 666;
    say(SAY_WRITE, call(notes, NOTES_WRITE | 1 << 8, &new));

    /* Nobody says who the spy is, but task numbers can be guessed. */
    spy = notes;
    spy.id.task++;
    say(SAY_TELL_SPY, call(spy, SPY_TELL, &value));
    say(SAY_DECEIT, write_as_chief(notes));

    be_greedy();
    for (;;)
        l4_ipc_sleep(L4_IPC_NEVER);
}
