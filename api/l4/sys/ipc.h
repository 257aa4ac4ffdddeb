/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * IPC, under the names and argument orders of the Version 2 C bindings, and
 * a portable binding that gives programs all the words a short message has.
 *
 * Descriptors are pointers in these bindings: 0 (L4_IPC_SHORT_MSG) stands
 * for a message in registers; L4_IPC_MAPMSG(address, size) for "accept
 * mappings in this window", L4_IPC_IOMAPMSG(port, size) the same for I/O
 * ports; L4_IPC_SHORT_FPAGE sends the two words as a map item. Every function
 * returns the error of the dope, 0 when all went well.
 */
#ifndef L4_SYS_IPC_H
#define L4_SYS_IPC_H

#include <l4/sys/consts.h>
#include <l4/sys/ipc_i386.h>
#include <l4/sys/timeout.h>
#include <l4/sys/types.h>
#include <l4/sys/utcb.h>
#include <l4/sys/arch/stubs.h>

#define L4_IPC_SHORT_MSG        ((void *)0)
#define L4_IPC_SHORT_FPAGE      ((void *)2)
#define L4_IPC_MAPMSG(address, size) \
    ((void *)(l4_umword_t)(((address) & L4_PAGEMASK) | \
                           ((l4_umword_t)(size) << 2) | 2))
#define L4_IPC_IOMAPMSG(port, size) \
    ((void *)(l4_iofpage((port), (size), L4_FPAGE_MAP).raw | 2))
#define L4_IPC_OPEN_IPC         1
#define L4_IPC_NO_DESCRIPTOR    (~(l4_umword_t)0)
#define L4_IPC_NIL_DESCRIPTOR   (-1)    /* the same, as a pointer: no such half */
#define L4_IPC_DECEIT           1

/* The low bits of a dope, and what they say. */
#define L4_IPC_DECEIT_MASK      0x01
#define L4_IPC_FPAGE_MASK       0x02
#define L4_IPC_REDIRECT_MASK    0x04
#define L4_IPC_SRC_MASK         0x08
#define L4_IPC_SND_ERR_MASK     0x10

#define L4_IPC_ERROR(dope)      ((dope).msgdope & L4_IPC_ERROR_MASK)
#define L4_IPC_IS_ERROR(dope)   (L4_IPC_ERROR(dope) != 0)
#define L4_IPC_SND_ERROR(dope)  ((dope).msgdope & L4_IPC_SND_ERR_MASK)
#define L4_IPC_MSG_DECEITED(dope)   ((dope).msgdope & L4_IPC_DECEIT_MASK)
#define L4_IPC_MSG_REDIRECTED(dope) ((dope).msgdope & L4_IPC_REDIRECT_MASK)
#define L4_IPC_SRC_INSIDE(dope)     ((dope).msgdope & L4_IPC_SRC_MASK)

/* Did the message carry a mapping? */
L4_INLINE int l4_ipc_fpage_received(l4_msgdope_t dope)
{
    return (dope.msgdope & L4_IPC_FPAGE_MASK) != 0;
}

/* What a map item that was received says of itself. */
L4_INLINE int l4_ipc_is_fpage_granted(l4_fpage_t fpage)
{
    return fpage.fp.grant;
}

L4_INLINE int l4_ipc_is_fpage_writable(l4_fpage_t fpage)
{
    return fpage.fp.write;
}

/* The words of a short message, as many as this target has. */
struct l4_words {
    l4_umword_t w[L4_REG_WORDS];
};

/* ---- the portable binding: all register words ---- */

/*
 * Any short IPC of a common kind: `op` is made of L4_OP_* and is normally
 * constant. *partner: whom to send to and, for a closed wait, whom to hear;
 * on return the source. *words: message out and in. Returns the dope.
 */
L4_INLINE l4_msgdope_t l4_ipc_words(l4_umword_t op, l4_threadid_t *partner,
                                    struct l4_words *words)
{
    l4_msgdope_t dope;
    dope.msgdope = l4_arch_ipc_op(L4_OP_IPC | op, partner, words->w);
    return dope;
}

L4_INLINE l4_msgdope_t l4_ipc_call_words(l4_threadid_t partner,
                                         struct l4_words *words)
{
    return l4_ipc_words(L4_OP_CALL, &partner, words);
}

/* Reply to *partner (dropped when it is not waiting), then wait for anyone. */
L4_INLINE l4_msgdope_t l4_ipc_reply_and_wait_words(l4_threadid_t *partner,
                                                   struct l4_words *words)
{
    return l4_ipc_words(L4_OP_REPLY_AND_WAIT | L4_OP_SEND_NOW, partner, words);
}

L4_INLINE l4_msgdope_t l4_ipc_wait_words(l4_threadid_t *source,
                                         struct l4_words *words)
{
    *words = (struct l4_words){ { 0 } };
    return l4_ipc_words(L4_OP_RECV | L4_OP_OPEN, source, words);
}

/* ---- the Version 2 bindings: two words ---- */

/* The word of an operation for these descriptors and timeouts, 0 for none. */
L4_INLINE l4_umword_t l4_ipc_op_for(l4_umword_t snd, l4_umword_t rcv,
                                    l4_timeout_t timeout)
{
    l4_umword_t op = L4_OP_IPC;

    if (timeout.timeout != 0)
        return 0;
    if (snd == 0 || snd == 2)
        op |= L4_OP_SEND | (snd ? L4_OP_MAP : 0);
    else if (snd != L4_IPC_NO_DESCRIPTOR)
        return 0;
    if (rcv == 0 || rcv == 1)
        op |= L4_OP_RECV | (rcv ? L4_OP_OPEN : 0);
    else if (rcv != L4_IPC_NO_DESCRIPTOR)
        return 0;
    return op;
}

/* ---- message buffers ---- */

#define L4_IPC_STRING_SHIFT     8
#define L4_IPC_DWORD_SHIFT      13
/* A size or send dope of so many words and strings. */
#define L4_IPC_DOPE(dwords, strings)                            \
    ((l4_msgdope_t){ .msgdope =                                 \
        ((l4_umword_t)(dwords) << L4_IPC_DWORD_SHIFT) |         \
        ((l4_umword_t)(strings) << L4_IPC_STRING_SHIFT) })
/* In a string's size: it goes on in the next dope. */
#define L4_IPC_STRING_CONTINUES (1UL << 31)

/* The head of every message buffer; its words follow, then its strings. */
struct l4_msg_header {
    l4_fpage_t rcv_fpage;
    l4_msgdope_t size_dope, send_dope;
    l4_umword_t word[];
};

/* The buffer of a descriptor, or NULL. */
L4_INLINE struct l4_msg_header *l4_ipc_buffer(l4_umword_t descriptor)
{
    if (descriptor == L4_IPC_NO_DESCRIPTOR)
        return (struct l4_msg_header *)0;
    return (struct l4_msg_header *)(descriptor & ~(l4_umword_t)3);
}

/* Words of a buffer that travel in registers, the two of the binding apart:
   none where a short message has no more than two. */
L4_INLINE void l4_ipc_load_words(l4_umword_t snd, struct l4_words *m)
{
    const struct l4_msg_header *b = l4_ipc_buffer(snd);

    if (!b)
        return;
    /* Unrolled, so that the words need no memory of their own. The compiler
       would see that a small buffer ends before some of them, and not that
       these are left out. */
    __asm__("" : "+r"(b) : : "memory");
#pragma GCC unroll 8
    for (unsigned i = 2; i < L4_REG_WORDS; i++)
        if (i < b->send_dope.md.dwords)
            m->w[i] = b->word[i];
}

L4_INLINE void l4_ipc_store_words(l4_umword_t rcv, const struct l4_words *m)
{
    struct l4_msg_header *b = rcv & 2 ? (void *)0 : l4_ipc_buffer(rcv);

    if (!b)
        return;
    __asm__("" : "+r"(b) : : "memory");
#pragma GCC unroll 8
    for (unsigned i = 2; i < L4_REG_WORDS; i++)
        if (i < b->size_dope.md.dwords)
            b->word[i] = m->w[i];
}

/* All of the functions below. Chooses the operation word when it can. */
L4_INLINE int l4_ipc_v2(l4_umword_t snd, l4_umword_t rcv,
                        l4_threadid_t *partner, l4_umword_t w0, l4_umword_t w1,
                        l4_umword_t *r0, l4_umword_t *r1,
                        l4_timeout_t timeout, l4_msgdope_t *result)
{
    struct l4_words m = { { w0, w1 } };
    l4_umword_t op = l4_ipc_op_for(snd, rcv, timeout);

    if (op) {
        result->msgdope = l4_arch_ipc_op2(op, partner, m.w);
    } else {
        l4_ipc_load_words(snd, &m);
        result->msgdope = l4_arch_ipc(snd, rcv, timeout.timeout, partner, m.w);
        l4_ipc_store_words(rcv, &m);
    }
    *r0 = m.w[0];
    *r1 = m.w[1];
    return (int)L4_IPC_ERROR(*result);
}

L4_INLINE int l4_ipc_call(l4_threadid_t dest, const void *snd_msg,
                          l4_umword_t snd_dword0, l4_umword_t snd_dword1,
                          void *rcv_msg, l4_umword_t *rcv_dword0,
                          l4_umword_t *rcv_dword1, l4_timeout_t timeout,
                          l4_msgdope_t *result)
{
    return l4_ipc_v2((l4_umword_t)snd_msg, (l4_umword_t)rcv_msg, &dest,
                     snd_dword0, snd_dword1, rcv_dword0, rcv_dword1, timeout,
                     result);
}

L4_INLINE int l4_ipc_reply_and_wait(l4_threadid_t dest, const void *snd_msg,
                                    l4_umword_t snd_dword0,
                                    l4_umword_t snd_dword1, l4_threadid_t *src,
                                    void *rcv_msg, l4_umword_t *rcv_dword0,
                                    l4_umword_t *rcv_dword1,
                                    l4_timeout_t timeout, l4_msgdope_t *result)
{
    *src = dest;
    return l4_ipc_v2((l4_umword_t)snd_msg,
                     (l4_umword_t)rcv_msg | L4_IPC_OPEN_IPC, src, snd_dword0,
                     snd_dword1, rcv_dword0, rcv_dword1, timeout, result);
}

L4_INLINE int l4_ipc_wait(l4_threadid_t *src, void *rcv_msg,
                          l4_umword_t *rcv_dword0, l4_umword_t *rcv_dword1,
                          l4_timeout_t timeout, l4_msgdope_t *result)
{
    *src = L4_NIL_ID;
    return l4_ipc_v2(L4_IPC_NO_DESCRIPTOR,
                     (l4_umword_t)rcv_msg | L4_IPC_OPEN_IPC, src, 0, 0,
                     rcv_dword0, rcv_dword1, timeout, result);
}

L4_INLINE int l4_ipc_receive(l4_threadid_t src, void *rcv_msg,
                             l4_umword_t *rcv_dword0, l4_umword_t *rcv_dword1,
                             l4_timeout_t timeout, l4_msgdope_t *result)
{
    return l4_ipc_v2(L4_IPC_NO_DESCRIPTOR, (l4_umword_t)rcv_msg, &src, 0, 0,
                     rcv_dword0, rcv_dword1, timeout, result);
}

L4_INLINE int l4_ipc_send(l4_threadid_t dest, const void *snd_msg,
                          l4_umword_t snd_dword0, l4_umword_t snd_dword1,
                          l4_timeout_t timeout, l4_msgdope_t *result)
{
    l4_umword_t r0, r1;
    return l4_ipc_v2((l4_umword_t)snd_msg, L4_IPC_NO_DESCRIPTOR, &dest,
                     snd_dword0, snd_dword1, &r0, &r1, timeout, result);
}

/* ---- chiefs: redirected messages, and sending in another's name ---- */

/*
 * As l4_ipc_v2; *other is the virtual sender when the send descriptor has
 * L4_IPC_DECEIT, and on return, when the dope says msg_redirected, whom the
 * message was for.
 */
L4_INLINE int l4_ipc_v2_chief(l4_umword_t snd, l4_umword_t rcv,
                              l4_threadid_t *partner, l4_threadid_t *other,
                              l4_umword_t words[2], l4_timeout_t timeout,
                              l4_msgdope_t *result)
{
    struct l4_words m = { { words[0], words[1] } };

    l4_ipc_load_words(snd, &m);
    result->msgdope = l4_arch_ipc_chief(snd, rcv, timeout.timeout, partner,
                                        other, m.w);
    l4_ipc_store_words(rcv, &m);
    words[0] = m.w[0];
    words[1] = m.w[1];
    return (int)L4_IPC_ERROR(*result);
}

/* Send to dest as if from fake_src; refused (ENOT_EXISTENT) unless a message
   from there to dest passes through the caller's task. */
L4_INLINE int l4_ipc_chief_send(l4_threadid_t dest, l4_threadid_t fake_src,
                                const void *snd_msg, l4_umword_t snd_dword0,
                                l4_umword_t snd_dword1, l4_timeout_t timeout,
                                l4_msgdope_t *result)
{
    l4_umword_t words[2] = { snd_dword0, snd_dword1 };
    return l4_ipc_v2_chief((l4_umword_t)snd_msg | L4_IPC_DECEIT,
                           L4_IPC_NO_DESCRIPTOR, &dest, &fake_src, words,
                           timeout, result);
}

L4_INLINE int l4_ipc_chief_wait(l4_threadid_t *src, l4_threadid_t *real_dst,
                                void *rcv_msg, l4_umword_t *rcv_dword0,
                                l4_umword_t *rcv_dword1, l4_timeout_t timeout,
                                l4_msgdope_t *result)
{
    l4_umword_t words[2] = { 0, 0 };
    *src = *real_dst = L4_NIL_ID;
    int error = l4_ipc_v2_chief(L4_IPC_NO_DESCRIPTOR,
                                (l4_umword_t)rcv_msg | L4_IPC_OPEN_IPC, src,
                                real_dst, words, timeout, result);
    *rcv_dword0 = words[0];
    *rcv_dword1 = words[1];
    return error;
}

L4_INLINE int l4_ipc_chief_receive(l4_threadid_t src, l4_threadid_t *real_dst,
                                   void *rcv_msg, l4_umword_t *rcv_dword0,
                                   l4_umword_t *rcv_dword1,
                                   l4_timeout_t timeout, l4_msgdope_t *result)
{
    l4_umword_t words[2] = { 0, 0 };
    *real_dst = L4_NIL_ID;
    int error = l4_ipc_v2_chief(L4_IPC_NO_DESCRIPTOR, (l4_umword_t)rcv_msg,
                                &src, real_dst, words, timeout, result);
    *rcv_dword0 = words[0];
    *rcv_dword1 = words[1];
    return error;
}

L4_INLINE int l4_ipc_chief_call(l4_threadid_t dest, l4_threadid_t fake_src,
                                const void *snd_msg, l4_umword_t snd_dword0,
                                l4_umword_t snd_dword1,
                                l4_threadid_t *real_dst, void *rcv_msg,
                                l4_umword_t *rcv_dword0,
                                l4_umword_t *rcv_dword1, l4_timeout_t timeout,
                                l4_msgdope_t *result)
{
    l4_umword_t words[2] = { snd_dword0, snd_dword1 };
    *real_dst = fake_src;
    int error = l4_ipc_v2_chief((l4_umword_t)snd_msg | L4_IPC_DECEIT,
                                (l4_umword_t)rcv_msg, &dest, real_dst, words,
                                timeout, result);
    *rcv_dword0 = words[0];
    *rcv_dword1 = words[1];
    return error;
}

L4_INLINE int l4_ipc_chief_reply_and_wait(
    l4_threadid_t dest, l4_threadid_t fake_src, const void *snd_msg,
    l4_umword_t snd_dword0, l4_umword_t snd_dword1, l4_threadid_t *src,
    l4_threadid_t *real_dst, void *rcv_msg, l4_umword_t *rcv_dword0,
    l4_umword_t *rcv_dword1, l4_timeout_t timeout, l4_msgdope_t *result)
{
    l4_umword_t words[2] = { snd_dword0, snd_dword1 };
    *src = dest;
    *real_dst = fake_src;
    int error = l4_ipc_v2_chief((l4_umword_t)snd_msg | L4_IPC_DECEIT,
                                (l4_umword_t)rcv_msg | L4_IPC_OPEN_IPC, src,
                                real_dst, words, timeout, result);
    *rcv_dword0 = words[0];
    *rcv_dword1 = words[1];
    return error;
}

/* The two sending ones under their first names, and with the two ids as one
   argument. */
typedef struct {
    l4_threadid_t dest, true_src;
} l4_ipc_deceit_ids_t;

L4_INLINE int l4_ipc_send_deceiting(l4_ipc_deceit_ids_t ids,
                                    const void *snd_msg,
                                    l4_umword_t snd_dword0,
                                    l4_umword_t snd_dword1,
                                    l4_timeout_t timeout, l4_msgdope_t *result)
{
    return l4_ipc_chief_send(ids.dest, ids.true_src, snd_msg, snd_dword0,
                             snd_dword1, timeout, result);
}

L4_INLINE int l4_ipc_reply_deceiting_and_wait(
    const l4_ipc_deceit_ids_t ids, const void *snd_msg, l4_umword_t snd_dword0,
    l4_umword_t snd_dword1, l4_threadid_t *src, void *rcv_msg,
    l4_umword_t *rcv_dword0, l4_umword_t *rcv_dword1, l4_timeout_t timeout,
    l4_msgdope_t *result)
{
    l4_threadid_t real_dst;

    return l4_ipc_chief_reply_and_wait(ids.dest, ids.true_src, snd_msg,
                                       snd_dword0, snd_dword1, src, &real_dst,
                                       rcv_msg, rcv_dword0, rcv_dword1,
                                       timeout, result);
}

/* Sleep for the receive timeout of `timeout`: a wait for nobody. */
L4_INLINE int l4_ipc_sleep(l4_timeout_t timeout)
{
    l4_umword_t r0, r1;
    l4_msgdope_t result;
    return l4_ipc_receive(L4_NIL_ID, L4_IPC_SHORT_MSG, &r0, &r1, timeout,
                          &result);
}

/*
 * Absolute timeouts: microseconds since boot, the kernel info page's clock;
 * one that has passed is as "now". The times stand in the caller's UTCB, so
 * the result is for its next IPC.
 */
#define L4_IPC_UNTIL \
    L4_IPC_TIMEOUT(L4_TIMEOUT_UNTIL, 0, L4_TIMEOUT_UNTIL, 0, 0, 0)

L4_INLINE l4_timeout_t l4_ipc_until(l4_uint64_t send, l4_uint64_t receive)
{
    l4_utcb()->send_until = send;
    l4_utcb()->receive_until = receive;
    return L4_IPC_UNTIL;
}

L4_INLINE int l4_ipc_sleep_until(l4_uint64_t when)
{
    return l4_ipc_sleep(l4_ipc_until(when, when));
}

#endif
