/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The messages sigma0 and root understand; see doc/api/sigma0.md and
 * doc/api/root.md. Readable without either of them: only numbers.
 */
#ifndef HICKORY_PROTOCOL_H
#define HICKORY_PROTOCOL_H

#include <l4/sys/types.h>

/* The two tasks the kernel makes; both in one clan. */
#define SIGMA0_TASK 2
#define ROOT_TASK   4
#define SIGMA0_ID   ((l4_threadid_t){ .raw = 1 | SIGMA0_TASK << 17 })
#define ROOT_ID     ((l4_threadid_t){ .raw = 1 | ROOT_TASK << 17 })

/*
 * What word 0 of a message to a pager says, by its low bits:
 *   x0  page fault at word 0 & ~3, bit 1 = write; word 1 = ip. Not so
 *       REQUEST_ANY_PAGE, which no fault can be on a 32-bit target.
 *   0101  exception, the number above; word 1 = ip. REQUEST_KIP has 0001.
 *   11  a request of those below.
 */
#define REQUEST_KIP         0x01UL  /* the kernel info page */
#define REQUEST_ANY_PAGE    0xFFFFFFFCUL    /* word 1: size, as in an fpage */

#define REQUEST_RAM         0x13UL  /* word 1: fpage of RAM, 1:1 */
#define REQUEST_DEVICE      0x23UL  /* word 1: fpage of device memory */
#define REQUEST_EXIT        0x33UL  /* word 1: status. No reply */
#define REQUEST_LOOKUP      0x43UL  /* a name; reply: a thread id */
#define REQUEST_REGISTER    0x53UL  /* reply: a result */
#define REQUEST_TASK        0x63UL  /* reply: a result and a task number */
#define REQUEST_PORTS       0x73UL  /* word 1: fpage of I/O ports */

/* The code of a request; what is above it belongs to the code. */
#define REQUEST_CODE(word0) ((word0) & 0xffUL)

#define IS_FAULT(word0)     (((word0) & 1) == 0)
#define IS_REQUEST(word0)   (((word0) & 3) == 3)
#define FAULT_ADDRESS(word0) ((word0) & ~3UL)
#define FAULT_WRITE(word0)  (((word0) & 2) != 0)

/* Results of requests that map nothing. */
enum request_result {
    REQUEST_OK,
    REQUEST_REFUSED,        /* not the caller's to have */
    REQUEST_NONE_LEFT,
    REQUEST_UNKNOWN,
    REQUEST_NO_ANSWER       /* made by the client: the call failed */
};

/*
 * Names have up to seven characters. Three travel in word 0 above the code,
 * four in word 1, the first character lowest.
 */
#define NAME_LENGTH 7

struct name_words {
    l4_umword_t in_word0, word1;
};

L4_INLINE struct name_words name_pack(const char *name)
{
    struct name_words n = { 0, 0 };

    for (unsigned i = 0; i < NAME_LENGTH && name[i]; i++) {
        l4_umword_t c = (unsigned char)name[i];
        if (i < 3)
            n.in_word0 |= c << (8 + 8 * i);
        else
            n.word1 |= c << (8 * (i - 3));
    }
    return n;
}

/* The inverse; `name` has room for NAME_LENGTH + 1 characters. */
L4_INLINE void name_unpack(l4_umword_t word0, l4_umword_t word1, char *name)
{
    for (unsigned i = 0; i < 3; i++)
        name[i] = (char)(word0 >> (8 + 8 * i));
    for (unsigned i = 3; i < NAME_LENGTH; i++)
        name[i] = (char)(word1 >> (8 * (i - 3)));
    name[NAME_LENGTH] = '\0';
}

#endif
