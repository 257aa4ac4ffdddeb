# SPDX-License-Identifier: BSD-2-Clause
"""Random system calls: the image of the fuzzer, with another seed in it."""
import os
import re
import tempfile

import builder
import runner
from errors import RunError

SYSTEM = 'fuzz'
CONFIG = 'debug'        # it has the checks
# The plan in tests/kernel/fuzz/main.c; numbers of fixed width.
PLAN = re.compile(rb'fuzz: seed \d{10} rounds \d{10} trace \d')
DONE = re.compile(r'^fuzz: seed (\d+) done', re.M)
NEVER = 1e6
LAST = 40               # lines of a traced round that are shown


def plan(image, seed, count, trace):
    """The image, a string of bytes, with these numbers in its plan."""
    text = b'fuzz: seed %010d rounds %010d trace %d' % (seed, count, trace)
    planned, places = PLAN.subn(text, image)
    if places != 1:
        raise RunError(f'the image has {places} plans for the fuzzer')
    return planned


def run(target, seed, count, trace, live):
    """Boot the fuzzer with that plan: how it ended."""
    with open(builder.image(target, CONFIG, SYSTEM), 'rb') as file:
        image = plan(file.read(), seed, count, trace)
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, 'fuzz.elf')
        with open(path, 'wb') as file:
            file.write(image)
        return runner.run(target, path, NEVER, live, deterministic=True)


def fuzz(target, seed, count, trace, live):
    """As the command does: after a failure that round again, traced."""
    result = run(target, seed, count, trace, live)
    if not result.problem:
        return
    done = DONE.findall(result.output)
    failed = int(done[-1]) + 1 if done else seed
    again = run(target, failed, 1, True, None)
    if again.problem:
        live.write(f'l4: seed {failed} again, its last calls:\n' +
                   '\n'.join(again.lines[-LAST:]))
        raise RunError(f'{again.problem}; --seed {failed} --count 1 '
                       'shows it')
    raise RunError(f'{result.problem} at seed {failed}, but not when traced; '
                   f'--seed {seed} shows it')
