# SPDX-License-Identifier: BSD-2-Clause
"""Compilers and flags of each target: the only place that knows them."""
import subprocess

# Kernel and user code alike: what makes C code static and predictable.
# -fno-tree-loop-distribute-patterns: a loop in memcpy must not become a call
# of memcpy.
COMMON = """-std=gnu11 -O2 -g -Wall -Wextra -Werror -Wmissing-prototypes
    -Wstrict-prototypes -fno-common -fno-stack-protector -fno-pie -fno-pic
    -fno-asynchronous-unwind-tables -fno-tree-loop-distribute-patterns
    -nostdinc"""
CONFIGS = {'release': '-DCONFIG_DEBUG=0 -fomit-frame-pointer',
           'debug': '-DCONFIG_DEBUG=1 -fno-omit-frame-pointer'}
# Some of the compilers are made for Linux; user code is not for Linux.
USER = '-Ulinux -U__linux -U__linux__ -Uunix -U__unix -U__unix__'
# Programs that others wrote, after all these: old C, and no warning of what
# was good style then is an error.
FOREIGN = """-std=gnu99 -fcommon -Wno-error -Wno-missing-prototypes
    -Wno-strict-prototypes -Wno-unused-parameter -Wno-sign-compare""".split()
LINK = """-nostdlib -static -no-pie -Wl,--build-id=none -Wl,-z,noexecstack
    -Wl,-z,max-page-size=4096 -Wl,-z,noseparate-code
    -Wl,--no-warn-rwx-segments -Wl,--no-warn-mismatch""".split()
# newlib's own code: the system calls have plain names on every target.
NEWLIB = """-O2 -fno-pie -fno-pic -fno-stack-protector -ffunction-sections
    -fno-asynchronous-unwind-tables -fcommon -w -DMISSING_SYSCALL_NAMES"""

_MIPS64 = dict(
    arch='mips64', kernel='-msoft-float', user='-mno-gpopt', word='.dword',
    sigma0=0x00020000, root=0x00100000)
_MIPS64_MACHINE = '-mabi=64 -march=mips64r2 -mno-abicalls -msym32 -G0'

# arch: directory below arch/ and api/arch/; prefix: of the cross tools;
# machine, kernel, user: flags; word: how the assembler makes one; newlib: its
# name of the target; sigma0, root: where these are linked.
TARGETS = {
    'ia32': dict(
        arch='ia32', prefix='i686-linux-gnu-',
        machine='-m32 -march=pentium3', kernel='-mgeneral-regs-only',
        # Threads of Version 2 programs begin on stacks as these made them.
        user='-mpreferred-stack-boundary=2', word='.long', newlib='i686-elf',
        sigma0=0x00020000, root=0x00100000),
    'arm': dict(
        arch='arm', prefix='arm-none-eabi-', machine='-marm',
        kernel='-march=armv7ve -mfloat-abi=soft -mgeneral-regs-only '
               '-mno-unaligned-access',
        user='-march=armv7ve+simd -mfloat-abi=hard -mtp=cp15',
        word='.long', newlib='arm-none-eabi',
        sigma0=0x40100000, root=0x40140000),
    'mips64': dict(
        prefix='mips64el-linux-gnuabi64-', newlib='mips64el-elf',
        machine=_MIPS64_MACHINE + ' -EL', **_MIPS64),
    'mips64be': dict(
        prefix='mips64-linux-gnuabi64-', newlib='mips64-elf',
        machine=_MIPS64_MACHINE + ' -EB', **_MIPS64),
}
DEFAULT = ['ia32', 'arm', 'mips64']     # mips64be: kernel tests only


def _own(target, directory):
    """A directory of headers that are the compiler's own."""
    return subprocess.check_output(
        [target['prefix'] + 'gcc', '-print-file-name=' + directory],
        text=True).strip()


def _flags(target, *more):
    """Flags of C and assembly code; stddef.h and such are the compiler's."""
    return [*' '.join([target['machine'], *more, COMMON]).split(),
            '-isystem', _own(target, 'include')]


def kernel_flags(target, config):
    return _flags(target, target['kernel'], CONFIGS[config], '-ffreestanding')


def user_flags(target):
    """Some compilers have limits.h elsewhere, for C libraries to include."""
    return [*_flags(target, target['user'], USER),
            '-idirafter', _own(target, 'include-fixed')]


def newlib_flags(target):
    return ' '.join([target['machine'], target['user'], USER, NEWLIB]).split()
