# SPDX-License-Identifier: BSD-2-Clause
"""Builders of kernels, user programs and bootable images."""
import fcntl
import glob
import os

from SCons.Script import Action, Builder, Copy, Delete, Mkdir
from SCons.Tool import CScanner
from toolchain import FOREIGN, LINK, newlib_flags

USER_BASE = 0x01000000      # where programs with a C library are linked
# An architecture's constants: the marks that offsets.c leaves in its assembly.
MARKS = r"sed -n 's/.*->\(\w*\) [$$#]*\(-*[0-9]*\).*/#define \1 \2/p'"


held = []       # the lock file: open, so locked, as long as SCons runs


def lock():
    """Two builds in one directory would spoil each other: wait."""
    os.makedirs('build', exist_ok=True)
    held.append(open('build/.lock', 'w'))
    try:
        fcntl.flock(held[0], fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        print('waiting for another build in this directory', flush=True)
        fcntl.flock(held[0], fcntl.LOCK_EX)


def command(env, action, word):
    """An action that prints one short line, or itself when verbose."""
    short = f'  {word:4} $TARGET' if 'CCCOMSTR' in env else None
    return Action(action, short)


def add_kernel(env):
    """Give a kernel's environment Offsets() and LinkerScript()."""
    compile_to = '$CC $CCFLAGS $_CCCOMCOM %s -o $TARGET $SOURCE'
    for name, flags in (('Assembly', '-g0 -S'),
                        ('LinkerScript', '-E -P -x assembler-with-cpp')):
        env['BUILDERS'][name] = Builder(
            action=command(env, compile_to % flags, 'GEN'),
            source_scanner=CScanner)

    def offsets(env, header, source):
        return env.Command(header, env.Assembly(source + '.s', source),
                           command(env, MARKS + ' $SOURCE >$TARGET', 'GEN'))
    env.AddMethod(offsets, 'Offsets')


def newlib(env):
    """newlib for this target: [libc.a, libm.a]; headers are beside them."""
    target = env['TARGET_']
    archive = max(glob.glob('/usr/src/newlib/newlib-*.tar.*'), default='none')
    return env.Command(
        ['#$NEWLIB/libc.a', '#$NEWLIB/libm.a'],
        ['#site_scons/newlib.sh', env.Value(archive)],
        command(env, 'sh $SOURCE $NEWLIB $ARCHIVE $HOST $PREFIX $FLAGS', 'LIB'),
        ARCHIVE=archive, HOST=target['newlib'], PREFIX=target['prefix'],
        FLAGS=newlib_flags(target))


def program(env, name, objects, base):
    """Link one program; the stripped copy is what an image carries."""
    link = ('$CC $CCFLAGS $LINKFLAGS -Wl,-e,_start -Wl,-Ttext-segment=$BASE '
            '-Wl,--defsym=_stext=__executable_start '
            '-o $TARGET -Wl,--start-group $SOURCES -Wl,--end-group -lgcc')
    linked = env.Command(f'#$BUILD/{name}', objects, command(env, link, 'LD'),
                         LINKFLAGS=LINK, BASE=hex(base))
    return env.Command(f'#$BUILD/stripped/{name}', linked, command(
        env, '$STRIP -o $TARGET $SOURCE', 'GEN'))[0]


def add_user(env):
    """Give a user environment Basic(), App(), Foreign(), NewlibLibrary()."""
    libc = newlib(env)
    hosted = env.Clone()
    hosted.Append(CCFLAGS=['-isystem', '$NEWLIB/include'])
    foreign = hosted.Clone()
    foreign.Append(CCFLAGS=FOREIGN)
    env.Append(CCFLAGS=['-ffreestanding'])

    def compile_hosted(sources, how=hosted):
        objects = [how.Object(source) for source in sources]
        env.Depends(objects, libc)
        return objects

    def basic(env, name, sources, base, libraries):
        # Some come compiled, with flags of their own.
        objects = [source if str(source).endswith('.o') else env.Object(source)
                   for source in sources]
        return program(env, name, objects + libraries, base)

    def app(env, name, sources, libraries):
        objects = compile_hosted(sources)
        return program(hosted, name, objects + libraries + libc, USER_BASE)

    def foreign_app(env, name, sources, libraries):
        objects = compile_hosted(sources, foreign)
        return program(foreign, name, objects + libraries + libc, USER_BASE)

    def newlib_library(env, name, sources):
        return hosted.Library(name, compile_hosted(sources))

    for method, name in ((basic, 'Basic'), (app, 'App'),
                         (foreign_app, 'Foreign'),
                         (newlib_library, 'NewlibLibrary')):
        env.AddMethod(method, name)


def write_modules(target, source, env):
    """Write the assembly file that carries the boot modules of a system."""
    word, names = env['TARGET_']['word'], env['MODULES']
    with open(target[0].path, 'w') as out:
        out.write('/* Generated: the boot modules and their table. */\n'
                  '    .section .rodata\n    .balign 8\n'
                  '    .globl boot_modules\nboot_modules:\n')
        for i in range(len(names)):
            out.write(f'    {word} .Lstart{i}, .Lend{i}, .Lname{i}\n')
        out.write(f'    {word} 0, 0, 0\n')
        for i, name in enumerate(names):
            out.write(f'.Lname{i}: .asciz "{name}"\n')
        out.write('    .section .modules, "a", %progbits\n')
        for i, node in enumerate(source):
            out.write(f'    .balign 4096\n.Lstart{i}:\n'
                      f'    .incbin "{node.path}"\n.Lend{i}:\n')
        out.write('    .balign 4096\n')


def image(env, system, objects, script, modules):
    """SYSTEM.elf: kernel and boot modules, a list of (name, file)."""
    files = [node for _, node in modules]
    source = env.Command(
        f'#$BUILD/{system}.modules.S', files,
        Action(write_modules, '  GEN  $TARGET', varlist=['MODULES']),
        MODULES=[name for name, _ in modules])
    packed = env.Object(f'#$BUILD/{system}.modules.o', source)
    link = ('$CC $CCFLAGS $LINKFLAGS -Wl,-T,$LINKSCRIPT -o $TARGET $SOURCES '
            '-lgcc')
    elf = env.Command(f'#$BUILD/{system}.elf', [objects, packed],
                      command(env, link, 'LD'), LINKFLAGS=LINK,
                      LINKSCRIPT=script)
    env.Depends(packed, files)
    env.Depends(elf, script)
    return elf


def iso(env, system, elf):
    """SYSTEM.iso: a CD whose GRUB loads the image by Multiboot."""
    steps = [Delete('$TREE'), Mkdir('$TREE/boot/grub'),
             Copy('$TREE/boot/hickory.elf', '${SOURCES[0]}'),
             Copy('$TREE/boot/grub/grub.cfg', '${SOURCES[1]}'),
             'grub-mkrescue -o $TARGET $TREE 2>${TARGET}.log']
    return env.Command(f'#$BUILD/{system}.iso', [elf, '#sim/grub.cfg'],
                       command(env, steps, 'ISO'),
                       TREE=f'{env["BUILD"]}/{system}.cd')
