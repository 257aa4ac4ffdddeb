# SPDX-License-Identifier: BSD-2-Clause
"""Reading the Test Anything Protocol, and the names of tests in C sources."""
import re

PLAN = re.compile(r'1\.\.(\d+)')
LINE = re.compile(r'(not )?ok (\d+) - ([^#]*?)\s*(?:# ?(.*))?')
TEST = re.compile(r'^TEST\((\w+),\s*(\w+)\)', re.MULTILINE)


def plain(name):
    """The same name however it is punctuated: words joined by _."""
    return re.sub(r'\W+', '_', name).strip('_')


def names_in(sources):
    """Tests defined in C files as TEST(area, sentence), in order."""
    names = []
    for source in sources:
        with open(source) as text:
            names += ['_'.join(match) for match in TEST.findall(text.read())]
    return names


class Report:
    """What a console said: plan, and by plain name (passed, remark)."""

    def __init__(self, lines):
        self.plans = []
        self.results = {}
        self.count = 0
        self.twice = []
        for line in lines:
            self.read(line.strip())

    def read(self, line):
        plan, result = PLAN.fullmatch(line), LINE.fullmatch(line)
        if plan:
            self.plans.append(int(plan[1]))
        elif result:
            self.count += 1
            name = plain(result[3])
            if name in self.results:
                self.twice.append(name)
            self.results[name] = (not result[1], result[4] or '')

    def problems(self):
        """What is wrong with the report as a whole, in words."""
        found = [f'{name} was reported twice' for name in self.twice]
        if len(self.plans) != 1:
            found.append(f'{len(self.plans)} plans instead of one')
        elif self.plans[0] != self.count:
            found.append(f'the plan says {self.plans[0]} tests, '
                         f'{self.count} were reported')
        return found

    def skipped(self, name):
        return self.results[name][1].upper().startswith('SKIP')
