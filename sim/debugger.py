# SPDX-License-Identifier: BSD-2-Clause
"""A machine halted at its first instruction, and gdb attached to it."""
import os
import subprocess
import sys
import tempfile

from errors import UsageError
from machines import MACHINES, command
from runner import check_image, kill


def commands(target, image, port):
    """What gdb is told: the kernel's symbols, and the programs' at hand."""
    users = os.path.join('build', target, 'user')
    programs = sorted(
        name for name in os.listdir(users)
        if os.path.isfile(os.path.join(users, name)) and '.' not in name)
    return [f'file "{image}"',
            f'set architecture {MACHINES[target].debug}',
            f'target remote {port}',
            'hbreak kernel_main',
            *(f'echo {name}: add-symbol-file "{users}/{name}"\\n'
              for name in programs)]


def debug(target, image):
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
                out.write('\n'.join(commands(target, image, socket)) + '\n')
            while not os.path.exists(socket) and process.poll() is None:
                pass
            return subprocess.run(['gdb-multiarch', '-q', '-x',
                                   script]).returncode and 1
        finally:
            kill(process)
