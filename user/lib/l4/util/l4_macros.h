/* SPDX-License-Identifier: BSD-2-Clause */
/* Formats of ids for printf. */
#ifndef L4_UTIL_L4_MACROS_H
#define L4_UTIL_L4_MACROS_H

#define l4util_idfmt            "%x.%x"
#define l4util_idfmt_adjust     "%3x.%02x"
#define l4util_idstr(tid)       (tid).id.task, (tid).id.lthread

#ifndef IdStr
#define IdFmt       l4util_idfmt
#define IdStr(tid)  l4util_idstr(tid)
#endif

#endif
