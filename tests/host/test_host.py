# SPDX-License-Identifier: BSD-2-Clause
"""The host tests: each TAP line of each program is a result of its own."""
import functools
import glob
import os
import subprocess
import sys

import pytest
import tap

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)

from programs import PROGRAMS, path                         # noqa: E402

TIMEOUT = 300


def source(program):
    return os.path.join(HERE, program + '.c')


def pytest_generate_tests(metafunc):
    programs = {path(name, levels): name for name, depths in PROGRAMS.items()
                for levels in depths}
    if 'name' in metafunc.fixturenames:
        pairs = [(program, name) for program, test in programs.items()
                 for name in tap.names_in([source(test)])]
        metafunc.parametrize('program,name', pairs,
                             ids=['-'.join(pair) for pair in pairs])
    elif 'program' in metafunc.fixturenames:
        metafunc.parametrize('program', programs)


@functools.lru_cache(maxsize=None)
def outcome(program):
    """(exit status, output) of one program."""
    try:
        done = subprocess.run([os.path.join('build/host', program)],
                              stdout=subprocess.PIPE, text=True,
                              stderr=subprocess.STDOUT, timeout=TIMEOUT)
    except subprocess.TimeoutExpired:
        return None, f'{program} was killed after {TIMEOUT} s'
    return done.returncode, done.stdout


def test_every_test_is_built():
    """No test_*.c is left out of programs.py."""
    sources = glob.glob(os.path.join(HERE, 'test_*.c'))
    assert sorted(sources) == sorted(map(source, PROGRAMS))


def test_claim(program, name):
    _, output = outcome(program)
    said = tap.Report(output.split('\n'))
    if name not in said.results:
        pytest.fail('not reported\n' + output[-3000:], pytrace=False)
    passed, remark = said.results[name]
    if not passed:
        pytest.fail((remark or 'not ok') + '\n' + output[-3000:],
                    pytrace=False)
    if said.skipped(name):
        pytest.skip(remark)


def test_run_is_complete(program):
    """The plan holds, and neither sanitizer had anything to say."""
    status, output = outcome(program)
    said = tap.Report(output.split('\n'))
    problems = said.problems()
    if status != 0:
        problems.append(f'exit status {status}')
    if problems:
        pytest.fail('\n'.join(problems) + '\n' + output[-3000:],
                    pytrace=False)
