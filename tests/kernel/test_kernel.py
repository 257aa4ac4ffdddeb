# SPDX-License-Identifier: BSD-2-Clause
"""The kernel tests: each TAP line of each boot is a result of its own."""
import glob
import os

import machines
import pytest
import tap
from conftest import every_boot

SYSTEM = 'ktest'
# The same tests in small address spaces, where there are any.
SMALL = 'ktest-small', ['ia32']
HERE = os.path.dirname(os.path.abspath(__file__))


def names_of(target, system=SYSTEM):
    """Tests of every target, and those of this one's processor; but not those
    that begin in large spaces when all are small."""
    arch = machines.MACHINES[target].isa
    sources = (sorted(glob.glob(os.path.join(HERE, '*.c'))) +
               sorted(glob.glob(os.path.join(HERE, 'arch', arch, '*.c'))))
    return tap.names_in(source for source in sources
                        if system == SYSTEM or
                        os.path.basename(source) != 'small.c')


def pytest_generate_tests(metafunc):
    """Boots in the outer loop, names in the inner one."""
    boots = every_boot(metafunc.config, SYSTEM)
    boots += [boot for boot in every_boot(metafunc.config, SMALL[0])
              if boot[0] in SMALL[1]]
    if 'name' in metafunc.fixturenames:
        claims = [(*boot, name) for boot in boots
                  for name in names_of(boot[0], boot[2])]
        metafunc.parametrize('target,config,system,name', claims,
                             ids=['-'.join((named(claim), claim[3]))
                                  for claim in claims])
    else:
        metafunc.parametrize('target,config,system', boots,
                             ids=[named(boot) for boot in boots])


def named(boot):
    """The system has a name when it is not the usual one."""
    target, config, system = boot[:3]
    return '-'.join([target, config] + [system] * (system != SYSTEM))


def report(boots, target, config, system):
    result = boots.result(target, config, system)
    return result, tap.Report(result.lines)


def last_words(result):
    return '\n'.join(result.output.rstrip().split('\n')[-20:])


def test_claim(boots, target, config, system, name):
    """One claim, one line on the console."""
    result, said = report(boots, target, config, system)
    if name not in said.results:
        pytest.fail(f'not reported; {result.problem or ""}\n' +
                    last_words(result), pytrace=False)
    passed, remark = said.results[name]
    if not passed:
        pytest.fail(remark or 'not ok', pytrace=False)
    if said.skipped(name):
        pytest.skip(remark)


def test_run_is_complete(boots, target, config, system):
    """The plan holds, nothing unknown was run, the guest ended by itself."""
    result, said = report(boots, target, config, system)
    problems = said.problems()
    problems += [f'{name} is in no source' for name in said.results
                 if name not in names_of(target, system)]
    if result.status is None:
        problems.append(result.problem)
    all_passed = all(passed for passed, _ in said.results.values())
    if result.status is not None and all_passed and result.status != 0:
        problems.append(f'all passed, but the status is {result.status}')
    if problems:
        pytest.fail('\n'.join(problems) + '\n' + last_words(result),
                    pytrace=False)
