# SPDX-License-Identifier: BSD-2-Clause
"""The systems of user/systems: they run to their end, and show what they are
there to show. The consoles in doc/examples.md are what the examples say."""
import os
import re

import builder
import pytest

PAGE = os.path.join(builder.ROOT, 'doc/examples.md')
pytestmark = pytest.mark.parametrize('config', builder.CONFIGS)


def of_system(*names):
    return pytest.mark.parametrize('system', names)


def console(boots, target, config, system):
    """What the system printed, without the kernel's first and last lines."""
    result = boots.result(target, config, system)
    assert result.problem is None, result.output
    text = re.search(r'\nmemory: .*\n((?:.*\n)*)\nhickory: halt', result.output)
    return text[1].split('\n')[:-1]


@of_system('bench', 'confine', 'demo', 'hello', 'periodic', 'pingpong',
           'scheduler')
def test_it_runs_to_its_end(boots, target, config, system):
    assert console(boots, target, config, system)


# ---- the page of the examples ----

def printed(system):
    """The block of a system's console in the page."""
    with open(PAGE, encoding='utf-8') as page:
        text = page.read()
    block = re.search(rf'^    \./l4 run arm {system} --icount\n\n?'
                      r'((?:    .*\n|\n)+)', text, re.M)
    lines = [line[4:] for line in block[1].split('\n')]
    while not lines[-1]:
        del lines[-1]
    return lines


def without(pattern, lines):
    """Lines with what differs between targets made equal, and blanks."""
    return [re.sub(' +', ' ', re.sub(pattern, '#', line)).rstrip()
            for line in lines]


@of_system('confine')
def test_console_in_the_page_is_word_for_word(boots, target, config, system):
    addresses = r'0x[0-9a-f]+ *'
    assert (without(addresses, console(boots, target, config, system)) ==
            without(addresses, printed(system)))


@of_system('periodic', 'scheduler')
def test_console_in_the_page_has_other_figures(boots, target, config, system):
    figures = r'\d+(\.\d+)?'
    assert (without(figures, console(boots, target, config, system)) ==
            without(figures, printed(system)))


# ---- confine ----

@of_system('confine')
def test_only_what_the_chief_lets_pass_reaches_others(boots, target, config,
                                                      system):
    lines = console(boots, target, config, system)
    assert [line for line in lines if line.startswith('notes:')] == [
        'notes:    task 11 reads note 1 (says a chief)']
    assert not any(line.startswith('spy:') for line in lines)
    assert lines[-1] == ('warden:   task 11 is gone; the spy was told '
                         '0 things')


@of_system('confine')
def test_creature_gets_its_pages_and_no_more(boots, target, config, system):
    lines = [line for line in console(boots, target, config, system)
             if line.startswith('   page writes')]
    assert [line.split('  ')[-1].strip() for line in lines] == [
        *(f'given, {page} of 4' for page in (1, 2, 3, 4)), 'over its limit']


# ---- periodic ----

def lateness(boots, target, config, system):
    """Setting -> its row: min, mean, max, last, load."""
    rows = [re.fullmatch(r'(\S.*?) +(\d+) +(\d+) +(\d+) +(\d+) +(\d+)%', line)
            for line in console(boots, target, config, system)]
    found = {row[1]: dict(zip(('min', 'mean', 'max', 'last', 'load'),
                              map(int, row.groups()[1:])))
             for row in rows if row}
    assert len(found) == 4
    return list(found.values())


@of_system('periodic')
def test_absolute_schedule_does_not_drift(boots, target, config, system):
    relative, absolute, _, _ = lateness(boots, target, config, system)
    assert relative['last'] == relative['max'] > 500
    assert absolute['last'] <= absolute['max'] < 20


@of_system('periodic')
def test_load_of_low_priority_does_not_disturb(boots, target, config, system):
    _, _, low, same = lateness(boots, target, config, system)
    assert low['load'] > 95 and low['max'] < 20
    assert same['load'] > 95 and same['max'] > 2000


# ---- scheduler ----

@of_system('scheduler')
def test_workers_get_their_shares(boots, target, config, system):
    """Of the time, by both ways; and their work is as their time."""
    rows = [line.replace('%', '').split()
            for line in console(boots, target, config, system)
            if re.match(r' +\d+ +\d+ .*%', line)]
    assert len(rows) == 6
    for _, _, wanted, got, _, _ in rows:
        assert abs(float(wanted) - float(got)) <= 0.5
    speed = [int(done) / int(time) for _, _, _, _, time, done in rows]
    assert max(speed) < 1.01 * min(speed)
