# SPDX-License-Identifier: BSD-2-Clause
"""A machine halted at its first instruction, and gdb attached to it."""
import os
import signal
import subprocess
import sys
import tempfile
import time

from errors import UsageError
from machines import MACHINES, command
from runner import check_image, kill


def commands(target, image, programs, port):
    """What gdb is told: where the guest is, and all symbols there are.

    Programs that root starts have the same addresses: their symbols overlap,
    and only the kernel knows whose turn it is.
    """
    symbols = [f'add-symbol-file "build/{target}/user/{name}"'
               for name in programs]
    return ['set confirm off', 'set pagination off',
            f'set architecture {MACHINES[target].debug}', f'file "{image}"',
            *symbols, f'target remote {port}', 'hbreak kernel_main']


def debug(target, image, programs):
    """Run gdb on the terminal; the guest's console goes to a file."""
    check_image(image)
    if not sys.stdin.isatty():
        raise UsageError('debug needs a terminal')
    with tempfile.TemporaryDirectory() as directory:
        socket = os.path.join(directory, 'gdb')
        console = os.path.splitext(image)[0] + '.console'
        print(f'l4: the guest\'s console is in {console}', flush=True)
        process = subprocess.Popen(
            command(target, image) + [
                '-S', '-monitor', 'none', '-serial', f'file:{console}',
                '-chardev', f'socket,id=gdb,path={socket},server=on,wait=off',
                '-gdb', 'chardev:gdb'],
            stdin=subprocess.DEVNULL, start_new_session=True)
        try:
            script = os.path.join(directory, 'commands')
            with open(script, 'w') as out:
                out.write('\n'.join(commands(target, image, programs,
                                             socket)) + '\n')
            while not os.path.exists(socket) and process.poll() is None:
                time.sleep(0.02)
            # Ctrl-C stops the guest, not this command.
            signal.signal(signal.SIGINT, lambda number, frame: None)
            return subprocess.run(['gdb-multiarch', '-q', '-x',
                                   script]).returncode and 1
        finally:
            kill(process)
