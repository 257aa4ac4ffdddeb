/* SPDX-License-Identifier: BSD-2-Clause */
/* Time: what it is now, and waiting for it. */
#ifndef HICKORY_TIME_H
#define HICKORY_TIME_H

#include <l4/sys/types.h>

/* Microseconds since boot, read without entering the kernel. */
l4_uint64_t l4_time(void);

/* Timeouts of at least this many microseconds; 0 = now. The other half of
   the operation waits for ever. */
l4_timeout_t l4_timeout_receive(l4_uint64_t usec);
l4_timeout_t l4_timeout_send(l4_uint64_t usec);

/* Do nothing for at least this long. */
void l4_sleep_usec(l4_uint64_t usec);

#endif
