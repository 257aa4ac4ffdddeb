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
#include <l4/sys/types.h>
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
#define L4_IPC_DECEIT           1

#define L4_IPC_ERROR(dope)      ((dope).msgdope & L4_IPC_ERROR_MASK)
#define L4_IPC_IS_ERROR(dope)   (L4_IPC_ERROR(dope) != 0)

/* Did the message carry a mapping? */
L4_INLINE int l4_ipc_fpage_received(l4_msgdope_t dope)
{
    return (dope.msgdope & 2) != 0;
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

/* All of the functions below. Chooses the operation word when it can. */
L4_INLINE int l4_ipc_v2(l4_umword_t snd, l4_umword_t rcv,
                        l4_threadid_t *partner, l4_umword_t w0, l4_umword_t w1,
                        l4_umword_t *r0, l4_umword_t *r1,
                        l4_timeout_t timeout, l4_msgdope_t *result)
{
    struct l4_words m = { { w0, w1 } };
    l4_umword_t op = l4_ipc_op_for(snd, rcv, timeout);

    if (op)
        result->msgdope = l4_arch_ipc_op(op, partner, m.w);
    else
        result->msgdope = l4_arch_ipc(snd, rcv, timeout.timeout, partner, m.w);
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

/* Sleep for the receive timeout of `timeout`: a wait for nobody. */
L4_INLINE int l4_ipc_sleep(l4_timeout_t timeout)
{
    l4_umword_t r0, r1;
    l4_msgdope_t result;
    return l4_ipc_receive(L4_NIL_ID, L4_IPC_SHORT_MSG, &r0, &r1, timeout,
                          &result);
}

#endif
