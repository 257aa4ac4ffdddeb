# SPDX-License-Identifier: BSD-2-Clause
"""The command ./l4: checks what was asked, then builds, then acts."""
import argparse
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import builder                                              # noqa: E402
import packages                                             # noqa: E402
import runner                                               # noqa: E402
from errors import RunError, UsageError                     # noqa: E402
from machines import DEFAULT, MACHINES                      # noqa: E402

HELP = f"""usage: ./l4 VERB [ARGUMENT...]

  bench [TARGET...] [OPTION...]       build, boot and print what things cost
  test  [TARGET...] [-k EXPR]         run every test
  build [TARGET...] [--config C]      build only, into build/TARGET/C/
  run   TARGET [SYSTEM] [OPTION...]   boot a system on the serial console
  debug TARGET [SYSTEM] [--config C]  boot a system under gdb
  fuzz  TARGET [--seed N] [--count N] random system calls, round by round
  help                                this text

targets: {', '.join(MACHINES)} (default: {', '.join(DEFAULT)})
options: --config release|debug, --icount (deterministic), --timeout SECONDS,
         --count FILE (instructions between markers, as JSON lines)
bench:   --suite ipc|pct|small|steps|scale|tlb (default: ipc), --json FILE,
         --record (what tests/perf holds the paths against),
         --html FILE (all of it as a page with graphs; some minutes),
         --model NAME|FILE|all (cycles of a modelled processor), --cold
"""
TIMEOUT = 60        # seconds for a run that nobody watches


class Parser(argparse.ArgumentParser):
    """Errors are one line, not a usage text."""

    def error(self, message):
        raise UsageError(f'{message}; see ./l4 help')


def parser(verb, one_target=False):
    made = Parser(prog='./l4 ' + verb, add_help=False, allow_abbrev=False)
    if one_target:
        made.add_argument('target', nargs='?')
        made.add_argument('system', nargs='?')
    else:
        made.add_argument('targets', nargs='*')
    return made


def add_config(made):
    made.add_argument('--config', choices=builder.CONFIGS, default='release')


def seconds(text):
    value = float(text)
    if not 0 < value < 1e6:
        raise ValueError
    return value


def check_target(name):
    if name not in MACHINES:
        raise UsageError(f'unknown target "{name}"; choose from '
                         f'{", ".join(MACHINES)}')


def chosen_targets(arguments):
    for name in arguments.targets:
        check_target(name)
    return list(dict.fromkeys(arguments.targets)) or DEFAULT


def chosen_system(arguments):
    """The system to boot: the one named, or the demo."""
    if not arguments.target:
        raise UsageError('which target? Choose from ' + ', '.join(MACHINES))
    check_target(arguments.target)
    known = builder.systems()
    system = arguments.system or 'demo'
    if system not in known:
        raise UsageError(f'unknown system "{system}"; choose from '
                         f'{", ".join(known)}')
    return system


def prepare(verb, arguments, goals=()):
    """Packages and image for one system on one target: the image."""
    system = chosen_system(arguments)
    packages.ensure(verb, [arguments.target])
    builder.build([arguments.target], [arguments.config], [system], goals)
    return builder.image(arguments.target, arguments.config, system)


def verb_build(words):
    made = parser('build')
    made.add_argument('--config', choices=builder.CONFIGS)
    arguments = made.parse_args(words)
    targets = chosen_targets(arguments)
    packages.ensure('build', targets)
    configs = [arguments.config] if arguments.config else builder.CONFIGS
    builder.build(targets, configs)
    return 0


def verb_run(words):
    made = parser('run', one_target=True)
    add_config(made)
    made.add_argument('--icount', action='store_true')
    made.add_argument('--timeout', type=seconds)
    made.add_argument('--count', metavar='FILE', type=os.path.abspath)
    arguments = made.parse_args(words)
    os.chdir(builder.ROOT)
    image = prepare('run', arguments,
                    ['plugin'] if arguments.count else [])
    plugin = arguments.count and runner.plugin_argument(
        arguments.target, builder.PLUGIN, arguments.count)
    if sys.stdin.isatty() and sys.stdout.isatty():
        print('l4: the console is yours; Ctrl-A X leaves', flush=True)
        result = runner.interact(arguments.target, image, arguments.timeout,
                                 arguments.icount, plugin)
    else:
        result = runner.run(arguments.target, image,
                            arguments.timeout or TIMEOUT, sys.stdout,
                            arguments.icount, plugin)
    if result and result.problem:
        raise RunError(result.problem)
    return 0


def verb_debug(words):
    made = parser('debug', one_target=True)
    add_config(made)
    arguments = made.parse_args(words)
    os.chdir(builder.ROOT)
    image = prepare('debug', arguments)
    import debugger
    root, programs = builder.systems()[chosen_system(arguments)]
    return debugger.debug(arguments.target, image,
                          ['sigma0', root, *programs])


def number(text):
    value = int(text)
    if not 0 < value < 1 << 32:
        raise ValueError
    return value


def verb_fuzz(words):
    made = Parser(prog='./l4 fuzz', add_help=False, allow_abbrev=False)
    made.add_argument('target', nargs='?')
    made.add_argument('--seed', type=number, default=1)
    made.add_argument('--count', type=number, default=1000)
    made.add_argument('--trace', action='store_true')
    arguments = made.parse_args(words)
    if not arguments.target:
        raise UsageError('which target? Choose from ' + ', '.join(MACHINES))
    check_target(arguments.target)
    os.chdir(builder.ROOT)
    import fuzz
    packages.ensure('fuzz', [arguments.target])
    builder.build([arguments.target], [fuzz.CONFIG], [fuzz.SYSTEM])
    fuzz.fuzz(arguments.target, arguments.seed, arguments.count,
              arguments.trace, sys.stdout)
    return 0


def bench_page(arguments, targets):
    """All the suites' figures as one HTML file."""
    import bench
    if (arguments.record or arguments.json or arguments.model or
            arguments.suite != 'ipc'):
        raise UsageError('--html has everything in it, and goes alone')
    name = os.path.abspath(arguments.html)
    bench.check_writable(name)
    os.chdir(builder.ROOT)
    packages.ensure('report', targets)
    from suites import SUITES
    systems = [system for suite in ('ipc', 'small', 'scale')
               for system in SUITES[suite].systems]
    builder.build(targets, names=systems, goals=['plugin'])
    import report
    report.write(targets, name, arguments.html)
    return 0


def models_for(name, targets):
    import model
    return model.chosen(name, targets)


def verb_bench(words):
    import bench
    from suites import DEFAULT as usual, SUITES
    made = parser('bench')
    made.add_argument('--suite', metavar='NAME', default=usual)
    made.add_argument('--json', metavar='FILE', type=os.path.abspath)
    made.add_argument('--record', action='store_true')
    made.add_argument('--html', metavar='FILE')
    made.add_argument('--model', metavar='NAME')
    made.add_argument('--cold', action='store_true')
    arguments = made.parse_args(words)
    targets = chosen_targets(arguments)
    if arguments.record and (arguments.suite != usual or arguments.json or
                             arguments.model):
        raise UsageError('--record is for the suite ipc, and goes alone')
    if arguments.model and arguments.suite != usual:
        raise UsageError('--model is for the suite ipc')
    if arguments.cold and not arguments.model:
        raise UsageError('--cold is of a model: give --model NAME too')
    if arguments.html:
        return bench_page(arguments, targets)
    chosen = arguments.model and models_for(arguments.model, targets)
    suite = SUITES.get(arguments.suite)
    if not suite:
        raise UsageError(f'unknown suite "{arguments.suite}"; choose from '
                         f'{", ".join(SUITES)}')
    if arguments.json:
        bench.check_writable(arguments.json)
    os.chdir(builder.ROOT)
    packages.ensure('bench', targets)
    builder.build(targets, names=suite.systems, goals=['plugin'])
    print('l4: booting ' + ', '.join(targets), flush=True)
    if arguments.record:
        import budget
        budget.write(targets, bench.measure_all(targets))
        print('l4: recorded in ' + os.path.relpath(budget.RECORD))
        return 0
    suite.run(targets, arguments.json)
    if chosen:
        import cycles
        cycles.show(chosen, arguments.cold, arguments.json)
    return 0


def verb_test(words):
    made = parser('test')
    made.add_argument('-k', metavar='EXPR', dest='expression')
    arguments = made.parse_args(words)
    targets = chosen_targets(arguments)
    os.chdir(builder.ROOT)
    others = ['ia32'] + (['mips64be'] if 'mips64' in targets else [])
    packages.ensure('test', list(dict.fromkeys(targets + others)))
    import tester
    return tester.test(targets, arguments.expression)


def verb_help(words):
    if words:
        raise UsageError('help takes no arguments')
    print(HELP, end='')
    return 0


VERBS = {'bench': verb_bench, 'test': verb_test, 'build': verb_build,
         'run': verb_run, 'debug': verb_debug, 'fuzz': verb_fuzz,
         'help': verb_help}


def main(words):
    verb = words[0] if words else 'help'
    if verb in ('-h', '--help'):
        verb = 'help'
    if verb not in VERBS:
        raise UsageError(f'unknown verb "{verb}"; choose from '
                         f'{", ".join(VERBS)}')
    if '-h' in words[1:] or '--help' in words[1:]:
        return verb_help([])
    return VERBS[verb](words[1:])


def guarded(words):
    """Whatever goes wrong is one line and an exit status."""
    try:
        status = main(words)
        sys.stdout.flush()
        return status
    except (UsageError, RunError) as error:
        print(f'l4: {error}', file=sys.stderr)
        return error.status
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:
        print(f'l4: {error}', file=sys.stderr)
        return 1
    except Exception as error:
        print(f'l4: internal error: {error!r} (L4_TRACE=1 shows where)',
              file=sys.stderr)
        if os.environ.get('L4_TRACE'):
            raise
        return 1


if __name__ == '__main__':
    sys.exit(guarded(sys.argv[1:]))
