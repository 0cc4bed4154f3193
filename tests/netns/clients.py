#!/usr/bin/python3
"""Every restore that a client gave, in the order recorded and with its arguments, through markshim
on a kernel without MARK and NFLOG for IPv6.  The same play with the real programs on this kernel
says how each restore has to end: exit status, line numbers in messages, rules afterwards.  The
single commands between them go to the real program in both.

That play is also the control: its exit statuses are those that were recorded."""

import argparse
import collections
import multiprocessing
import pathlib
import re
import shlex
import socket
import struct
import sys
import tempfile

sys.dont_write_bytecode = True
import corner  # noqa: E402

ROOT = corner.HERE.parent.parent
DATA = corner.HERE.parent / 'data'
SHARED = ROOT.parent / 'shared' / 'rulesets'
# Not ours to copy, so they stay in the shared folder: inputs with X.argv beside them, or none.
SHARED_CLIENTS = ('calico-felix', 'flannel', 'istio', 'kube-proxy-unit-tests', 'kube-router-k3s')
TOGETHER = ('calico-felix',)  # one run of the client; elsewhere each input is a run
NEEDS = {  # as in a setup.sh
    'flannel': ["""for i in iptables ip6tables; do $i -t nat -N FLANNEL-POSTRTG
                   $i -t nat -A POSTROUTING -m comment --comment 'flanneld masq' \\
                      -j FLANNEL-POSTRTG; done"""],
    'kube-proxy-unit-tests': ['nfacct add ct_state_invalid_dropped_pkts',
                              'nfacct add localhost_nps_accepted_pkts'],
}
PROGRAM = re.compile(r'(ip6?tables)(?:-nft|-legacy)?(-restore|-save)?$')
READS = {'-L', '-S', '-C', '-V', '--version', '--list', '--list-rules', '--check', '--help', '-h'}
MATCH_SET = re.compile(r'--match-set (\S+) (\S+)')
SET_TYPES = ('hash:net', 'hash:ip,port', 'hash:ip,port,ip')
NFACCT_NEW = 7 << 8  # NFNL_SUBSYS_ACCT, NFNL_MSG_ACCT_NEW

Restore = collections.namedtuple('Restore', 'name family argv given recorded')
Play = collections.namedtuple('Play', 'client name setup steps')


# Reading the recordings

def backend_of(program):
    """What ran when this was recorded: the plain names were nft's."""
    return 'legacy' if '-legacy' in program else 'nft'


def recorded_steps(folder):
    """The commands of commands.tsv that change something, up to the last restore."""
    steps, end = [], 0
    for line in (folder / 'commands.tsv').read_text().splitlines():
        if not line or line.startswith('#'):
            continue
        status, command = line.split('\t', 1)
        command, _, file = command.partition(' < ')
        words = shlex.split(command)
        program = PROGRAM.match(words[0])
        if program and program[2] == '-restore':
            given = (folder / file).read_bytes() if file else b''
            steps.append(Restore(f'{command} < {file}', program[1], words[1:], given,
                                 (backend_of(words[0]), int(status))))
            end = len(steps)
        elif words[0] == 'ipset':
            steps.append(words)
        elif program and not program[2] and not READS & set(words):
            steps.append([program[1]] + words[1:])
    return steps[:end]


def single_step(path):
    """An input with its arguments beside it; kube-proxy's where there are none."""
    family = path.suffix[1:].removesuffix('-restore')
    argv = path.with_name(path.name + '.argv')
    words = argv.read_text().splitlines()[1:] if argv.exists() else ['--noflush', '--counters']
    return Restore(path.name, family, words, path.read_bytes(), None)


def plays():
    for listing in sorted(DATA.rglob('commands.tsv')):
        folder = listing.parent
        setup, steps = folder / 'setup.sh', recorded_steps(folder)
        client = folder.relative_to(DATA).parts[0]
        lines = setup.read_text().splitlines() if setup.exists() else []
        if steps:
            yield Play(client, str(folder.relative_to(DATA)), lines, steps)
    for client in SHARED_CLIENTS:
        paths = sorted((SHARED / client).rglob('*tables-restore'))
        steps = [(str(path.relative_to(SHARED)), single_step(path)) for path in paths]
        if steps and client in TOGETHER:
            yield Play(client, client, [], [step for _, step in steps])
        else:
            yield from (Play(client, name, NEEDS.get(client, []), [step]) for name, step in steps)


# Playing them

class Stage(corner.Lab):
    """A lab in which the plain names of the programs are those of one backend."""

    def __init__(self, folder, backend):
        super().__init__(folder)
        self.backend = backend
        for family in ('ip6tables', 'iptables'):
            (self.folder / family).symlink_to(f'/usr/sbin/{family}-{backend}')

    def command(self, words):
        return self.run(words, env={'PATH': f'{self.folder}:{self.env["PATH"]}'})


def make_sets(stage, steps):
    """The sets that rules name, where the client's own ipset commands are not among the steps."""
    if ['ipset'] in [step[:1] for step in steps]:
        return
    for step in steps:
        if isinstance(step, Restore):
            family = 'inet6' if step.family == 'ip6tables' else 'inet'
            for name, words in MATCH_SET.findall(corner.text(step.given)):
                stage.command(['ipset', '-exist', 'create', name, SET_TYPES[words.count(',')],
                               'family', family])


def make_counter(name):
    """nfacct add NAME, without needing the program."""
    attribute = struct.pack('HH', 5 + len(name), 1) + name.encode() + b'\0'
    body = b'\0\0\0\0' + attribute + b'\0' * (-len(attribute) % 4)
    flags = 0x405  # NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE
    header = struct.pack('IHHII', 16 + len(body), NFACCT_NEW, flags, 1, 0)
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 12) as netfilter:
        netfilter.send(header + body)
        netfilter.recv(4096)


def set_up(stage, play):
    corner.fresh_netns()
    for line in play.setup:
        if line.startswith('nfacct add '):
            make_counter(line.split()[2])
        else:
            stage.command(['sh', '-c', line])
    make_sets(stage, play.steps)


def as_input(words):
    """A single command as a restore would read it."""
    table, rest = 'filter', []
    words = iter(words[1:])
    for word in words:
        if word in ('-t', '--table'):
            table = next(words)
        elif word in ('-w', '--wait'):
            continue
        else:
            rest.append('"' + word.replace('\\', '\\\\').replace('"', '\\"') + '"')
    return f'*{table}\n{" ".join(rest)}\nCOMMIT\n'.encode()


def command(stage, words, mode):
    """A kernel with the loss holds no MARK rule, and legacy hands all rules of a table back with
    each change, so with markshim these have to come through it as well."""
    if mode == 'dropin' and words[0] == 'ip6tables' and 'MARK' in words:
        stage.restore('dropin', f'6{stage.backend}', ['--noflush'], as_input(words))
    else:
        stage.command(words)


def perform(stage, play, mode):
    """How each restore ended.  Mode reference has the loss only where markshim has nothing to
    offer but the original bytes."""
    results = []
    set_up(stage, play)
    for step in play.steps:
        if not isinstance(step, Restore):
            command(stage, step, mode)
            continue
        backend = ('6' if step.family == 'ip6tables' else '4') + stage.backend
        how = mode
        if mode == 'reference':
            how = corner.reference('typo', backend, step.given)
        got = stage.restore(how, backend, step.argv, step.given)
        results.append({**got, 'save': stage.saved(backend), 'how': how})
    return results


# Judging

def recorded_otherwise(stage, step, have):
    if not step.recorded or step.recorded[0] != stage.backend or step.recorded[1] == have['rc']:
        return []
    return [f'control: exit status {step.recorded[1]} recorded, got {have["rc"]}', have['stderr']]


def judge(stage, play):
    """(restore, what counts as what, what is wrong)"""
    restores = [step for step in play.steps if isinstance(step, Restore)]
    expected, got = perform(stage, play, 'reference'), perform(stage, play, 'dropin')
    control = expected
    if any(want['how'] != 'control' for want in expected):
        control = perform(stage, play, 'control')
    for step, healthy, want, have in zip(restores, control, expected, got):
        marks = {'restores': 1, 'refused': want['how'] == 'control' and want['rc'] != 0,
                 'no form': want['how'] != 'control',
                 'rewritten': any('zz-mark-' in rule for rule in have['save'])}
        same_words = want['how'] != 'control' or step.family == 'iptables'
        yield step, marks, (recorded_otherwise(stage, step, healthy) +
                            corner.differences(want, have, same_words))


def work(job):
    stage, play = job
    counts, failures = collections.Counter(), []
    for step, marks, found in judge(stage, play):
        counts.update(marks)
        if found:
            failures.append((f'{play.name} {stage.backend}: {step.name}', found))
    counts['failed'] = len(failures)
    return play.client, counts, failures


# The whole

def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--only', default='', metavar='TEXT', help='plays with TEXT in the name')
    parser.add_argument('--jobs', type=int, default=2)
    return parser.parse_args()


def report(totals):
    columns = ['restores', 'refused', 'no form', 'rewritten', 'failed']
    for client, counts in sorted(totals.items()):
        print(f'{client}: ' + ', '.join(f'{counts[column]} {column}' for column in columns))
    if not SHARED.is_dir():
        print('not here, so not run (only in the shared folder): ' + ', '.join(SHARED_CLIENTS))
    whole = sum(totals.values(), collections.Counter())
    print(f'clients: {whole["restores"]} cases, {whole["failed"]} failed')
    if not whole['rewritten']:
        sys.exit('nothing was rewritten, so nothing was tested')
    sys.exit(bool(whole['failed']) or not whole['restores'])


def main():
    options = arguments()
    corner.prerequisites('dropin')
    totals = collections.defaultdict(collections.Counter)
    with tempfile.TemporaryDirectory() as folder:
        jobs = []
        for backend in ('legacy', 'nft'):
            path = pathlib.Path(folder, backend)
            path.mkdir()
            stage = Stage(path, backend)
            jobs += [(stage, play) for play in plays() if options.only in play.name]
        jobs.sort(key=lambda job: -len(job[1].steps))
        with multiprocessing.Pool(options.jobs) as pool:
            for client, counts, failures in pool.imap_unordered(work, jobs):
                totals[client].update(counts)
                for name, found in failures:
                    print('\n    '.join([f'FAILED {name}'] + '\n'.join(found).splitlines()))
    report(totals)


if __name__ == '__main__':
    main()
