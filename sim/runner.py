# SPDX-License-Identifier: BSD-2-Clause
"""Run an image in QEMU and tell how it ended.

A run counts as good only when the guest's last line on the console is
"hickory: halt 0" and QEMU's own status agrees with it: a reset, a crash of
QEMU or a killed guest all look like success to someone who reads the status
alone.
"""
import os
import re
import selectors
import signal
import subprocess
import sys
import tempfile
import time
from typing import NamedTuple, Optional

from errors import RunError, UsageError
from machines import MACHINES, command

LAST_LINE = re.compile(r'hickory: halt (\d+)')
LEFT = 'QEMU: Terminated'     # what Ctrl-A X writes on the console
# Whatever ends the runner: no guest stays behind and burns a processor.
DIES_WITH_US = ['setpriv', '--pdeathsig', 'KILL']
LINGER = 10     # seconds for QEMU to go after it closed the console


class Result(NamedTuple):
    """How a run ended."""
    output: str                 # the console, line ends as \n
    status: Optional[int]       # what the guest left with, if it said so
    problem: Optional[str]      # one line, None when all is well

    @property
    def lines(self):
        return self.output.split('\n')


def check_image(image):
    if not os.path.isfile(image):
        raise UsageError(f'no image {image}; ./l4 build makes it')


def plugin_argument(target, plugin, count_file, each=False, symbols=None,
                    more=()):
    """QEMU splits at commas; a comma in a name is written twice."""
    machine = MACHINES[target]
    words = [plugin, f'isa={machine.isa}', f'base={machine.kernel_base:#x}',
             f'out={count_file}']
    if each:
        words.append('each=on')
    if symbols:
        words.append(f'symbols={symbols}')
    return ','.join(word.replace(',', ',,') for word in [*words, *more])


def kill(process):
    """End QEMU and what it started; a halted guest ignores a SIGTERM."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait()


def judge(target, console, code):
    """Compare the guest's last line with QEMU's exit status."""
    text = console.replace('\r', '')
    lines = [line for line in text.split('\n') if line.strip()]
    match = LAST_LINE.fullmatch(lines[-1]) if lines else None
    if not match:
        return Result(text, None, 'the guest ended without its last line '
                      f'"hickory: halt STATUS" (QEMU returned {code})')
    status = int(match[1])
    if code != MACHINES[target].exit_code(status):
        return Result(text, status, f'the guest halted with {status} but '
                      f'QEMU returned {code}')
    problem = f'the guest halted with status {status}' if status else None
    return Result(text, status, problem)


def run(target, image, timeout=60, live=None, deterministic=False,
        plugin=None, cdrom=False):
    """Boot an image without input; its console goes to `live` as it comes."""
    check_image(image)
    line = command(target, image, deterministic, plugin, cdrom)
    process = subprocess.Popen(
        DIES_WITH_US + line + ['-monitor', 'none', '-serial', 'stdio'],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, start_new_session=True)
    try:
        console, ended = capture(process, time.monotonic() + timeout, live)
    finally:
        if process.poll() is None:
            kill(process)
        process.stdout.close()
    if not ended:
        return Result(console.replace('\r', ''), None,
                      f'the guest was killed after {timeout:g} s')
    return judge(target, console, process.returncode)


def capture(process, deadline, live):
    """Read the console until QEMU ends or time is up: (text, ended)."""
    pieces = []
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while True:
            left = deadline - time.monotonic()
            if left <= 0 or not selector.select(left):
                return b''.join(pieces).decode(errors='replace'), False
            data = os.read(process.stdout.fileno(), 65536)
            if not data:
                break
            pieces.append(data)
            if live:
                live.write(data.decode(errors='replace').replace('\r', ''))
                live.flush()
    text = b''.join(pieces).decode(errors='replace')
    try:
        process.wait(LINGER)
    except subprocess.TimeoutExpired:
        return text, False
    return text, True


def interact(target, image, timeout=None, deterministic=False, plugin=None,
             extra=()):
    """Boot an image with the terminal as its console; None: the user left."""
    import termios
    check_image(image)
    terminal = termios.tcgetattr(sys.stdin)
    with tempfile.TemporaryDirectory() as directory:
        log = os.path.join(directory, 'console')
        line = command(target, image, deterministic, plugin) + [
            '-chardev', f'stdio,id=console,mux=on,signal=off,logfile={log}',
            '-serial', 'chardev:console', '-mon', 'chardev=console', *extra]
        process = subprocess.Popen(DIES_WITH_US + line)
        try:
            process.wait(timeout)
        except subprocess.TimeoutExpired:
            raise RunError(f'the guest was killed after {timeout:g} s')
        finally:
            process.kill()
            process.wait()
            termios.tcsetattr(sys.stdin, termios.TCSADRAIN, terminal)
        with open(log, errors='replace', newline='') as console:
            text = console.read()
    if text.rstrip().endswith(LEFT):
        return None
    return judge(target, text, process.returncode)
