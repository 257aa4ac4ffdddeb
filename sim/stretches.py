# SPDX-License-Identifier: BSD-2-Clause
"""The longest stretches of kernel code without a look at the interrupts.

The guest `stress` gives the kernel long things to do; the plugin measures and
names the functions.
"""
import os
import re
import subprocess
import tempfile
from typing import NamedTuple

import builder
import runner
import scale
from errors import RunError
from machines import MACHINES

SYSTEM = 'stress'
TIMEOUT = 300           # seconds; a target takes half a minute
SYMBOL = re.compile(r'([0-9a-f]+) [tT] ([\w.]+)')


class Stretch(NamedTuple):
    """The longest of those that one function took most of."""
    length: int         # instructions
    most: str           # the function
    own: int            # instructions that were its own
    operation: str      # what the kernel was at
    begin: str          # where it began and ended: a look, or user mode
    end: str

    def __str__(self):
        what = f' in {self.operation}' if self.operation else ''
        return (f'{self.length} instructions, {self.own} of them in '
                f'{self.most}{what}, from {self.begin} to {self.end}')


def symbols(target, image):
    """The kernel's functions: "address name", sorted."""
    nm = builder.toolchain()[target]['prefix'] + 'nm'
    listed = subprocess.run([nm, '-n', image], capture_output=True, text=True,
                            check=True).stdout
    found = [SYMBOL.fullmatch(line) for line in listed.split('\n')]
    return [f'{match[1]} {match[2]}' for match in found
            if match and int(match[1], 16) >= MACHINES[target].kernel_base]


def stretches(counts):
    """The plugin's lines about stretches, the longest first."""
    found = [Stretch(record['stretch'], record['most'], record['own'],
                     record['operation'], record['from'], record['to'])
             for record in counts if 'stretch' in record]
    if not found:
        raise RunError('the plugin saw no kernel')
    return sorted(found, reverse=True)


def measure(target, live=None):
    """Boot the stress load of one target."""
    image = builder.image(target, scale.CONFIG, SYSTEM)
    with tempfile.TemporaryDirectory() as directory:
        names = os.path.join(directory, 'symbols')
        counts = os.path.join(directory, 'counts')
        with open(names, 'w') as out:
            out.write('\n'.join(symbols(target, image)) + '\n')
        result = runner.run(
            target, image, TIMEOUT, live, deterministic=True,
            plugin=runner.plugin_argument(target, builder.PLUGIN, counts,
                                          symbols=names))
        if result.problem:
            raise RunError(f'{SYSTEM} on {target}: {result.problem}\n' +
                           '\n'.join(result.lines[-10:]))
        return stretches(scale.read_counts(counts))
