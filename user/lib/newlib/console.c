/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdbool.h>

#include <l4/sys/ipc.h>
#include <l4/sys/kdebug.h>
#include <l4/sys/syscalls.h>

#include <hickory/console.h>
#include <hickory/root.h>

static l4_threadid_t server;    /* nil: none known */

/* The server may start after us, or be us. */
static bool has_server(void)
{
    if (l4_is_nil_id(server))
        server = root_lookup(CONSOLE_NAME);
    if (!l4_is_nil_id(server) && l4_task_equal(server, l4_myself()))
        server = L4_NIL_ID;
    return !l4_is_nil_id(server);
}

/* One request. A server that is gone is forgotten. */
static bool call(struct l4_words *words)
{
    if (!L4_IPC_IS_ERROR(l4_ipc_call_words(server, words)))
        return words->w[0] == 0;
    server = L4_NIL_ID;
    return false;
}

static bool send_chunk(const char *text, size_t count, bool more)
{
    struct l4_words words = { { 0 } };

    words.w[0] = CONSOLE_WRITE | count << 8 | (more ? CONSOLE_MORE : 0);
    for (size_t i = 0; i < count; i++)
        words.w[1 + i / CONSOLE_WORD_CHARS] |=
            (l4_umword_t)(unsigned char)text[i]
            << 8 * (i % CONSOLE_WORD_CHARS);
    return call(&words);
}

void console_write(const char *text, size_t length)
{
    while (length && has_server()) {
        size_t count = length < CONSOLE_CHARS ? length : CONSOLE_CHARS;
        if (!send_chunk(text, count, count < length))
            break;
        text += count;
        length -= count;
    }
    for (; length; length--)
        outchar(*text++);
}

void console_flush(void)
{
    struct l4_words words = { { CONSOLE_FLUSH } };

    if (has_server())
        call(&words);
}
