#!/usr/bin/python3
"""Every command that a client gave, in the order recorded, through markshim on a kernel of class
typo: one-rule commands, restores, lists and saves.  The same play with the real programs, on this
kernel without NFLOG, says how each has to end (exit status, both outputs) and what is to be read
back afterwards in every way there is."""

import argparse
import collections
import multiprocessing
import pathlib
import re
import shlex
import sys
import tempfile

sys.dont_write_bytecode = True
import clients  # noqa: E402
import corner  # noqa: E402

NAMES = 'ip6tables', 'ip6tables-restore', 'ip6tables-save', \
    'iptables', 'iptables-restore', 'iptables-save'
DATE = re.compile(r'^(# (?:Generated|Completed).*) on .*$', re.M)
EVERY = 12      # steps between two saves
TABLE = re.compile(r'^\*(\w+)\n(.*?)^COMMIT$', re.M | re.S)
LOOKS = ['-S'], ['-v', '-S'], ['-L', '-n', '-v', '-x', '--line-numbers'], ['-L', '-n']
OWN = [          # beside what was recorded: what a caller may do with rules that he made
    '{i} -t {t} -N C1',
    '{i} -t {t} -A C1 -p tcp -m tcp --dport 80 -m comment --comment "a -j zz-mark-1-1" -j MARK --set-mark 1',
    '{i} -t {t} -A C1 -m comment --comment zz-mark-1-1 -j RETURN',
    '{i} -t {t} -A C1 -m comment --comment "-j zz-mark-1-1"',
    '{i} -t {t} -A C1 -j MARK --set-xmark 0/0',
    '{i} -t {t} -A C1 -j MARK --set-xmark 0/0xffffffff',
    '{i} -t {t} -A C1 -j MARK --set-xmark 0xffffffff/0xffffffff',
    '{i} -t {t} -A C1 -m limit --limit 5/min -j MARK --set-xmark 0x30/0x70',
    '{i} -t {t} -A C1 -j MARK --xor-mark 0x30',
    '{i} -t {t} -A C1 -m multiport -p udp --dports 1,2,3 -j MARK --and-mark 0x30',
    '{i} -v -t {t} -A C1 -m conntrack --ctstate NEW -j MARK --or-mark 7',
    '{i} -v -t {t} -I C1 3 -i eth0 -j MARK --or-mark 7',
    '{i} -vv -t {t} -D C1 -i eth0 -j MARK --or-mark 7',
    '{i} -t {t} -v -C C1 -m conntrack --ctstate NEW -j MARK --set-xmark 7/7',
    '{i} -t {t} -C C1 -m conntrack --ctstate NEW -j MARK --set-xmark 8/7',
    '{i} -t {t} -D C1 -j MARK --set-xmark 8/7',
    '{i} -t {t} -D NONE -j MARK --set-xmark 8/7',
    '{i} -t {t} -C NONE -j MARK --set-xmark 0/0',
    '{i} -t {t} -R C1 99 -j MARK --set-xmark 0/0',
    '{i} -t {t} -I C1 99 -j MARK --set-xmark 0/0',
    '{i} -t {t} -R C1 1 -j MARK --set-xmark 0x5/0x55',
    '{i} -v -t {t} -D C1 -p tcp -m comment --comment hi -j MARK --set-mark 0x6',
    '{i} -t {t} -D C1 -m comment -j MARK --set-mark 0x6 --comment hi',
    '{i} -t {t} -A C1 -m comment -j MARK --set-mark 0x6 --comment hi',
    '{i} -t {t} -A C1 -m comment --comment "a\n-A zz-mark-1-1 x\n:zz-mark-1-1" -j ACCEPT',
    '{i}-save -d -t {t}', '{i}-save --dump --counters',
    '{i} -t {t} -S C1', '{i} -t {t} -S C1 1', '{i} -t {t} -S C1 2', '{i} -t {t} -S C1 99',
    '{i} -t {t} -v -S C1', '{i} -t {t} -S NONE',
    '{i} -t {t} -L C1', '{i} -t {t} -L C1 1 -n', '{i} -t {t} -n -v -L C1 2',
    '{i} -t {t} -nvxL', '{i} -t {t} -nL --line-numbers', '{i} -t {t} -L -Z', '{i} -t {t} -Z -L C1 -n',
    '{i} -t {t} -E C1 C2', '{i} -t {t} -X C2', '{i} -t {t} -X', '{i} -t {t} -X -n',
    '{i} -t {t} -X -s ::1', '{i} -t {t} -X --nosuch', '{i} -t {t} -X extra1 extra2',
    '{i} -t {t} -N C3', '{i} -t {t} -A {b} -j MARK --or-mark 0x80', '{i} -t {t} -D C2 1',
    '{i} -t {t} -F C2', '{i} -t {t} -v -X', '{i} -t {t} -S', '{i}-save -t {t}', '{i}-save -c -t {t}',
    '{i} -t {t} -P {b} ACCEPT', '{i} -t {t} -Z {b} 1', '{i} -t {t} -F', '{i} -t {t} -X',
    '{i} -t {t} -A {b} -j MARK --or-mark 0x80', '{i} -t {t} -F', '{i} -t {t} -A {b} -j MARK --or-mark 0x80',
    '{i} -t {t} -S', '{i} -t {t} -D {b} -j MARK --or-mark 0x80', '{i} -t {t} -X', '{i} -t {t} -S',
    '{i}-save', '{i}-save -t nosuch', '{i} -t nosuch -S', '{i} -t nosuch -X',
    '{i} -t {t} -A {b} -s 10.0.0.1,10.0.0.2 -j MARK --set-mark 2',
    '{i} -t {t} -A {b} -s fd00::1,fd00::2 -j MARK --set-mark 2',
    '{i} -t {t} -A {b} ! -i lo ! -p tcp -j MARK --set-mark 0x100/0xff00',
    '{i} -t {t} -A {b} -g MARK --set-mark 2', '{i} -t {t} -A {b} ! -j MARK --set-mark 2',
    '{i} -t {t} -A {b} -j MARK --set-mark 2 --set-mark 3', '{i} -t {t} -A {b} -j MARK --set-mark x',
    '{i} -t {t} -A {b} -j MARK --or-mark 1/2', '{i} -t {t} -A {b} --set-mark 2 -j MARK',
    '{i} -t {t} -A {b} -j MARK --set-mark 2 extra', '{i} -t {t} -A {b} -D {b} -j MARK --set-mark 2',
    '{i} -t {t} -A "" -j MARK --set-mark 2', '{i} -t {t} -L {b} -n', '{i} -L -S', '{i} -S -v -t {t}',
]
BUILTIN = {'nat': 'PREROUTING', 'mangle': 'PREROUTING', 'filter': 'FORWARD', 'raw': 'PREROUTING'}

# What can't be the same without MARK, by a part of the command: why, and what may differ.
EXCEPTIONS = (
    (r'^ipset list', 'sets have random numbers', {'stdout'}),
    (r'MARK (-h|--help)', 'the oldest MARK is all that is left for the help', {'stdout', 'stderr'}),
    (r'-N MARK$|^ip6tables -j MARK|-t nosuch|(MARK|--set-mark)$|--set-mark 3$|mark (x|1/2)$|extra$',
     'refused anyway, so it passes as it came', {'stderr'}),
    (r'-jMARK|--jump=MARK', '1.8.9 takes the whole word for the target', {'stderr'}),
    (r'-vv ', 'shows the rules as the kernel has them', {'stdout'}),
    (r'-w5 -t mangle -C OUTPUT -j MARK --set-mark 99|-C C1 .* --ctstate NEW -j MARK --set-xmark 8/7',
     'ip6tables-legacy 1.8.9 finds a rule that is not there', {'rc', 'stderr'}),
)

Step = collections.namedtuple('Step', 'words given')


def recorded(folder):
    for line in (folder / 'commands.tsv').read_text().splitlines():
        if not line or line.startswith('#'):
            continue
        command, _, file = line.split('\t', 1)[1].partition(' < ')
        yield Step(shlex.split(command), (folder / file).read_bytes() if file else b'')


def plays():
    for listing in sorted(clients.DATA.rglob('commands.tsv')):
        folder = listing.parent
        setup = folder / 'setup.sh'
        lines = setup.read_text().splitlines() if setup.exists() else []
        yield clients.Play(folder.relative_to(clients.DATA).parts[0],
                           str(folder.relative_to(clients.DATA)), lines, list(recorded(folder)))
    for family in 'ip6tables', 'iptables':
        for table, chain in BUILTIN.items():
            words = [shlex.split(line.format(i=family, t=table, b=chain)) for line in OWN]
            yield clients.Play('own', f'own {family} {table}', [], [Step(w, b'') for w in words])


class World(clients.Stage):
    """The programs' plain names, with one backend behind them; with markshim or without."""

    def __init__(self, folder, backend, shimmed):
        super().__init__(folder, backend)
        self.shimmed = shimmed
        self.programs = self.folder / 'programs'
        self.programs.mkdir()
        lines = ['[log]', 'syslog = no', '[real]']
        for name in NAMES:
            real = '/usr/sbin/' + name.replace('tables', f'tables-{backend}')
            lines.append(f'{name} = {real}')
            (self.programs / name).symlink_to(corner.BUILD / 'markshim' if shimmed else real)
        self.conf(backend).write_text('\n'.join(lines) + '\n')

    def do(self, step):
        program = clients.PROGRAM.match(step.words[0])
        words = step.words
        if program:
            words = [program[1] + (program[2] or '')] + words[1:]
        # a ruleset with NFLOG passes as it came, where that is a target
        whole = self.backend == 'legacy' and b'-j NFLOG' in step.given
        env = {**self.lossy('typo' if self.shimmed or whole else 'nflog'),
               'PATH': f'{self.programs}:{self.env["PATH"]}',
               'MARKSHIM_CONF': str(self.conf(self.backend))}
        got = self.run(words, step.given, env=env)
        got['stdout'] = DATE.sub(r'\1', got['stdout'])
        return got

    def save(self):
        """What each family's save prints."""
        return {f'{family}-save -c': self.do(Step([f'{family}-save', '-c'], b''))
                for family in ('ip6tables', 'iptables')}

    def list(self, tables):
        """What -S and -L print of (family, table) in each way."""
        lines = [[family, '-t', table] + way for family, table in tables for way in LOOKS]
        return {' '.join(words): self.do(Step(words, b'')) for words in lines}


def sections(saves):
    """The text of each table in the output of both saves, by (family, table)."""
    return {(name.removesuffix('-save -c'), table): text for name, saved in saves.items()
            for table, text in TABLE.findall(saved['stdout'])}


def worth_listing(before, now, last):
    """The tables with a MARK rule that changed since they were listed, and those that lost their
    last one; at the end of a play all of them.  Without a MARK rule -S and -L get nothing to hide."""
    return [at for at in now if last or now[at] != before.get(at) and
            '-j MARK' in now[at] + before.get(at, '')]


def perform(world, play, reference=()):
    """Of each step its result, and at times what is read back afterwards.  The reference says which
    tables are listed."""
    restores = [clients.Restore('', clients.PROGRAM.match(step.words[0])[1], [], step.given, None)
                for step in play.steps if step.given]
    sets = [step.words for step in play.steps if step.words[0] == 'ipset']
    clients.set_up(world, play._replace(steps=sets + restores))
    results, before = [], {}
    for n, step in enumerate(play.steps):
        got, seen, tables = world.do(step), {}, []
        last = n == len(play.steps) - 1
        if n % EVERY == EVERY - 1 or last:
            seen = world.save()
            if reference:
                tables = reference[n][2]
            else:
                now = sections(seen)
                tables, before = worth_listing(before, now, last), now
            seen.update(world.list(tables))
        results.append((got, seen, tables))
    return results


# Judging

def differs(want, got, command=''):
    may = set().union(*(what for part, _, what in EXCEPTIONS if re.search(part, command)))
    return [f'{what} expected:\n{want[what]}\ngot:\n{got[what]}' for what in want
            if want[what] != got[what] and what not in may]


def work(job):
    folder, backend, play = job
    wanted, results = (), ()
    for shimmed in False, True:
        with tempfile.TemporaryDirectory(dir=folder) as here:
            wanted, results = results, perform(World(here, backend, shimmed), play, results)
    counts, failures = collections.Counter(), []
    for step, (want, seen, tables), (got, shown, _) in zip(play.steps, wanted, results):
        words = shlex.join(step.words)
        found = differs(want, got, words)
        counts.update(commands=1, marks='MARK' in step.words, saves=bool(seen), tables=len(tables))
        if found:
            failures.append((f'{play.name} {backend}: {words}', found))
        for way in seen:
            found = differs(seen[way], shown[way])
            if found:
                failures.append((f'{play.name} {backend}: {way}, after {words}', found))
    counts['failed'] = len(failures)
    return play.client, counts, failures


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--only', default='', metavar='TEXT', help='plays with TEXT in the name')
    parser.add_argument('--jobs', type=int, default=2)
    options = parser.parse_args()
    corner.prerequisites('dropin')
    totals = collections.Counter()
    with tempfile.TemporaryDirectory() as folder:
        jobs = [(folder, backend, play) for backend in ('legacy', 'nft') for play in plays()
                if options.only in play.name]
        jobs.sort(key=lambda job: -len(job[2].steps))
        with multiprocessing.Pool(options.jobs) as pool:
            for _, counts, failures in pool.imap_unordered(work, jobs):
                totals.update(counts)
                for name, found in failures:
                    print('\n    '.join([f'FAILED {name}'] + '\n'.join(found).splitlines()))
    print(f'commands: {totals["commands"]}, {totals["marks"]} with MARK, '
          f'{totals["saves"]} times saved, {totals["tables"]} tables listed, {totals["failed"]} failed')
    sys.exit(bool(totals['failed']) or not totals['marks'] or not totals['tables'])


if __name__ == '__main__':
    main()
