# SPDX-License-Identifier: BSD-2-Clause
"""The host tests: each TAP line of each program is a result of its own."""
import functools
import glob
import os
import subprocess

import pytest
import tap

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCES = sorted(glob.glob(os.path.join(HERE, 'test_*.c')))
TIMEOUT = 300


def pytest_generate_tests(metafunc):
    programs = {os.path.basename(source)[:-2]: tap.names_in([source])
                for source in SOURCES}
    if 'name' in metafunc.fixturenames:
        pairs = [(program, name) for program, names in programs.items()
                 for name in names]
        metafunc.parametrize('program,name', pairs,
                             ids=['-'.join(pair) for pair in pairs])
    else:
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
