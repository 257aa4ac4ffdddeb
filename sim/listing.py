# SPDX-License-Identifier: BSD-2-Clause
"""Paths as people read them: the instructions of one round of a case.

Assembler of the kernel and the benchmark's own functions are listed in full;
each stretch of other compiled code is one line, its function and how long it is.
No line holds an address, so that a listing changes only when its path does.
"""
import bisect
import os
import re
import subprocess
import tempfile

import bench
import builder
import runner
from errors import RunError
from machines import MACHINES

PLUGIN = 'build/plugin/trail.so'
LIMIT = 100000          # instructions after a mark: some rounds of any case
LONGEST_LOOP = 24       # lines of a loop that is listed once
TIMEOUT = 120           # seconds; twice as long as without the plugin
ASSEMBLER = ['entry', 'ipc_fast', 'fault_fast']
SYMBOL = re.compile(r'([0-9a-f]+) [tTwW] ([\w.]+)$')
LINE = re.compile(r'\s*([0-9a-f]+):\s+(\S.*)')
# What depends on where things lie: addresses, and their parts.
MOVING = [
    (re.compile(r'\s*[@;].*'), ''),
    (re.compile(r'\b(?:0x)?[0-9a-f]+ <([^+>]+)(?:\+0x[0-9a-f]+)?>'), r'\1'),
    (re.compile(r'\[pc, #-?\d+\]'), '[pc]'),
    (re.compile(r'0xc0[0-9a-f]{6}\b|-0x3f[0-9a-f]{6}\b'), 'ADDRESS'),
    (re.compile(r'\$0x10[0-9a-f]{5}\b|\b0x10[0-9a-f]{5}\b'), 'ADDRESS'),
    (re.compile(r'^(lui\s+\w+),.*'), r'\1,ADDRESS'),
    (re.compile(r'^(mov[wt]\s+\w+), .*'), r'\1, NUMBER'),
    (re.compile(r'\s+'), ' '),
]


def tool(target, *arguments):
    prefix = builder.toolchain()[target]['prefix']
    return subprocess.run([prefix + arguments[0], *arguments[1:]],
                          capture_output=True, text=True,
                          check=True).stdout.split('\n')


def functions(target, *files):
    """Address and name of every function in these files."""
    found = (SYMBOL.match(line) for name in files
             for line in tool(target, 'nm', name))
    return [(int(m[1], 16), m[2]) for m in found
            if m and not m[2].startswith(('.L', '$'))]


class Code:
    """The functions and instructions of a kernel and a program."""

    def __init__(self, target, image, program):
        arch = builder.toolchain()[target]['arch']
        self.image = image
        kernel = os.path.dirname(image)
        own = f'{os.path.dirname(program)}/obj/apps/{bench.SYSTEM}'
        self.in_full = {name for _, name in functions(
            target, *(f'{kernel}/arch/{arch}/{part}.o' for part in ASSEMBLER),
            *(f'{own}/{name}' for name in sorted(os.listdir(own))
              if name.endswith('.o')))}
        # Of several names at one address the last counts: a real one, rather
        # than the linker script's.
        symbols = sorted(functions(target, image, program),
                         key=lambda one: (one[0], one[1] in self.in_full))
        self.base = MACHINES[target].kernel_base
        self.starts = [start for start, _ in symbols]
        self.names = [name for _, name in symbols]
        self.text = {}
        for name in image, program:
            lines = tool(target, 'objdump', '-d', '--no-show-raw-insn', name)
            self.text.update((int(m[1], 16), m[2]) for m in
                             map(LINE.match, lines) if m)

    def kernel(self):
        """Where the kernel's instructions are; constants between them are none."""
        return sorted(at for at, text in self.text.items()
                      if at >= self.base and not text.startswith('.'))

    def function(self, address):
        at = bisect.bisect(self.starts, address) - 1
        return self.names[at] if at >= 0 else '?'

    def is_in_full(self, address):
        return self.function(address) in self.in_full

    def line(self, address):
        text = self.text.get(address, '?')
        for pattern, instead in MOVING:
            text = pattern.sub(instead, text)
        return text.strip()


def one_round(addresses, code, length):
    """From one pass of the loop's first instruction to the next: the round
    whose length is nearest to what it should be."""
    places = {}
    for at, address in enumerate(addresses):
        if address < code.base:
            places.setdefault(address, []).append(at)
    best = None
    for ats in places.values():
        for begin, end in list(zip(ats, ats[1:]))[1:40]:
            off = abs(end - begin - length)
            if best is None or (off, begin) < best[0]:
                best = (off, begin), begin, end
    return addresses[best[1]:best[2]] if best else []


def lines_of(addresses, code):
    """One line for an instruction in full, or for a stretch of C."""
    lines, at = [], 0
    while at < len(addresses):
        name = code.function(addresses[at])
        if code.is_in_full(addresses[at]):
            lines.append(f'{name}: {code.line(addresses[at])}')
            at += 1
            continue
        end = at
        while (end < len(addresses) and not code.is_in_full(addresses[end]) and
               code.function(addresses[end]) == name):
            end += 1
        lines.append(f'{name}, {end - at} instructions')
        at = end
    return lines


def repeats(lines, at, period):
    """How often the `period` lines from `at` on come one after the other."""
    count, block = 1, lines[at:at + period]
    while lines[at + count * period:at + (count + 1) * period] == block:
        count += 1
    return count


def fold(lines):
    """What comes several times, as a loop does, once and how often."""
    folded, at = [], 0
    while at < len(lines):
        period, count = max(((period, repeats(lines, at, period))
                             for period in range(1, LONGEST_LOOP + 1)),
                            key=lambda one: one[0] * (one[1] - 1))
        if count > 2:
            folded += [f'{count} times:'] + ['  ' + line for line in
                                             lines[at:at + period]]
            at += period * count
        else:
            folded.append(lines[at])
            at += 1
    return folded


def trails(target, image):
    """The plugin's record: span -> addresses."""
    with tempfile.TemporaryDirectory() as directory:
        name = os.path.join(directory, 'trail')
        plugin = ','.join([PLUGIN, f'isa={MACHINES[target].isa}',
                           f'limit={LIMIT}', 'out=' + name.replace(',', ',,')])
        result = runner.run(target, image, TIMEOUT, deterministic=True,
                            plugin=plugin)
        if result.problem:
            raise RunError(f'listing on {target}: {result.problem}')
        try:
            with open(name) as lines:
                words = [line.split() for line in lines]
        except FileNotFoundError:
            raise RunError('the plugin wrote no trail')
    return {int(line[0]): [int(word, 16) for word in line[1:]]
            for line in words}


def paths(target, costs):
    """Case -> the addresses of one round, or of one span; and the code."""
    image = builder.image(target, bench.CONFIG, bench.SYSTEM)
    code = Code(target, image, f'build/{target}/user/{bench.SYSTEM}')
    found = trails(target, image)
    return {cost.case: one_round(found.get(cost.span, []), code,
                                 cost.total * cost.ops)
            if cost.rounds else found.get(cost.span, [])
            for cost in costs}, code


def listings(target, costs):
    """Case -> the lines of one round, or of one span."""
    found, code = paths(target, costs)
    return {case: fold(lines_of(path, code)) for case, path in found.items()}
