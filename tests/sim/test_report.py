# SPDX-License-Identifier: BSD-2-Clause
"""The steps of a path, and the page of ./l4 bench --html."""
import os
import re
from fractions import Fraction
from html.parser import HTMLParser

import bench
import builder
import cli
import cycles
import listing
import model as models
import pytest
import report
import scale
import small
import sources
import steps
from conftest import chosen_targets
from errors import RunError, UsageError

TARGETS = ['ia32', 'arm', 'mips64']
EMPTY = {'ul', 'meta', 'br', 'path', 'use', 'rect', 'link', 'img'}


# ---- steps ----

class Labels:
    """In place of sources.Steps: address -> labels."""

    def __init__(self, known):
        self.known = known

    def labels(self, address):
        return self.known.get(address, [])


# The kernel's part of a made-up path: what runs where in it.
BASE = 100
PATH = steps.Path('Some path', 'some-case', [
    steps.Part('entry', ['entry'], 'in'),
    steps.Part('checks', ['F3', 'look'], 'may it?'),
    steps.Part('exit', ['exit'], 'out')])
KNOWN = Labels({101: ['F3'], 103: ['inline', 'look', 'F9'], 105: ['exit'],
                110: ['other']})
TRAIL = [1, 2, 100, 101, 102, 103, 110, 105, 3, 100, 105]


def test_an_instruction_without_a_step_is_of_the_one_before():
    found = steps.walk(PATH, TRAIL, BASE, KNOWN)
    assert found == [('entry', 2), ('checks', 3), ('checks', 4), ('checks', 5),
                     ('checks', 6), ('exit', 7), ('entry', 9), ('exit', 10)]
    assert steps.count(PATH, found) == {'entry': 2, 'checks': 4, 'exit': 2}


def test_a_path_may_be_one_visit_of_several():
    found = steps.walk(PATH._replace(visits=1), TRAIL, BASE, KNOWN)
    assert [i for _, i in found] == [2, 3, 4, 5, 6, 7]


def test_path_without_a_step_is_an_error_that_names_it():
    with pytest.raises(RunError, match=r'"some-case" has no step "checks" '
                       r'\(F3, look\)'):
        steps.walk(PATH, [1, 100, 105], BASE, KNOWN)


@pytest.fixture(scope='module')
def labels_in_kernel(request):
    """Target -> every label that an instruction of its kernel has, of those that
    are built for this run."""
    found = {}
    for target in set(TARGETS) & set(chosen_targets(request.config)):
        image = builder.image(target, bench.CONFIG, bench.SYSTEM)
        code = listing.Code(target, image, f'build/{target}/user/{bench.SYSTEM}')
        known = sources.Steps(target, image, code.kernel())
        found[target] = {label for at in code.kernel()
                         for label in known.labels(at)}
    return found


def words_of_sources(target):
    """What a port's kernel might have as labels: all words of its sources."""
    found = set()
    for name in ('core', f'arch/{target}'):
        for entry in os.scandir(os.path.join(builder.ROOT, name)):
            with open(entry) as text:
                found |= set(re.findall(r'\w+', text.read()))
    return found


@pytest.mark.parametrize('name', steps.PATHS)
def test_each_step_of_a_path_is_in_the_kernels(name, labels_in_kernel):
    stale = [(target, part.name) for target, labels in labels_in_kernel.items()
             for part in steps.PATHS[name].parts
             if part.name != 'entry' and not labels & set(part.labels)]
    assert not stale, stale


@pytest.mark.parametrize('name', steps.PATHS)
def test_no_label_of_a_path_is_out_of_date(name, labels_in_kernel):
    """Nobody is told of a step or function that is no more."""
    every = set().union(*labels_in_kernel.values(),
                        *[words_of_sources(target) for target in TARGETS
                          if target not in labels_in_kernel])
    only_in_c = {'F7'}          # words stay in their registers
    stale = [label for part in steps.PATHS[name].parts
             for label in part.labels if label not in every | only_in_c]
    assert not stale, stale


def parts(path):
    return {part: 5 + i for i, part in enumerate(path.names)}


def test_table_compares_a_message_with_a_transfer():
    text = steps.table({target: parts(steps.MESSAGE) for target in TARGETS})
    for name in [*steps.MEANING, 'protected control transfer', 'message',
                 'floor', *TARGETS]:
        assert name in text


def test_tables_have_every_path_with_its_steps_and_their_sum():
    text = steps.path_tables({'arm': {name: parts(path) for name, path in
                                      steps.PATHS.items()}})
    for path in steps.PATHS.values():
        assert path.title in text and f'(case {path.case})' in text
        assert all(part.meaning in text for part in path.parts)
    assert re.search(r'^all +35$', text, re.M)          # 5 + 6 + 7 + 8 + 9


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
            'small': {target: [(models.usual(target), [
                small.Figure(spaces, pages, 60., 300., 5.)
                for spaces in small.SPACES for pages in (0, 8)])]
                for target in targets if target in small.TARGETS},
            'steps': {target: {name: parts(path) for name, path in
                               steps.PATHS.items()} for target in targets},
            'step_cycles': {target: dict.fromkeys(steps.MEANING, 4.25)
                            for target in targets}}


CASES = ['intra-short', 'inter-short', 'chief-short', 'null-call', 'interrupt',
         'exception', 'fault-map', 'words-2', 'words-63', 'string-64',
         'string-4k', 'odd & <new>']


@pytest.mark.parametrize('shown', [TARGETS, ['arm']])
def test_page_is_whole_and_has_every_case(shown):
    page = Page(report.page(data(shown, CASES), 'a "file".html'))
    assert not page.open and not page.outside
    assert page.images == (9 + len(steps.PATHS) - 1 + len(shown) +
                           ('ia32' in shown))
    for word in CASES + shown + [part.meaning for path in steps.PATHS.values()
                                 for part in path.parts] + [
            'a "file".html', 'a <strange> problem', 'ipc']:
        assert word in page.text, word


def test_what_was_not_measured_is_said():
    page = Page(report.page(data(['ia32'], ['inter-short']), 'x.html'))
    assert page.text.count('Not measured.') == 4
    assert page.images == 7 + len(steps.PATHS) - 1


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
