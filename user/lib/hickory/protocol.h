/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The messages sigma0 and root understand; see doc/api/sigma0.md and
 * doc/api/root.md. Readable without either of them: only numbers.
 */
#ifndef HICKORY_PROTOCOL_H
#define HICKORY_PROTOCOL_H

#include <l4/sigma0/sigma0.h>
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
 * What request_normalize() knows comes before all that.
 */
#define REQUEST_KIP         0x01UL  /* the kernel info page */
#define REQUEST_ANY_PAGE    0xFFFFFFFCUL    /* word 1: size, as in an fpage */

#define REQUEST_RAM         0x13UL  /* word 1: fpage of RAM, 1:1 */
#define REQUEST_DEVICE      0x23UL  /* word 1: fpage of device memory */
#define REQUEST_EXIT        0x33UL  /* word 1: status. No reply */
#define REQUEST_LOOKUP      0x43UL  /* a name; reply: a thread id */
#define REQUEST_REGISTER    0x53UL  /* reply: a result */
#define REQUEST_TASK        0x63UL  /* word 1: a number, 0 for any; reply: a
                                       result and the task number */
#define REQUEST_PORTS       0x73UL  /* word 1: fpage of I/O ports */
#define REQUEST_FREE_TASK   0x83UL  /* word 1: the number; reply: a result */
#define REQUEST_IRQ         0x93UL  /* word 1: the line; reply: a result */
#define REQUEST_FREE_IRQ    0xa3UL  /* the same */
#define REQUEST_FREE_RAM    0xb3UL  /* word 1: a page's physical address, all
                                       ones for all; reply: a result */
#define REQUEST_FIND        0xc3UL  /* words 1...: a name; reply: a task id */
#define REQUEST_NAME        0xd3UL  /* words 1, 2: a task id, words 3...: its
                                       name; reply: a result */
#define REQUEST_CREATE      0xe3UL  /* words 1...: struct create_request;
                                       reply: a task id */
#define REQUEST_DELETE      0xf3UL  /* word 1: number of a task so created;
                                       reply: a result */
#define REQUEST_DUMP        0x03UL  /* say on the console who has what */

/* The words of the longest request, and of a name in one. */
#define REQUEST_WORDS       10
#define LONG_NAME_LENGTH    23      /* and a zero */

/* A task that root makes for the caller, in root's own clan. */
struct create_request {
    l4_umword_t number, mcp, sp, ip, pager_low, pager_high;
    l4_umword_t priority;           /* at most the caller's own; all ones: the
                                       caller's own */
};

/* The code of a request; what is above it belongs to the code. */
#define REQUEST_CODE(word0) ((word0) & 0xffUL)

#define IS_FAULT(word0)     (((word0) & 1) == 0)
#define IS_REQUEST(word0)   (((word0) & 3) == 3)
#define FAULT_ADDRESS(word0) ((word0) & ~3UL)
#define FAULT_WRITE(word0)  (((word0) & 2) != 0)

/*
 * The forms that Version 2 programs know besides: a superpage of RAM as its
 * address plus 1 with a size of one in word 1, and the numbers of
 * l4/sigma0/sigma0.h. Turn them into ours.
 */
L4_INLINE void request_normalize(l4_umword_t w[2])
{
    const l4_umword_t superpage = L4_SUPERPAGESHIFT << 2;

    if ((w[0] & ~L4_SUPERPAGEMASK) == 1 && w[0] != REQUEST_KIP &&
        w[1] == superpage) {
        w[1] = (w[0] & L4_SUPERPAGEMASK) | superpage;
        w[0] = REQUEST_RAM;
        return;
    }
    switch (w[0]) {
    case SIGMA0_REQ_FPAGE_RAM:
        w[0] = REQUEST_RAM;
        break;
    case SIGMA0_REQ_FPAGE_IOMEM:
    case SIGMA0_REQ_FPAGE_IOMEM_CACHED:
        w[0] = REQUEST_DEVICE;
        break;
    case SIGMA0_REQ_FPAGE_ANY:
        w[0] = REQUEST_ANY_PAGE;
        break;
    case SIGMA0_REQ_KIP:
        w[0] = REQUEST_KIP;
        break;
    case SIGMA0_REQ_DEBUG_DUMP:
        w[0] = REQUEST_DUMP;
    }
}

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
