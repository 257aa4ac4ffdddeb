# SPDX-License-Identifier: BSD-2-Clause
"""The suite scale: what it makes of a guest's lines and the plugin's."""
import json

import pytest
import scale
import stretches
import suites
from errors import RunError

SAID = scale.announcements([
    'Hickory', 'scale: now 1 threads',
    'scale: op=yield of=ready n=1 rounds=4',
    'scale: memory=task bytes=8192 count=2',
    'scale: op=yield of=ready n=300 rounds=4'])
COUNTS = [{'span': 0, 'run': 1, 'user': 40, 'kernel': 360},
          {'span': 7, 'run': 1, 'user': 1, 'kernel': 1},
          {'span': 0, 'run': 2, 'user': 40, 'kernel': 400},
          {'span': 0, 'runs': 2, 'user': 80, 'kernel': 760},
          {'span': None, 'user': 100, 'kernel': 1000}]


def test_each_run_of_the_span_belongs_to_what_was_said_of_it():
    first, second = scale.samples(SAID, COUNTS)
    assert (first.op, first.n, first.each) == ('yield', 1, 100)
    assert (second.n, second.each) == (300, 110)


def test_runs_that_nothing_was_said_of_are_an_error():
    with pytest.raises(RunError, match='told of 2 measurements and made 3'):
        scale.samples(SAID, COUNTS + [{'span': 0, 'run': 3, 'user': 1,
                                       'kernel': 1}])


def test_an_operation_holds_up_to_five_percent_more():
    def one(most):
        return scale.Series('map', 'mappings', {1: 100, 16: 500, 4096: most})
    assert one(105).holds and one(90).holds and not one(106).holds


def test_an_operation_may_be_measured_in_some_of_the_systems_only():
    said = scale.announcements([
        f'scale: op={op} of=mappings n={n} rounds=2'
        for op, n in (('ipc', 1), ('map', 1), ('ipc', 300))])
    counts = [{'span': 0, 'run': i, 'user': 40, 'kernel': 60}
              for i in range(3)]
    ipc, other = scale.series(scale.samples(said, counts))
    assert ipc.costs == {1: 50, 300: 50} and ipc.holds
    rows = [line.split() for line in
            scale.table('arm', [ipc, other]).splitlines()]
    assert rows[1:] == [['ipc', '50', '50', '1.00', 'holds'],
                        ['map', '50', '-', '1.00', 'holds']]


def test_table_says_for_each_operation_whether_it_holds():
    table = scale.table('arm', scale.series(scale.samples(SAID, COUNTS)))
    rows = [line.split() for line in table.splitlines()]
    assert rows == [['arm,', 'ready:', '1', '300', 'ratio'],
                    ['yield', '100', '110', '1.10', 'GROWS']]


def test_memory_is_an_average():
    assert scale.memory(SAID) == [scale.Memory('task', 4096)]


def test_progress_shows_how_far_the_guest_is(capsys):
    stream = scale.Progress('ia32')
    stream.write('hello\nscale: now 16 th')
    stream.write('reads\nstress: now strings\nscale: op=x of=y n=1 rounds=1\n')
    assert capsys.readouterr().out == ('l4: ia32: 16 threads\n'
                                       'l4: ia32: strings\n')


STRETCH = {'stretch': 5000, 'most': 'memset', 'own': 4000,
           'operation': 'sys_task_new', 'from': 'user',
           'to': 'machine_irq_pending'}


def test_longest_stretch_comes_first_and_says_where_it_was():
    found = stretches.stretches([{'span': None}, STRETCH,
                                 {**STRETCH, 'stretch': 6000,
                                  'most': 'memcpy'}])
    assert str(found[0]) == ('6000 instructions, 4000 of them in memcpy in '
                             'sys_task_new, from user to machine_irq_pending')
    assert found[1].length == 5000


def test_no_stretch_is_an_error():
    with pytest.raises(RunError, match='saw no kernel'):
        stretches.stretches(COUNTS)


def test_json_has_costs_memory_and_stretches():
    found = suites.records('arm', scale.series(scale.samples(SAID, COUNTS)),
                           scale.memory(SAID), stretches.stretches([STRETCH]))
    assert json.loads(json.dumps(found)) == [
        {'target': 'arm', 'op': 'yield', 'of': 'ready', 'n': 1,
         'instructions': 100, 'ratio': 1.1, 'holds': False},
        {'target': 'arm', 'op': 'yield', 'of': 'ready', 'n': 300,
         'instructions': 110, 'ratio': 1.1, 'holds': False},
        {'target': 'arm', 'memory': 'task', 'bytes': 4096},
        {'target': 'arm', 'stretch': 5000, 'most': 'memset',
         'operation': 'sys_task_new', 'from': 'user',
         'to': 'machine_irq_pending'}]
