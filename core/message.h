/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a message carries, in this order: map items, words, strings.
 *
 *   message buffer            send dope, size dope
 *   +0  receive window         31                13 12       8 7       0
 *   +1  size dope             +--------------------+----------+---------+
 *   +2  send dope             |    words (19)      | strings  | result  |
 *   +3  word 0, word 1 ...    +--------------------+----------+---------+
 *   +3 + words of size dope:
 *       string dopes of four words: send size, send address,
 *                                   receive size, receive address
 *
 * The size dope says how large the buffer is, the send dope how much of it
 * to send. The first L4_REG_WORDS words travel in registers and their places
 * in the buffer are left alone. Bit 31 of a string size says that the string
 * goes on in the next dope: parts of one string are gathered from several
 * places of the sender, and scattered to several of the receiver.
 */
#ifndef CORE_MESSAGE_H
#define CORE_MESSAGE_H

#include "ipc.h"
#include "usermem.h"

#define MESSAGE_HEADER  3u      /* words in front of word 0 */
#define MAX_STRING      ((word_t)4 << 20)

/* Fields of a dope. */
#define DOPE_WORDS_SHIFT    13
#define DOPE_STRINGS_SHIFT  8

static inline word_t dope_words(word_t dope)
{
    return dope >> DOPE_WORDS_SHIFT & 0x7ffff;
}

static inline word_t dope_strings(word_t dope)
{
    return dope >> DOPE_STRINGS_SHIFT & 0x1f;
}

enum message_progress {
    MESSAGE_DONE,           /* the outcome is in *error */
    MESSAGE_PREEMPTED,      /* an interrupt waits; call again to go on */
    MESSAGE_FAULT           /* *fault has to be resolved first */
};

/*
 * Carry the message of s (at its active level) over to r (at its), from where
 * the sender's transfer state says it stands. May be called again and again;
 * nothing is taken for granted from one call to the next but that state.
 */
enum message_progress message_transfer(struct tcb *s, struct tcb *r,
                                       enum ipc_error *error,
                                       struct user_fault *fault);

/*
 * A whole ipc of `self`, by the gate or by an operation word, that sends to a
 * partner who waits and then waits in turn. False: nothing is done that the
 * general path would not do again. Returns true with the partner current.
 * (message_fast.c)
 */
bool message_fast(struct tcb *self, word_t number);

#endif
