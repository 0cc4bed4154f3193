"""What a release's iptables reads back through markshim on a kernel without MARK is, byte for byte,
what it reads back by itself on a healthy one: complete, in order, and with the same errors.

tests/roots/20-read-back starts this for each release: $ROOT has markshim and loss.so.
"""

import ctypes
import os
import pathlib
import re
import subprocess
import sys

ROOT, SUITE = pathlib.Path(os.environ['ROOT']), os.environ['SUITE']
DATA = pathlib.Path(__file__).parent.parent / 'data' / 'kube-proxy-iptables' / '1.28-v6'
LIBC, CLONE_NEWNET = ctypes.CDLL(None, use_errno=True), 0x40000000
NAMES = [family + kind for family in ('ip6tables', 'iptables')
         for kind in ('', '-restore', '-save')]
TABLES = 'mangle', 'security', 'raw', 'filter', 'nat'
DATE = re.compile(rb'^(# (?:Generated|Completed).*on) .*$', re.M)
# backend, class, [forms] of the configuration; all that are not of nft are in the second.
CASES = (('nft', 'nft-only', 'mangle = nft\n'), ('nft', 'typo', ''), ('legacy', 'typo', ''))
failed = compared = 0


def check(what, got, want):
    global failed, compared
    compared += 1
    if got != want:
        failed += 1
        if failed < 10:
            print(f'{what}:\n  expected {want!r}\n  got      {got!r}')


class Kernel:
    """A network namespace without rules; with a class, markshim is in front of the programs."""

    def __init__(self, backend, lost=None, forms=''):
        self.backend, self.lost = backend, lost
        if LIBC.unshare(CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), 'unshare')
        real = ''.join(f'{name} = {self.real(name)}\n' for name in NAMES)
        (ROOT / 'etc/markshim.conf').write_text(
            f'[real]\n{real}[log]\nsyslog = no\nfile = /run/log\n[forms]\n{forms}')

    def real(self, name):
        return '/usr/sbin/' + name.replace('tables', f'tables-{self.backend}')

    def run(self, name, *argv, rules=b''):
        program, env = self.real(name), {'PATH': '/usr/sbin:/usr/bin:/sbin:/bin'}
        if self.lost:
            program = '/usr/sbin/markshim'
            env.update(LD_PRELOAD='/usr/lib/loss.so', MARKSHIM_TEST_LOSS=self.lost)
        done = subprocess.run([name, *argv], executable=program, input=rules, env=env,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60,
                              preexec_fn=lambda: (os.chroot(ROOT), os.chdir('/')))
        return done.returncode, DATE.sub(rb'\1', done.stdout), done.stderr

    def load(self, rules, *argv):
        check(f'{self.backend}, {self.lost}: loads', self.run('ip6tables-restore', *argv,
                                                              rules=rules), (0, b'', b''))


def table_rules(backend, table):
    """Chains that sort before, between and behind, and all kinds of MARK rules."""
    # legacy has no form in raw but for a whole mask
    part = '' if backend == 'legacy' and table == 'raw' else '/0xff'
    other = '-j MARK --set-mark 3' if not part else '-j MARK --or-mark 0x4000'
    return f"""*{table}
:OUTPUT ACCEPT [10:1000]
:aaa - [0:0]
:Kube - [0:0]
:zy - [0:0]
[1:60] -A OUTPUT -p tcp -m tcp --dport 80 -j aaa
[2:120] -A OUTPUT -m comment --comment "x -j zz-mark-1-1" -j MARK --set-xmark 0x1{part}
[3:180] -A aaa -s fd00::/8 {other}
-A aaa -j RETURN
[4:240] -A Kube -m mark --mark 0x1/0x1 {other}
-A Kube -m limit --limit 5/min -j MARK --set-xmark 0x2{part}
-A zy -i eth0 -j Kube
-A zy -g aaa
COMMIT
""".encode()


def readings(table):
    """Command lines that read."""
    yield 'ip6tables-save', '-t', table
    for what in (['-S'], ['-S', 'OUTPUT'], ['-S', 'aaa'], ['-S', 'Kube', '2'], ['-S', 'nosuch'],
                 ['-vS'], ['-nL'], ['-nL', 'aaa'], ['-nvxL'], ['-nL', '--line-numbers']):
        yield 'ip6tables', '-t', table, *what


WHOLE = ('ip6tables-save',), ('ip6tables-save', '-c')


def same_readings(what, healthy, case, change=lambda kernel: None, more=()):
    """On each kernel change(kernel), then all that reads."""
    commands = [*WHOLE, *more]
    ends = []
    for kernel in healthy, case:
        kernel = Kernel(*kernel)
        change(kernel)
        ends.append([kernel.run(*command) for command in commands])
    for command, want, got in zip(commands, *ends):
        check(f'{what}, {case}: {command}', got, want)
    return ends[1]


def all_tables(backend):
    return b''.join(table_rules(backend, table) for table in TABLES)


def reads_as_on_a_healthy_kernel(case):
    rules = all_tables(case[0])
    more = [command for table in TABLES for command in readings(table)]
    whole = same_readings('read', (case[0],), case,
                          lambda kernel: kernel.load(rules, '--counters'), more)
    saved = whole[1][1]
    check(f'{case}: MARK rules', saved.count(b' -j MARK --set-xmark '), 4 * len(TABLES))
    check(f'{case}: COMMIT', saved.count(b'\nCOMMIT\n'), len(TABLES))
    # legacy saves the table first that was made last
    same_readings('loaded again', (case[0],), case, lambda kernel: kernel.load(saved, '--counters'))


def edits(table, kernel):
    part = '' if kernel.backend == 'legacy' and table == 'raw' else '/0xff00'
    mark = ['-p', 'udp', '-j', 'MARK', '--set-xmark', f'0x500{part}']
    for step in (['-C', 'aaa'], ['-D', 'aaa'], ['-A', 'aaa'], ['-C', 'aaa'], ['-vC', 'aaa'],
                 ['-I', 'aaa', '1'], ['-R', 'aaa', '2'], ['-D', 'aaa'], ['-A', 'zy'],
                 ['-A', 'nosuch'], ['-D', 'nosuch']):
        yield step, kernel.run('ip6tables', '-t', table, *step, *mark)
    yield 'delete by number', kernel.run('ip6tables', '-t', table, '-D', 'Kube', '2')
    yield 'no such number', kernel.run('ip6tables', '-t', table, '-D', 'Kube', '7')


def edits_as_on_a_healthy_kernel(case):
    said = []

    def change(kernel):
        kernel.load(all_tables(case[0]))
        said.append([(table, end) for table in TABLES for end in edits(table, kernel)])
    same_readings('edited', (case[0],), case, change)
    for want, got in zip(*said):
        check(f'{case}: edit', got, want)


def foreign(table, chain):
    """A rule that iptables can't read, made by somebody else, in the words of a helper chain's."""
    subprocess.run(['nft', 'add', 'rule', 'ip6', table, chain, 'meta', 'mark', 'set', 'meta',
                    'mark', 'or', '8'], check=True)


def passes_on_the_error(case):
    for table in 'filter', 'mangle':
        def change(kernel):
            kernel.load(all_tables('nft'))
            foreign(table, 'aaa')
        ends = same_readings(f'a foreign rule in {table}', ('nft',), case, change,
                             list(readings(table)))
        check('1.8.8 and later end at it', ends[0][0], 0 if SUITE == 'bullseye' else 3)


def kube_proxy(case):
    rules = (DATA / '00100.ip6tables-restore').read_bytes()
    more = [('ip6tables', '-t', table, *what) for table in ('nat', 'filter')
            for what in (['-S'], ['-n', '-v', '-L'])]
    whole = same_readings('kube-proxy', (case[0],), case,
                          lambda kernel: kernel.load(rules, '-w', '5', '--noflush', '--counters'),
                          more)
    check(f'{case}: MARK rules of kube-proxy', b' -j MARK --' in whole[0][1], True)


for one in CASES:
    reads_as_on_a_healthy_kernel(one)
    edits_as_on_a_healthy_kernel(one)
    kube_proxy(one)
passes_on_the_error(CASES[0])
print(f'{compared} comparisons, {failed} failed')
sys.exit(failed != 0)
