/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdbool.h>

#include <l4/sys/ipc.h>

#include <hickory/root.h>
#include <hickory/time.h>

#define LOOKUP_PAUSE 1000       /* microseconds between two lookups */

/* One exchange with root; the reply's words come back in w. */
static bool call(l4_umword_t w[2])
{
    l4_msgdope_t dope;

    return !l4_ipc_call(ROOT_ID, L4_IPC_SHORT_MSG, w[0], w[1],
                        L4_IPC_SHORT_MSG, &w[0], &w[1], L4_IPC_NEVER, &dope);
}

void root_exit(int status)
{
    l4_umword_t w[2] = { REQUEST_EXIT, (l4_umword_t)(unsigned)status };

    /* It does not come back; but what if root cannot be reached? */
    for (;;) {
        call(w);
        l4_ipc_sleep(L4_IPC_NEVER);
    }
}

static bool is_name(const char *name)
{
    unsigned length = 0;

    while (length <= NAME_LENGTH && name[length])
        length++;
    return length >= 1 && length <= NAME_LENGTH;
}

l4_threadid_t root_lookup(const char *name)
{
    struct name_words n = name_pack(name);
    l4_umword_t w[2] = { REQUEST_LOOKUP | n.in_word0, n.word1 };

    if (!is_name(name) || !call(w))
        return L4_NIL_ID;
    return (l4_threadid_t){
        .raw = (l4_uint32_t)w[0] | (l4_uint64_t)(l4_uint32_t)w[1] << 32,
    };
}

l4_threadid_t root_lookup_wait(const char *name, l4_uint64_t usec)
{
    l4_uint64_t end = l4_time() + usec;
    l4_threadid_t thread;

    for (;;) {
        thread = root_lookup(name);
        if (!l4_is_nil_id(thread) || l4_time() >= end)
            return thread;
        l4_sleep_usec(LOOKUP_PAUSE);
    }
}

enum request_result root_register(void)
{
    l4_umword_t w[2] = { REQUEST_REGISTER, 0 };

    return call(w) ? (enum request_result)w[0] : REQUEST_NO_ANSWER;
}

enum request_result root_task_number(l4_taskid_t *task)
{
    l4_umword_t w[2] = { REQUEST_TASK, 0 };

    if (!call(w))
        return REQUEST_NO_ANSWER;
    *task = L4_NIL_ID;
    task->id.task = w[1] & 0x7ff;
    return (enum request_result)w[0];
}
