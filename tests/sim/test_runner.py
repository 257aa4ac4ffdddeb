# SPDX-License-Identifier: BSD-2-Clause
"""The runner: however a guest ends, the caller hears the truth."""
import glob
import json
import os
import shutil
import signal
import subprocess
import time

import builder
import machines
import pytest
import runner
from errors import UsageError

L4 = os.path.join(builder.ROOT, 'l4')
RELEASE = 'release'


def boot(target, system, **options):
    return runner.run(target, builder.image(target, RELEASE, system),
                      **options)


def processes_naming(word):
    """Process ids whose command line holds a word."""
    found = []
    for name in glob.glob('/proc/[0-9]*/cmdline'):
        try:
            with open(name, 'rb') as line:
                if word.encode() in line.read():
                    found.append(int(name.split('/')[2]))
        except OSError:
            pass            # it ended meanwhile
    return found


def test_failing_guest_makes_the_run_fail(target):
    result = boot(target, 'fail')
    assert result.status == 3
    assert 'status 3' in result.problem
    assert 'this guest fails' in result.output


def test_failing_guest_makes_the_command_exit_with_1(target):
    done = subprocess.run([L4, 'run', target, 'fail'], capture_output=True,
                          text=True, stdin=subprocess.DEVNULL)
    assert done.returncode == 1
    assert done.stderr == 'l4: the guest halted with status 3\n'


def test_hanging_guest_is_killed_after_the_time_out(target, tmp_path):
    image = tmp_path / 'a-hanging-guest.elf'
    shutil.copy(builder.image(target, RELEASE, 'hang'), image)
    result = runner.run(target, str(image), timeout=3)
    assert result.status is None
    assert 'killed after 3 s' in result.problem
    assert 'this guest hangs' in result.output
    assert not processes_naming(image.name)


ALONE = """
import os, sys
sys.path.insert(0, os.environ['SIM'])
import runner
runner.run('ia32', os.environ['IMAGE'], 60)
"""


def becomes_true(condition, seconds=30):
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.1)
    return condition()


def test_guest_ends_with_a_runner_that_is_killed(tmp_path):
    image = tmp_path / 'orphan.elf'
    shutil.copy(builder.image('ia32', RELEASE, 'hang'), image)
    with subprocess.Popen(
            ['/usr/bin/python3', '-c', ALONE],
            env={**os.environ, 'IMAGE': str(image),
                 'SIM': os.path.dirname(runner.__file__)}) as process:
        assert becomes_true(lambda: processes_naming(image.name))
        process.kill()
    assert becomes_true(lambda: not processes_naming(image.name))


def listen_to_interrupts():
    """A shell's background jobs are deaf to them, and so are our children."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def test_interrupt_exits_with_130_and_ends_the_guest():
    with subprocess.Popen(
            [L4, 'run', 'ia32', 'hang'], start_new_session=True, text=True,
            preexec_fn=listen_to_interrupts,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE) as process:
        for line in process.stdout:
            if 'hangs' in line:
                break
        os.killpg(process.pid, signal.SIGINT)
        _, complaint = process.communicate(timeout=20)
    assert (process.returncode, complaint) == (130, '')


@pytest.mark.parametrize('console, code, status, problem', [
    ('hickory: halt 0\r\n', 0, 0, None),
    ('text\r\nhickory: halt 0\r\n\r\n', 0, 0, None),
    ('hickory: halt 5\n', 5, 5, 'halted with status 5'),
    ('hickory: halt 0\n', 1, 0, 'QEMU returned 1'),
    ('hickory: halt 0\nmore\n', 0, None, 'without its last line'),
    ('say hickory: halt 0\n', 0, None, 'without its last line'),
    ('', 0, None, 'without its last line'),
])
def test_only_the_last_line_counts(console, code, status, problem):
    result = runner.judge('arm', console, code)
    assert result.status == status
    assert problem in result.problem if problem else not result.problem


def test_status_of_ia32_is_shifted_by_its_exit_device():
    assert runner.judge('ia32', 'hickory: halt 3\n', 7).status == 3
    assert 'QEMU returned 3' in runner.judge('ia32', 'hickory: halt 3\n',
                                             3).problem


def test_missing_image_is_one_clear_line():
    with pytest.raises(UsageError, match='no image .*none.elf; ./l4 build'):
        boot('ia32', 'none')


def test_counts_are_the_same_in_every_run(target, tmp_path):
    name = tmp_path / 'counts, with a comma'
    argument = runner.plugin_argument(target, builder.PLUGIN, str(name))
    counts = []
    for _ in range(2):
        boot(target, 'fail', deterministic=True, plugin=argument)
        counts.append(name.read_text())
        name.unlink()
    assert counts[0] == counts[1]
    whole = json.loads(counts[0].splitlines()[-1])
    assert whole['span'] is None
    assert whole['user'] > 0 and whole['kernel'] > 0


def test_systems_that_need_it_get_all_the_memory_there_can_be(target):
    image = builder.image(target, RELEASE, 'scale')
    assert machines.memory(target, image) >= 2048
    assert machines.memory(target, builder.image(target, RELEASE,
                                                 'hello')) == 256


def test_ia32_boots_from_a_grub_cd():
    builder.build(['ia32'], [RELEASE], ['fail'], ['iso'])
    result = runner.run('ia32', builder.image('ia32', RELEASE, 'fail', 'iso'),
                        cdrom=True)
    assert result.status == 3
    assert 'this guest fails' in result.output


def test_panic_shows_a_backtrace_and_fails(target, monkeypatch):
    """A machine with too little memory is the kernel's way to a panic."""
    monkeypatch.setattr(machines, 'MEMORY', 10)
    result = boot(target, 'hello', timeout=30)
    assert result.status == 125
    assert 'PANIC: too little memory' in result.output
    assert 'text addresses on the stack: ' in result.output
