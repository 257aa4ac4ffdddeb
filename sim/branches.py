# SPDX-License-Identifier: BSD-2-Clause
"""The ways out of the fast paths, and which of them a run has taken.

A fast path is a row of tests, each a conditional branch. Every one has to go both
ways while the kernel's tests run: on to the next step, and out of the path. The
branches are found in the kernel itself, their steps by the sources (sources.py), and
the plugin branches.c counts.
"""
import os
import re
import tempfile
from typing import NamedTuple

import builder
import listing
import runner
import sources
from errors import RunError
from machines import MACHINES

PLUGIN = 'build/plugin/branches.so'
FILES = re.compile(r'(?:arch/\w+/(?:ipc|fault|message)_fast\.S|'
                   r'core/(?:ipc|fault|message|send)_fast\.c)$')
# Steps that are tests, as core/*_fast.c has them. Assembler also looks there what
# registers are asked for and changed (H5, A7), and for the own id (N).
TESTS = {'F1', 'F2', 'F3', 'F4', 'F5', 'H1', 'H2', 'H3', 'A1', 'A2', 'A3', 'A4',
         'A5', 'A6', 'M1', 'M2', 'M3', 'M4', 'M5', 'M6', 'M7', 'S1', 'S2', 'S3', 'S4',
         'S5', 'W1', 'W2', 'W3', 'W4'}
MORE_TESTS = TESTS | {'H5', 'A7', 'N1', 'N2'}
CONDITIONS = 'eq|ne|cs|cc|hs|lo|mi|pl|vs|vc|hi|ls|ge|lt|gt|le'
CONDITIONAL = {
    'ia32': re.compile(r'j(?!mp)\w+\s+([0-9a-f]+)'),
    'arm': re.compile(rf'(?:b(?:{CONDITIONS})\s+([0-9a-f]+)|'
                      rf'(?:pop|ldm\w*|bx)(?:{CONDITIONS})\s.*(?:pc|lr)\b)'),
    'mips64': re.compile(r'b(?:eq|ne|gez|gtz|lez|ltz)z?l?\s.*?([0-9a-f]+)(?: <|$)'),
}
REPLACED = 'core/ipc_fast.c'    # by assembler, where there is some
HAS_SLOT = {'mips64'}


class Branch(NamedTuple):
    address: int
    next: int           # when it is not taken
    target: int         # when it is; 0: nobody knows
    slot: int           # of its delay, or 0
    steps: tuple
    line: str           # of the source
    text: str


def kernel_code(target, image):
    """Address -> instruction, of the kernel."""
    base = MACHINES[target].kernel_base
    lines = listing.tool(target, 'objdump', '-d', '--no-show-raw-insn', image)
    found = {int(m[1], 16): m[2] for m in map(listing.LINE.match, lines) if m}
    return {at: found[at] for at in sorted(found)
            if at >= base and not found[at].startswith('.')}


def find(target, image):
    """All branches of the fast paths that a kernel has."""
    isa = MACHINES[target].isa
    code = kernel_code(target, image)
    order = list(code)
    after = dict(zip(order, order[1:]))
    known = sources.Steps(target, image, order)
    outer = {at: known.places[at][-1] for at in order}
    has_assembler = any(place.file.endswith('/ipc_fast.S')
                        for place in outer.values())
    found = []
    for at, text in code.items():
        match = CONDITIONAL[isa].match(text)
        file, steps = outer[at].file, known.steps(at)
        tests = MORE_TESTS if file.endswith('.S') else TESTS
        if (not match or not FILES.search(file) or not tests & set(steps) or
                has_assembler and file == REPLACED):
            continue
        slot = after[at] if isa in HAS_SLOT else 0
        found.append(Branch(at, after[slot or at],
                            int(match[1], 16) if match[1] else 0, slot, steps,
                            known.line(at), re.sub(r'\s+', ' ', text)))
    return found


# ---- a run ----

def write(branches, name):
    with open(name, 'w') as out:
        for one in branches:
            out.write(f'{one.address:x} {one.next:x} {one.target:x} '
                      f'{one.slot:x}\n')


def read(name):
    """Address -> (times taken, times not)."""
    with open(name) as lines:
        words = [line.split() for line in lines]
    return {int(at, 16): (int(taken), int(passed))
            for at, taken, passed in words}


def run(target, image, timeout, branches):
    """Boot an image: how it ended, and what read() says."""
    with tempfile.TemporaryDirectory() as directory:
        where, out = (os.path.join(directory, name) for name in ('in', 'out'))
        write(branches, where)
        result = runner.run(
            target, image, timeout, deterministic=True,
            plugin=runner.plugin_argument(target, PLUGIN, out,
                                          more=[f'branches={where}']))
        try:
            return result, read(out)
        except FileNotFoundError:
            raise RunError(f'the plugin counted no branches: {result.problem}')


def never(one, counts):
    """What a branch has never done, or None."""
    taken, passed = counts[one.address]
    if taken and passed:
        return None
    what = ('reached' if not taken and not passed else
            'taken' if not taken else 'passed')
    return (f'step {", ".join(one.steps)}: {one.line} "{one.text}" was never '
            f'{what}')
