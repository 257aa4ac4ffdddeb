# SPDX-License-Identifier: BSD-2-Clause
"""The steps of a path, and the page of ./l4 bench --html."""
import os
from fractions import Fraction
from html.parser import HTMLParser

import bench
import builder
import cli
import cycles
import pytest
import report
import scale
import steps
from errors import RunError, UsageError

PATHS = os.path.join(builder.ROOT, 'tests/perf/paths')
TARGETS = ['ia32', 'arm', 'mips64']
EMPTY = {'ul', 'meta', 'br', 'path', 'use', 'rect', 'link', 'img'}


def recorded(target):
    with open(os.path.join(PATHS, target, steps.CASE + '.txt')) as text:
        return text.read().split('\n')


# ---- steps ----

@pytest.mark.parametrize('isa', TARGETS)
def test_each_instruction_of_a_short_message_is_in_one_step(isa):
    lines = recorded(isa)
    counts = steps.count(isa, lines)
    assert list(counts) == list(steps.MEANING)
    assert all(counts.values())
    assert sum(counts.values()) == len(steps.walk(isa, lines))
    assert steps.total(counts, steps.FLOOR) < steps.total(
        counts, steps.TRANSFER) < sum(counts.values())


@pytest.mark.parametrize('isa', TARGETS)
def test_path_without_a_step_is_an_error(isa):
    lines = [line for line in recorded(isa)
             if 'cr3' not in line and not any(
                 word in line for word in ('clrex', 'cld', 'eret', 'rfe'))]
    with pytest.raises(RunError, match='short message'):
        steps.count(isa, lines)


@pytest.mark.parametrize('isa', TARGETS)
def test_each_address_of_the_path_is_in_one_step_and_one_is_the_entry(isa):
    lines = recorded(isa)
    found = steps.places(isa, lines, range(1000, 1000 + len(lines)))
    counts = steps.count(isa, lines)
    counts['entry'] += 1
    assert {name: len(spots) for name, spots in found.items()} == counts
    every = sum(found.values(), [])
    assert every == list(range(every[0], every[0] + len(every)))


def test_table_compares_a_message_with_a_transfer():
    counts = {target: steps.count(target, recorded(target))
              for target in TARGETS}
    text = steps.table(counts)
    for name in [*steps.MEANING, 'protected control transfer', 'message',
                 'floor', *TARGETS]:
        assert name in text


# ---- the page ----

class Page(HTMLParser):
    """Every element that is opened is closed; nothing comes from elsewhere."""

    def __init__(self, text):
        super().__init__()
        self.open, self.outside, self.images, self.text = [], [], 0, ''
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.images += tag == 'svg'
        for name, value in attributes:
            if name in ('src', 'href', 'xlink:href') and value and \
                    not value.startswith('#'):
                self.outside.append(value)
        if tag not in EMPTY:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        pass

    def handle_endtag(self, tag):
        if tag not in EMPTY:
            assert self.open and self.open.pop() == tag, tag

    def handle_data(self, data):
        self.text += data


def cost(target, case, total):
    return bench.Cost(target, case, 'one-way', 1, Fraction(total, 4),
                      Fraction(total * 3, 4))


def figures(target, case, cold):
    return cycles.Figures(target, 'some', case, cold, 10., 30., {
        key: 1. for key in cycles.COUNTS[1:] + cycles.LINES})


def data(targets, cases):
    growth = scale.series([scale.Sample('ipc', 'threads', n, 1, 20, 42)
                           for n in (1, 16, 256)])
    return {'targets': targets,
            'costs': [cost(target, case, 40 + i) for target in targets
                      for i, case in enumerate(cases)],
            'cycles': [figures(target, case, cold) for target in targets
                       for case in cases for cold in (False, True)],
            'problems': ['a <strange> problem'],
            'growth': {target: (growth, [], []) for target in targets},
            'steps': {target: steps.count(target, recorded(target))
                      for target in targets},
            'step_cycles': {target: dict.fromkeys(steps.MEANING, 4.25)
                            for target in targets}}


CASES = ['intra-short', 'inter-short', 'chief-short', 'null-call', 'interrupt',
         'exception', 'fault-map', 'words-2', 'words-63', 'string-64',
         'string-4k', 'odd & <new>']


@pytest.mark.parametrize('shown', [TARGETS, ['arm']])
def test_page_is_whole_and_has_every_case(shown):
    page = Page(report.page(data(shown, CASES), 'a "file".html'))
    assert not page.open and not page.outside
    assert page.images == 9 + len(shown)
    for word in CASES + shown + list(steps.MEANING) + [
            'a "file".html', 'a <strange> problem', 'ipc']:
        assert word in page.text, word


def test_what_was_not_measured_is_said():
    page = Page(report.page(data(['ia32'], ['inter-short']), 'x.html'))
    assert page.text.count('Not measured.') == 4
    assert page.images == 6


@pytest.mark.parametrize('words, says', [
    (['--html', '/nowhere/x.html'], 'cannot write'),
    (['--html', '/'], 'cannot write'),
    (['--html', 'x.html', '--json', 'y.json'], 'goes alone'),
    (['--html', 'x.html', '--suite', 'scale'], 'goes alone'),
    (['--html', 'x.html', '--record'], 'goes alone'),
    (['--model', 'z80'], 'unknown model "z80"'),
    (['--model', 'arm926', 'ia32'], 'is for arm, not for ia32'),
    (['--cold'], 'give --model'),
    (['--model', 'arm926', '--suite', 'scale'], 'for the suite ipc'),
])
def test_wrong_options_are_one_line(words, says, monkeypatch):
    monkeypatch.chdir(builder.ROOT)
    with pytest.raises(UsageError, match=says) as error:
        cli.main(['bench', *words])
    assert '\n' not in str(error.value)
