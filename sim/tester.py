# SPDX-License-Identifier: BSD-2-Clause
"""./l4 test: everything is built first, then pytest drives all tests."""
import glob
import os

import builder
from errors import RunError, UsageError

NOTHING_SELECTED = 5        # pytest's exit status
INTERRUPTED = 2


def check_expression(expression):
    """pytest's own check of -k, but as one line."""
    from _pytest.mark.expression import Expression, ParseError
    try:
        Expression.compile(expression)
    except ParseError as error:
        raise UsageError(f'-k "{expression}": {error}')


def build_all(targets):
    """What the tests boot, so that they need not wait in silence."""
    builder.build(targets, builder.CONFIGS, goals=['plugin'])
    if 'ia32' not in targets:           # the tests of the runner boot it
        builder.build(['ia32'], ['release'], ['fail', 'hang'])
    if 'mips64' in targets:
        builder.build(['mips64be'], builder.CONFIGS, ['ktest', 'compat', 'fuzz'])
    if glob.glob('tests/host/test_*.c'):
        builder.scons('host-tests')


def test(targets, expression):
    """Run pytest; its last line is ours (tests/conftest.py prints it)."""
    if expression is not None:
        check_expression(expression)
    build_all(targets)
    line = ['/usr/bin/python3', '-I', '-m', 'pytest', '-q', '-rs',
            '-p', 'no:cacheprovider', '--targets=' + ','.join(targets)]
    if expression is not None:
        line += ['-k', expression]
    status = builder.call(line + [os.path.join(builder.ROOT, 'tests')])
    if status == NOTHING_SELECTED:
        raise UsageError(f'no test matches -k "{expression}"' if expression
                         else 'there is no test')
    if status == INTERRUPTED:
        raise KeyboardInterrupt
    if status not in (0, 1):
        raise RunError(f'pytest itself failed with status {status}')
    return status
