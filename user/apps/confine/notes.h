/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The services outside, and what may be said to them. Calls of two words;
 * the reply's word 0 is a result, its word 1 a value.
 */
#ifndef CONFINE_NOTES_H
#define CONFINE_NOTES_H

/* A small file server: numbered notes, each of them one word. */
#define NOTES_READ  0x03UL      /* | number << 8 */
#define NOTES_WRITE 0x13UL      /* | number << 8; word 1: the new value */
#define NOTES_CODE(w0)      ((w0) & 0xffUL)
#define NOTES_NUMBER(w0)    ((w0) >> 8 & 0xffUL)
#define NOTES       8
#define NOTES_SECRET 7          /* the note with the password in it */

/* A collector of what others should not have told it. */
#define SPY_TELL    0x03UL      /* word 1: something worth knowing */
#define SPY_COUNT   0x13UL      /* reply: how often it was told something */

enum result {
    RESULT_OK,
    RESULT_REFUSED
};

#endif
