/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Long messages: words in memory, strings, and pages, between two threads of
 * a task; the later names of the IPC functions.
 */
#include <string.h>

#include <l4/sys/types.h>
#include <l4/sys/ipc.h>
#include <l4/sys/syscalls.h>
#include <l4/util/util.h>
#include <l4/util/thread.h>

#include "check.h"

#define WORDS   12
#define TEXT    "the quick brown fox jumps over the lazy dog"

typedef struct {
    l4_fpage_t rcv_fpage;
    l4_msgdope_t size_dope;
    l4_msgdope_t send_dope;
    l4_umword_t dw[WORDS];
    l4_strdope_t str[2];
} message_t;

static l4_threadid_t server;
static l4_umword_t server_stack[1024];
static char server_text[256];
static message_t server_msg, client_msg = {
    .size_dope = L4_IPC_DOPE(WORDS, 2),
    .send_dope = L4_IPC_DOPE(WORDS, 1),
};
static volatile char page[2 * L4_PAGESIZE] __attribute__((aligned(4096)));
static volatile char window[L4_PAGESIZE] __attribute__((aligned(4096)));

/* Sends back what comes: the words plus one, the string in capitals. */
static void serve(void)
{
    l4_threadid_t client;
    l4_umword_t dw0, dw1;
    l4_msgdope_t result;
    unsigned i;

    server_msg.size_dope = L4_IPC_DOPE(WORDS, 1);
    server_msg.str[0].rcv_str = (l4_umword_t)server_text;
    server_msg.str[0].rcv_size = sizeof(server_text);
    l4_ipc_wait(&client, &server_msg, &dw0, &dw1, L4_IPC_NEVER, &result);
    for (;;) {
        l4_umword_t size = server_msg.str[0].snd_size;
        for (i = 2; i < WORDS; i++)
            server_msg.dw[i]++;
        for (i = 0; i < size; i++)
            if (server_text[i] >= 'a' && server_text[i] <= 'z')
                server_text[i] -= 'a' - 'A';
        server_msg.str[0].snd_str = (l4_umword_t)server_text;
        server_msg.send_dope = L4_IPC_DOPE(WORDS, result.md.strings);
        l4_ipc_reply_and_wait(client, &server_msg, dw0 + 1, dw1 + 1, &client,
                              &server_msg, &dw0, &dw1, L4_IPC_NEVER, &result);
    }
}

/* Maps a page of its own to the window of whoever asks. */
static void map_server(void)
{
    l4_threadid_t client;
    l4_snd_fpage_t item;
    l4_umword_t dw0, dw1;
    l4_msgdope_t result;
    int error = 1;

    for (;;) {
        while (error)
            error = l4_ipc_wait(&client, L4_IPC_SHORT_MSG, &dw0, &dw1,
                                L4_IPC_NEVER, &result);
        item.snd_base = 0;
        item.fpage = l4_fpage((l4_umword_t)page, L4_LOG2_PAGESIZE,
                              dw0 ? L4_FPAGE_RW : L4_FPAGE_RO, L4_FPAGE_MAP);
        error = l4_ipc_reply_and_wait(client, L4_IPC_SHORT_FPAGE,
                                      item.snd_base, item.fpage.fpage, &client,
                                      L4_IPC_SHORT_MSG, &dw0, &dw1,
                                      L4_IPC_NEVER, &result);
    }
}

static void words_and_strings(void)
{
    static char text[] = TEXT, answer[256];
    l4_umword_t dw0, dw1;
    l4_msgdope_t result;
    unsigned i, wrong = 0;
    int error;

    server = l4util_create_thread(1, serve, server_stack + 1024);
    for (i = 2; i < WORDS; i++)
        client_msg.dw[i] = 100 * i;
    client_msg.str[0].snd_str = (l4_umword_t)text;
    client_msg.str[0].snd_size = sizeof(text);
    client_msg.str[0].rcv_str = (l4_umword_t)answer;
    client_msg.str[0].rcv_size = sizeof(answer);
    error = l4_ipc_call(server, &client_msg, 1, 2, &client_msg, &dw0, &dw1,
                        L4_IPC_NEVER, &result);
    CHECK(error == 0 && dw0 == 2 && dw1 == 3);
    for (i = 2; i < WORDS; i++)
        wrong += client_msg.dw[i] != 100 * i + 1;
    CHECK(wrong == 0);
    CHECK(result.md.dwords == WORDS && result.md.strings == 1);
    CHECK((result.msgdope >> L4_IPC_DWORD_SHIFT & 0x7ffff) == WORDS);
    CHECK((result.msgdope >> L4_IPC_STRING_SHIFT & 0x1f) == 1);
    CHECK(client_msg.str[0].snd_size == sizeof(text));
    CHECK(strcmp(answer, "THE QUICK BROWN FOX JUMPS OVER THE LAZY DOG") == 0);
    CHECK(strcmp(text, TEXT) == 0);

    /* gathered from two places */
    client_msg.send_dope = L4_IPC_DOPE(2, 2);
    client_msg.str[0].snd_str = (l4_umword_t)"one ";
    client_msg.str[0].snd_size = 4 | L4_IPC_STRING_CONTINUES;
    client_msg.str[1].snd_str = (l4_umword_t)"two";
    client_msg.str[1].snd_size = 4;
    client_msg.str[0].rcv_str = (l4_umword_t)answer;
    client_msg.str[0].rcv_size = sizeof(answer);
    client_msg.str[1].rcv_size = 0;
    error = l4_ipc_call(server, &client_msg, 1, 2, &client_msg, &dw0, &dw1,
                        L4_IPC_NEVER, &result);
    CHECK(error == 0 && strcmp(answer, "ONE TWO") == 0);

    /* cut: no room for the words, no room for the string */
    client_msg.send_dope = L4_IPC_DOPE(WORDS, 0);
    client_msg.size_dope = L4_IPC_DOPE(4, 0);
    error = l4_ipc_call(server, &client_msg, 1, 2, &client_msg, &dw0, &dw1,
                        L4_IPC_NEVER, &result);
    CHECK(error == (WORDS > L4_REG_WORDS ? L4_IPC_REMSGCUT : 0));
}

static void pages(void)
{
    l4_umword_t base, fpage, dw;
    l4_msgdope_t result;
    l4_fpage_t fp;
    int error;

    server = l4util_create_thread(1, map_server, server_stack + 1024);
    strcpy((char *)page, "mapped");
    l4_touch_rw((char *)page, sizeof(page));
    l4_touch_ro((char *)page, sizeof(page));

    /* out with what is there, and in with the other */
    l4_fpage_unmap(l4_fpage((l4_umword_t)window, L4_LOG2_PAGESIZE, L4_FPAGE_RW,
                            L4_FPAGE_MAP),
                   L4_FP_FLUSH_PAGE | L4_FP_ALL_SPACES);
    error = l4_ipc_call(server, L4_IPC_SHORT_MSG, 1, 0,
                        L4_IPC_MAPMSG((l4_umword_t)window, L4_LOG2_PAGESIZE),
                        &base, &fpage, L4_IPC_NEVER, &result);
    CHECK(error == 0 && l4_ipc_fpage_received(result));
    CHECK(result.md.fpage_received && (result.msgdope & L4_IPC_FPAGE_MASK));
    fp.fpage = fpage;
    CHECK(fp.fp.size == L4_LOG2_PAGESIZE);
    CHECK(l4_ipc_is_fpage_writable(fp) && !l4_ipc_is_fpage_granted(fp));
    CHECK(strcmp((char *)window, "mapped") == 0);
    window[0] = 'M';
    CHECK(page[0] == 'M');

    /* no window, no mapping */
    error = l4_ipc_call(server, L4_IPC_SHORT_MSG, 0, 0, L4_IPC_SHORT_MSG,
                        &base, &fpage, L4_IPC_NEVER, &result);
    CHECK(error == L4_IPC_REMSGCUT && !l4_ipc_fpage_received(result));

    /* a window in a message buffer */
    client_msg.rcv_fpage = l4_fpage((l4_umword_t)window, L4_LOG2_PAGESIZE,
                                    L4_FPAGE_RW, L4_FPAGE_MAP);
    client_msg.size_dope = L4_IPC_DOPE(WORDS, 0);
    l4_fpage_unmap(client_msg.rcv_fpage, L4_FP_FLUSH_PAGE | L4_FP_ALL_SPACES);
    error = l4_ipc_call(server, L4_IPC_SHORT_MSG, 0, 0, &client_msg, &base,
                        &dw, L4_IPC_NEVER, &result);
    CHECK(error == 0 && l4_ipc_fpage_received(result) && window[1] == 'a');

    /* taking write access away leaves reading */
    l4_fpage_unmap(l4_fpage((l4_umword_t)page, L4_LOG2_PAGESIZE, L4_FPAGE_RW,
                            L4_FPAGE_MAP),
                   L4_FP_REMAP_PAGE | L4_FP_OTHER_SPACES);
    CHECK(page[1] == 'a' && window[1] == 'a');
}

int main(void)
{
    words_and_strings();
    pages();
    FINISH("longipc");
}
