# SPDX-License-Identifier: BSD-2-Clause
"""Which numbered step of which path an instruction of the kernel belongs to.

The sources say so, in a comment on the line: `/* F2 */`, `/* H3: our chief */`,
`/* entry */`, `/* exit */`. A line without one belongs to the step above it, in
the same function. The debug information tells the line of each instruction, and
through which functions the compiler has put it there; macros of the assembler,
of which it knows the line of use only, are unfolded here.
"""
import functools
import os
import re
import subprocess
from typing import NamedTuple

import builder
from errors import RunError

STEP = re.compile(r'\b(?:[AFHMNSW]\d+|entry|exit)\b')
COMMENT = re.compile(r'/\*(.*?)(?:\*/|$)')
FILE = re.compile(r'(?:^|/)((?:arch|core)/\S+\.[chS])$')
COMMIT = re.compile(r'\s*/\* ---- commit\b')     # what follows is no step yet
NOT_PLACE = re.compile(r' \(discriminator \d+\)$')     # the path may have spaces
FUNCTION = re.compile(r'([A-Za-z]\w*):')            # of the assembler
INSTRUCTION = re.compile(r'(?:[\w.]+:\s*)?([A-Za-z][\w.]*\b(?!:)|\\\w+)')
MACRO = re.compile(r'\.macro\s+(\w+)')
REPEAT = re.compile(r'\.(irp|rept)\s+(.*)')


class Place(NamedTuple):
    """An instruction in one of the functions that it is part of: innermost
    first, as the compiler has unfolded them."""
    function: str
    file: str
    line: int


def comment_steps(text):
    """The steps that a comment begins with: `F2, F3` but not `F3; F8`."""
    for comment in COMMENT.findall(text):
        first = re.match(r'\s*((?:%s)(?:, )?)+' % STEP.pattern, comment)
        if first:
            return tuple(STEP.findall(first[0]))
    return ()


def code(text):
    return COMMENT.sub('', text).rstrip()


# ---- assembler ----

class Use(NamedTuple):
    """Instructions of one line, in the order of their addresses; a second list
    has those that go to a place of their own (.subsection)."""
    steps: list
    aside: list


def joined(lines):
    """Lines that go on in the next one are one; the others stay where they
    are."""
    found = list(lines)
    for at in range(len(found) - 1, 0, -1):
        if found[at - 1].endswith('\\'):
            found[at - 1] = found[at - 1][:-1] + found[at].strip()
            found[at] = ''
    return found


class Assembly:
    """A file: line -> the steps of each instruction that it makes."""

    def __init__(self, lines):
        self.macros, self.uses = {}, {}
        body, now = None, ()
        for number, text in enumerate(joined(lines), 1):
            plain = code(text).strip()
            named = MACRO.match(plain)
            if named:
                body = self.macros[named[1]] = []
            elif plain == '.endm':
                body = None
            elif body is not None:
                body.append(text)
            else:
                now = self.add(number, text, plain, now)

    def add(self, number, text, plain, now):
        """One line outside of macros; the step in force after it."""
        if FUNCTION.match(plain):
            now = ()
        use = Use([], [])
        now = self.unfold(text, now, use, use.steps)
        if use.steps or use.aside:
            self.uses[number] = use
        return now

    def unfold(self, text, now, use, into):
        """The instructions of a line go to `into`."""
        now = comment_steps(text) or now
        word = INSTRUCTION.match(code(text).strip())
        if not word:
            return now
        if word[1] not in self.macros:
            into.append(now)
            return now
        return self.unfold_block(self.macros[word[1]], now, use, into)

    def unfold_block(self, lines, now, use, into):
        at = 0
        while at < len(lines):
            plain = code(lines[at]).strip()
            repeat = REPEAT.match(plain)
            if plain.startswith('.subsection'):
                into = use.aside
            elif plain == '.previous':
                into = use.steps
            elif repeat:
                end = at + 1 + [code(line).strip() for line in
                                lines[at + 1:]].index('.endr')
                for _ in range(times(repeat)):
                    now = self.unfold_block(lines[at + 1:end], now, use, into)
                at = end
            else:
                now = self.unfold(lines[at], now, use, into)
            at += 1
        return now


def times(repeat):
    """How often; of a macro's own argument nobody knows here."""
    if repeat[1] == 'irp':
        return len(repeat[2].split(',')) - 1
    return 1


# ---- C ----

def statement_steps(lines):
    """Line -> steps. A statement of several lines has those of its comment."""
    found, now, begin = {}, (), 1
    for number, text in enumerate(lines, 1):
        plain = code(text).strip()
        if text.startswith('}') or COMMIT.match(text):
            now = ()
        if plain and plain[-1] not in ';{}' and not text.startswith('#'):
            continue
        here = [comment_steps(line) for line in lines[begin - 1:number]]
        now = next((steps for steps in here if steps), now)
        found.update((line, now) for line in range(begin, number + 1))
        begin = number + 1
    return found


# ---- instructions ----

@functools.lru_cache(maxsize=None)
def read(name):
    """What a file of the sources says of its lines."""
    with open(os.path.join(builder.ROOT, name)) as text:
        lines = text.read().split('\n')
    return Assembly(lines) if name.endswith('.S') else statement_steps(lines)


def places(target, image, addresses):
    """Address -> the functions and lines that its instruction is of."""
    prefix = builder.toolchain()[target]['prefix']
    said = subprocess.run(
        [prefix + 'addr2line', '-a', '-i', '-f', '-e', image], check=True,
        input='\n'.join(f'{at:#x}' for at in addresses), text=True,
        capture_output=True).stdout.split('\n')
    found, at = {}, None
    lines = iter(said)
    for line in lines:
        if line.startswith('0x'):
            at = found[int(line, 16)] = []
        elif line:
            name, _, number = NOT_PLACE.sub('', next(lines)).rpartition(':')
            short = FILE.search(name)
            at.append(Place(line, short[1] if short else name,
                            int(number) if number.isdigit() else 0))
    return found


def runs(order, found):
    """Neighbours that are of one line of assembler: (file, line), addresses."""
    groups = []
    for at in order:
        place = found[at][-1][1:]
        if groups and groups[-1][0] == place:
            groups[-1][1].append(at)
        else:
            groups.append((place, [at]))
    return groups


def steps_of_run(use, count, where):
    """The steps of each of so many instructions that one line has made."""
    for steps in use.steps, use.aside:
        if len(set(steps)) == 1:
            every = steps[:1] * count
        else:
            every = steps * (count // len(steps)) if steps else []
        if len(every) == count:
            return every
    raise RunError(f'{where}: a macro of {len(use.steps)} instructions has '
                   f'made {count}')


class Steps:
    """Of a kernel, given all its instructions: which is of which step."""

    def __init__(self, target, image, order):
        self.places = places(target, image, order)
        self.found = {}         # of assembler
        for (name, line), group in runs(order, self.places):
            if name.endswith('.S') and FILE.search(name):
                self.add_assembly(name, line, group)

    def add_assembly(self, name, line, group):
        use = read(name).uses.get(line)
        if use:
            self.found.update(zip(group, steps_of_run(
                use, len(group), f'{name}:{line}')))

    def labels(self, address):
        """Steps and functions that it is part of, the innermost first. A line
        may name several steps; the first of them is what it mostly does."""
        found = list(self.found.get(address, ())[:1])
        for place in self.places.get(address, []):
            if place.file.endswith('.c') and FILE.search(place.file):
                found += read(place.file).get(place.line, ())[:1]
            found.append(place.function)
        return found

    def steps(self, address):
        """All the steps that its line names, of the outermost function that has
        such."""
        if address in self.found:
            return self.found[address]
        for place in reversed(self.places.get(address, [])):
            if place.file.endswith('.c') and FILE.search(place.file):
                steps = read(place.file).get(place.line)
                if steps:
                    return steps
        return ()

    def line(self, address):
        """Where a reader looks: the innermost line of the file whose function
        this is."""
        outer = self.places[address][-1].file
        place = next(place for place in self.places[address]
                     if place.file == outer)
        return f'{place.file}:{place.line}'
