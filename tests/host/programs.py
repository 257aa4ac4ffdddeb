# SPDX-License-Identifier: BSD-2-Clause
"""The host tests, and the depths of page table each is built with."""

ALL = (2, 3, 4)
ONE = (3,)     # page tables make no difference
PROGRAMS = {
    'test_boot': ONE,
    'test_fault': ONE,
    'test_fpage': ALL,
    'test_ipc': ONE,
    'test_ipc_fast': ONE,
    'test_irq': ONE,
    'test_kmem': ONE,
    'test_map': ALL,
    'test_map_ipc': ALL,
    'test_message': ONE,
    'test_ports': ALL,
    'test_print': ONE,
    'test_ptab': ALL,
    'test_runq': ONE,
    'test_sched': ONE,
    'test_task': ONE,
    'test_timeout': ONE,
}


def path(program, levels):
    """Where a program is built, below build/host."""
    return f'{levels}-level/{program}'
