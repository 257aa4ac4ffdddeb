# SPDX-License-Identifier: BSD-2-Clause
"""What all tests share: targets, consoles of booted systems, the summary."""
import os
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

TESTS = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [TESTS, os.path.join(os.path.dirname(TESTS), 'sim')]

import branches                                             # noqa: E402
import builder                                              # noqa: E402
import machines                                             # noqa: E402
import runner                                               # noqa: E402
from errors import RunError                                 # noqa: E402

BOOT_TIMEOUT = 300      # seconds for one boot of a test system
COUNTED = 'ktest'       # whose branches in the fast paths are counted


def pytest_addoption(parser):
    parser.addoption('--targets', default=','.join(machines.DEFAULT),
                     help='comma-separated targets to test')


def pytest_configure(config):
    os.chdir(builder.ROOT)
    config.outcomes = {'passed': set(), 'failed': set(), 'skipped': set()}


def chosen_targets(config):
    return config.getoption('targets').split(',')


def every_boot(config, system):
    """How a kernel's test runs: on every target, in both kernels; mips64 also
    in the other byte order."""
    targets = chosen_targets(config)
    if 'mips64' in targets and 'mips64be' not in targets:
        targets.append('mips64be')
    return [(target, kernel, system) for target in targets
            for kernel in builder.CONFIGS]


def pytest_generate_tests(metafunc):
    """A test with the argument `target` runs once for each."""
    if ('target' in metafunc.fixturenames and
            not hasattr(metafunc.module, 'pytest_generate_tests')):
        metafunc.parametrize('target', chosen_targets(metafunc.config))


class Boots:
    """Boots systems, each image once, two at a time.

    Time in the guest is a count of instructions: a busy host changes no
    result, and a failure comes back at the next run.
    """

    def __init__(self):
        self.pool = ThreadPoolExecutor(2)
        self.runs = {}
        self.branches = {}      # of a boot: what branches.py found, or why not

    def start(self, target, config, system):
        key = target, config, system
        if key not in self.runs:
            self.runs[key] = self.pool.submit(self.boot, *key)
        return self.runs[key]

    def boot(self, target, config, system):
        image = builder.image(target, config, system)
        if system == COUNTED:
            try:
                found = branches.find(target, image)
                result, counts = branches.run(target, image, BOOT_TIMEOUT, found)
                self.branches[target, config, system] = found, counts
                return result
            except RunError as error:
                self.branches[target, config, system] = str(error)
        return runner.run(target, image, BOOT_TIMEOUT, deterministic=True)

    def result(self, target, config, system):
        """How the boot of this image ended (sim/runner.py: Result)."""
        return self.start(target, config, system).result()


@pytest.fixture(scope='session')
def boots(request):
    made = Boots()
    for item in request.session.items:      # what will be wanted, in order
        wanted = getattr(item, 'callspec', None)
        if wanted and 'system' in wanted.params:
            made.start(*(wanted.params[name]
                         for name in ('target', 'config', 'system')))
    yield made
    made.pool.shutdown(cancel_futures=True)


def pytest_runtest_logreport(report):
    """Count each test once: a failing fixture fails the test."""
    outcomes = SESSION.config.outcomes
    if report.failed:
        outcomes['failed'].add(report.nodeid)
    elif report.skipped:
        outcomes['skipped'].add(report.nodeid)
    elif report.when == 'call':
        outcomes['passed'].add(report.nodeid)


def pytest_collectreport(report):
    """A file that cannot be collected is a failed test."""
    if report.failed:
        SESSION.config.outcomes['failed'].add(report.nodeid)


def pytest_sessionstart(session):
    global SESSION
    SESSION = session


def pytest_unconfigure(config):
    """The last line of all: what ./l4 test promises."""
    outcomes = config.outcomes
    failed = outcomes['failed']
    counts = (len(outcomes['passed'] - failed), len(failed),
              len(outcomes['skipped'] - failed))
    if any(counts):
        line = '%d passed, %d failed' % counts[:2]
        print(line + (', %d skipped' % counts[2] if counts[2] else ''))
