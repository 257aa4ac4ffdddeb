/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What newlib expects of a system below it. There are three files, the
 * console's, and no others; one process, and no signals.
 *
 * newlib's state (errno, stdio) is that of one thread: other threads of a
 * task must leave the C library alone while the first is in it.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/times.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <l4/sys/kdebug.h>
#include <l4/sys/syscalls.h>

#include <hickory/console.h>
#include <hickory/root.h>
#include <hickory/thread.h>
#include <hickory/time.h>

#include "heap.h"

#define FILES       3           /* standard input, output and error */
#define POLL_USEC   10000       /* between two looks at the keyboard */

/* newlib's stubs read a plain variable and copy it to the thread's errno;
   programs that call us directly look at the latter. */
static int fail(int error)
{
    errno = error;
#pragma push_macro("errno")
#undef errno
    extern int errno;
    errno = error;
#pragma pop_macro("errno")
    return -1;
}

/* ---- the console ---- */

int write(int fd, const void *buffer, size_t length)
{
    if (fd != 1 && fd != 2)
        return fail(EBADF);
    console_write(buffer, length);
    return (int)length;
}

/* The next character, when there is one. */
static int next_character(void)
{
    int c = (int)l4_kdebug(L4_KDEBUG_GETC, 0);

    if (c == '\r')
        c = '\n';
    return c;
}

/* Waits for the first character only; shows what is typed. */
int read(int fd, void *buffer, size_t length)
{
    char *to = buffer;
    size_t n = 0;

    if (fd != 0)
        return fail(EBADF);
    while (n < length) {
        int c = next_character();
        if (c < 0 && n > 0)
            break;
        if (c < 0) {
            l4_sleep_usec(POLL_USEC);
            continue;
        }
        to[n] = (char)c;
        console_write(&to[n++], 1);
    }
    return (int)n;
}

int isatty(int fd)
{
    if (fd >= 0 && fd < FILES)
        return 1;
    fail(EBADF);
    return 0;
}

int fstat(int fd, struct stat *st)
{
    if (fd < 0 || fd >= FILES)
        return fail(EBADF);
    *st = (struct stat){ .st_mode = S_IFCHR | S_IRUSR | S_IWUSR };
    return 0;
}

off_t lseek(int fd, off_t offset, int whence)
{
    (void)offset;
    (void)whence;
    return fail(fd >= 0 && fd < FILES ? ESPIPE : EBADF);
}

int close(int fd)
{
    return fd >= 0 && fd < FILES ? 0 : fail(EBADF);
}

/* ---- memory ---- */

static char *heap_next, *heap_start, *heap_end;

void heap_set(l4_umword_t start, l4_umword_t end)
{
    heap_next = heap_start = (char *)start;
    heap_end = (char *)end;
}

void *sbrk(ptrdiff_t increment)
{
    char *old = heap_next;

    if (increment > heap_end - heap_next ||
        increment < heap_start - heap_next) {
        fail(ENOMEM);
        return (void *)-1;
    }
    heap_next += increment;
    return old;
}

/* ---- time ---- */

int gettimeofday(struct timeval *restrict now, void *restrict zone)
{
    l4_uint64_t usec = l4_time();   /* since boot: there is no calendar */

    (void)zone;
    now->tv_sec = (time_t)(usec / 1000000);
    now->tv_usec = (suseconds_t)(usec % 1000000);
    return 0;
}

/* Processor time of the calling thread. */
clock_t times(struct tms *t)
{
    l4_uint64_t used = thread_consumed(l4_myself());

    *t = (struct tms){
        .tms_utime = (clock_t)(used * CLOCKS_PER_SEC / 1000000),
    };
    return (clock_t)(l4_time() * CLOCKS_PER_SEC / 1000000);
}

/* ---- this process ---- */

void _exit(int status)
{
    console_flush();
    root_exit(status);
}

pid_t getpid(void)
{
    return (pid_t)l4_myself().id.task;
}

/* abort() and raise() end here: a signal nobody handles ends the program. */
int kill(pid_t pid, int signal)
{
    if (pid != getpid())
        return fail(ESRCH);
    _exit(128 + signal);
}

/* ---- what there is not ---- */

int open(const char *name, int flags, ...)
{
    (void)name;
    (void)flags;
    return fail(ENOSYS);
}

int stat(const char *restrict name, struct stat *restrict st)
{
    (void)name;
    (void)st;
    return fail(ENOSYS);
}

int link(const char *from, const char *to)
{
    (void)from;
    (void)to;
    return fail(ENOSYS);
}

int unlink(const char *name)
{
    (void)name;
    return fail(ENOSYS);
}

int mkdir(const char *name, mode_t mode)
{
    (void)name;
    (void)mode;
    return fail(ENOSYS);
}

int fcntl(int fd, int command, ...)
{
    (void)fd;
    (void)command;
    return fail(ENOSYS);
}

pid_t fork(void)
{
    return fail(ENOSYS);
}

int execve(const char *name, char *const argv[], char *const environment[])
{
    (void)name;
    (void)argv;
    (void)environment;
    return fail(ENOSYS);
}

pid_t wait(int *status)
{
    (void)status;
    return fail(ECHILD);
}

int getentropy(void *buffer, size_t length)
{
    (void)buffer;
    (void)length;
    return fail(ENOSYS);
}
