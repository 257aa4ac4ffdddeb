# SPDX-License-Identifier: BSD-2-Clause
"""The QEMU machine of each target: one row each."""
import os
from typing import NamedTuple


class Machine(NamedTuple):
    """What the runner must know of a target's machine."""
    qemu: str           # the emulator's command
    package: str        # the Debian package it comes from
    cpu: str
    arguments: tuple    # board, and how a guest leaves QEMU with a status
    kernel_base: int    # code at or above it is the kernel's
    isa: str            # whose marker instructions the plugin looks for
    debug: str          # gdb's name of the architecture
    most_memory: int    # in MB: what the board or a user's space can have

    def exit_code(self, status):
        """What QEMU returns when the guest leaves with this status."""
        if self.isa == 'ia32':      # isa-debug-exit sets the lowest bit
            return (status << 1 | 1) & 0xff
        return status & 0xff


_SEMIHOSTING = ('-semihosting-config', 'enable=on,target=native')


def _malta(qemu, debug):
    return Machine(qemu, 'qemu-system-mips', 'MIPS64R2-generic',
                   ('-M', 'malta') + _SEMIHOSTING, 1 << 63, 'mips64', debug,
                   2048)


MACHINES = {
    'ia32': Machine(
        'qemu-system-i386', 'qemu-system-x86', 'pentium3',
        ('-M', 'pc', '-device', 'isa-debug-exit,iobase=0xf4,iosize=4'),
        0xc0000000, 'ia32', 'i386', 3072),
    'arm': Machine(
        'qemu-system-arm', 'qemu-system-arm', 'cortex-a15',
        ('-M', 'virt') + _SEMIHOSTING,
        0xc0000000, 'arm', 'armv7', 2048),
    'mips64': _malta('qemu-system-mips64el', 'mips:isa64r2'),
    'mips64be': _malta('qemu-system-mips64', 'mips:isa64r2'),
}
DEFAULT = ['ia32', 'arm', 'mips64']     # mips64be: kernel tests only

MEMORY = 256                            # MB, for all systems but:
NEED_ALL_MEMORY = ['scale', 'stress']   # those that get the most there can be

# Every run of an image counts the same instructions and sees the same time.
DETERMINISTIC = ('-icount', 'shift=0,sleep=off',
                 '-rtc', 'clock=vm,base=2026-01-01', '-seed', '1')


def memory(target, image):
    """MB of RAM for a machine that boots this image."""
    system = os.path.splitext(os.path.basename(image))[0]
    return (MACHINES[target].most_memory if system in NEED_ALL_MEMORY
            else MEMORY)


def command(target, image, deterministic=False, plugin=None, cdrom=False):
    """The command line of a machine, without its serial console."""
    machine = MACHINES[target]
    line = [machine.qemu, '-nodefaults', '-display', 'none', '-no-reboot',
            '-cpu', machine.cpu, *machine.arguments,
            '-m', str(memory(target, image))]
    if cdrom:
        line += ['-cdrom', image, '-boot', 'd']
    else:
        line += ['-kernel', image]
    if deterministic:
        line += DETERMINISTIC
    if plugin:
        line += ['-plugin', plugin]
    return line
