/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * L4_MARK(n), n a constant from 0 to 99: one instruction without effect that
 * carries a number. The counting plugin sees it and reports what lies
 * between two of them: span K begins at mark 2K and ends at mark 2K + 1.
 */
#ifndef HICKORY_MARK_H
#define HICKORY_MARK_H

#include <arch_user.h>

#define L4_SPAN_BEGIN(k) L4_MARK(2 * (k))
#define L4_SPAN_END(k)   L4_MARK(2 * (k) + 1)

#endif
