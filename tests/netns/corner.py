#!/usr/bin/python3
"""Every case of tests/data/corner and every mark value, against what iptables did when they were
recorded.  Mode control runs the real program on this kernel, so it tests the harness; dropin
runs markshim while loss.so hides MARK and NFLOG for IPv6 (--loss typo) or MARK and the mark match
for both families (--loss no-module; here only the IPv4 cases without that match are run): each
case must end just the same.  Mode lost runs the real program under the loss."""

import argparse
import ctypes
import fnmatch
import json
import multiprocessing
import os
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
CORNER = HERE.parent / 'data' / 'corner'
BUILD = pathlib.Path(os.environ.get('B') or HERE.parent.parent / 'build').resolve()
BACKENDS = ('6legacy', '6nft', '4legacy', '4nft')
CLONE_NEWNET = 0x40000000

# What can't be the same under the loss, by case and backend: why, the differences allowed, and the
# versions.  One that does end the same has no place here.
GLUED = ('"--jump=X" is taken whole for the target, and nft misses a chain only at COMMIT',
         {'lines'}, ('1.8.9',))
EXCEPTIONS = {
    ('line-list', 'legacy'): ('-S before COMMIT ends legacy at any jump to a chain',
                              {'exit', '-'}, ('1.8.7', '1.8.9', '1.8.11')),
    ('opt-append-eq', 'nft'): GLUED,
    ('opt-append-glued', 'nft'): GLUED,
    ('opt-form-01', 'nft'): GLUED,
    ('opt-match-glued', 'nft'): GLUED,
    ('quote-opt-equals', 'nft'): GLUED,
}
# Left as they came, so that they end as they would without markshim.
AS_LOST = {'line-len-10239': 'the line has no room for the longer jump'}


def can_not_run(why):
    print(why)
    sys.exit(77)


def family_of(backend):
    return 'ip6tables' if backend[0] == '6' else 'iptables'


def real(backend, what=''):
    return f'/usr/sbin/{family_of(backend)}-{backend[1:]}{what}'


def fresh_netns():
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), 'unshare')


class Lab:
    """Where programs are run: a folder for config and lock, and the loss."""

    def __init__(self, folder, loss='typo'):
        self.loss = loss
        self.folder = pathlib.Path(folder)
        self.env = {'PATH': '/usr/sbin:/usr/bin:/sbin:/bin', 'LC_ALL': 'C'}
        for backend in ('legacy', 'nft'):
            lines = ['[real]']
            for family in ('ip6tables', 'iptables'):
                lines.append(f'{family}-restore = /usr/sbin/{family}-{backend}-restore')
            lines += ['[log]', 'syslog = no', '']
            self.conf(backend).write_text('\n'.join(lines))

    def conf(self, backend):
        return self.folder / f'{backend}.conf'

    def run(self, argv, given=b'', cwd=None, env=None):
        # A lock of our own: legacy gives up (4) while somebody else holds the common one.
        lock = {'XTABLES_LOCKFILE': str(self.folder / f'lock.{os.getpid()}')}
        done = subprocess.run(argv, input=given, cwd=cwd, capture_output=True, timeout=120,
                              check=False, env={**self.env, **lock, **(env or {})})
        status = 128 - done.returncode if done.returncode < 0 else done.returncode
        return {'rc': status, 'stdout': text(done.stdout), 'stderr': text(done.stderr)}

    def lossy(self, loss=None):
        # The address sanitizer wants to be loaded first, and can do without.
        asan = os.environ.get('ASAN_OPTIONS', '') + ':verify_asan_link_order=0'
        return {'LD_PRELOAD': str(BUILD / 'loss.so'), 'MARKSHIM_TEST_LOSS': loss or self.loss,
                'ASAN_OPTIONS': asan.lstrip(':')}

    def restore(self, mode, backend, argv, given, cwd=None):
        """One restore: the real program (control), the same on a kernel with the loss (lost), or
        markshim there (dropin)."""
        if mode != 'dropin':
            env = {'control': None, 'lost': self.lossy()}[mode]
            return self.run([real(backend, '-restore')] + argv, given, cwd, env)
        env = {**self.lossy(), 'MARKSHIM_CONF': str(self.conf(backend[1:]))}
        shim = [str(BUILD / 'markshim'), family_of(backend) + '-restore']
        return self.run(shim + argv, given, cwd, env)

    def saved_by_table(self, backend):
        """iptables-nft ends each table at the first helper chain that nftables has made."""
        family = 'ip6' if backend[0] == '6' else 'ip'
        lines = []
        for table in 'mangle', 'security', 'raw', 'filter', 'nat':
            listed = self.run(['nft', 'list', 'table', family, table])
            if listed['rc']:
                continue
            done = self.run([real(backend, '-save'), '-c', '-t', table])
            if done['rc'] and not (done['rc'] == 3 and 'meta sreg' in done['stderr']):
                return done
            lines.append(done['stdout'])
            for name, rule in re.findall(r'chain (zz-mark-\S+) {\n\s+(meta mark set .*)\n',
                                         listed['stdout']):
                lines.append(f'[0:0] -A {name} {rule}\n')
        return {'rc': 0, 'stdout': ''.join(lines), 'stderr': ''}

    def saved(self, backend):
        """The rules as results.json has them, sorted by table."""
        done = self.run([real(backend, '-save'), '-c'])
        if done['rc'] == 3 and 'meta sreg' in done['stderr']:
            done = self.saved_by_table(backend)
        if done['rc']:
            return [f'-save failed: {done["rc"]} {done["stderr"]}']
        rules, table = [], ''
        for line in done['stdout'].splitlines():
            if line.startswith('*'):
                table = line[1:]
            elif not re.match(r'#|COMMIT$|:[A-Z]+ ACCEPT \[0:0\]$', line):
                rules.append(f'{table}: {line}')
        return by_table(rules)


def text(raw):
    return raw.decode(errors='backslashreplace')


def by_table(rules):
    return sorted(rules, key=lambda rule: rule.split(':')[0])


# Helper chains

JUMP = re.compile(r' -j zz-mark-([0-9a-f]+)-([0-9a-f]+)$')
HELPER = re.compile(r'(\w+): (?:\[\d+:\d+\] -A |:)(zz-mark-\S+) (.*)')
RESTORE = re.compile(r'-j CONNMARK --restore-mark --nfmask (\w+) --ctmask (\w+)$')
SET = re.compile(r'-j CONNMARK --set-xmark (\w+)/(\w+)$')
MARKS = ((0, 0), (0xffffffff, 0), (0, 0xffffffff), (0x12345678, 0xfedcba98), (0x8000c001, 0x6ffe))


HMARK = re.compile(r'-j HMARK --hmark-src-prefix \d+ --hmark-rnd 0x0+ --hmark-mod 1 '
                   r'--hmark-offset (\d+)$')
MATCHED = re.compile(r'-m mark --mark (\w+)(?:/(\w+))? ')
IPSET = re.compile(r'-j SET --map-set zz-mark-(\w+)-(\w+)-[46] src --map-mark$')
NATIVE = re.compile(r'meta mark set ((?:meta mark|[ 0-9a-fx&|^])+)$')


def act(rules, nf, ct):
    """(packet mark, connection mark) after a helper chain's rules, by the manual's words."""
    for rule in rules:
        if hit := MATCHED.match(rule):
            value, mask = int(hit[1], 0), int(hit[2] or '0xffffffff', 0)
            if nf & mask != value:
                continue
            rule = rule[hit.end():]
        if rule == '-j RETURN':
            break
        if hit := RESTORE.match(rule):
            nfmask, ctmask = (int(word, 0) for word in hit.groups())
            nf = (nf & ~nfmask) ^ (ct & ctmask)
        elif hit := SET.match(rule):
            value, mask = (int(word, 0) for word in hit.groups())
            ct = (ct & ~mask) ^ value
        elif hit := HMARK.match(rule):
            nf = int(hit[1])
        elif hit := IPSET.match(rule):
            nf = (nf & ~int(hit[2], 16)) ^ int(hit[1], 16)
        elif hit := NATIVE.match(rule):
            nf = eval(hit[1].replace('meta mark', str(nf)))
        else:
            return None
    return nf, ct


def is_right(table, rules, value, mask, nf, ct):
    """In raw there is no connection, and HMARK says for packets without other bits what it can."""
    want = (nf & ~mask) ^ value
    if table == 'raw' and 'HMARK' in rules[-1] and nf & ~mask:
        want = nf if mask != 0xffffffff else value
    return act(rules, nf, ct) == (want, ct) and not (table == 'raw' and 'CONNMARK' in rules[0])


def fold(saved):
    """The rules without helper chains, MARK in the place of jumps to them; and what is wrong
    with the helper chains."""
    helpers, rules, wrong = {}, [], []
    for line in saved:
        if hit := HELPER.match(line):
            body = helpers.setdefault(hit.group(1, 2), [])
            if not line.startswith(f'{hit[1]}: :'):
                body.append(hit[3])
        else:
            rules.append(JUMP.sub(lambda jump: f' -j MARK --set-xmark 0x{jump[1]}/0x{jump[2]}',
                                  line))
    for (table, name), body in helpers.items():
        value, mask = (int(word, 16) for word in name.split('-')[2:])
        for nf, ct in MARKS:
            if not body or not is_right(table, body, value, mask, nf, ct):
                wrong.append(f'{table}: {name} is not {value:#x}/{mask:#x}: {body}')
                break
    return rules, wrong


# Comparing

LINES = re.compile(r'\bline:? (\d+)')
NAMES = re.compile(r'(?:/usr/sbin/)?ip6?tables(?:-nft|-legacy)?-restore')
ENOUGH = 300  # recorded help texts were cut off


def differences(expected, got, words=False):
    """What is not the same; with words, what the programs said must be the same too."""
    rules, wrong = fold(got['save'])
    found = list(wrong)
    if got['rc'] != expected['rc']:
        found.append(f'exit status {expected["rc"]} expected, got {got["rc"]}\n'
                     f'stderr: {got["stderr"]}')
    want = by_table(expected['save'])
    if rules != want:
        changed = [f'- {line}' for line in want if line not in rules]
        changed += [f'+ {line}' for line in rules if line not in want]
        found += changed[:8] + [f'... {len(changed) - 8} more'] * (len(changed) > 8)
        if sorted(rules) == sorted(want):
            found.append('the same rules in another order')
    want, have = LINES.findall(expected['stderr']), LINES.findall(got['stderr'])
    if want != have:
        found.append(f'lines {want} in stderr expected, got {have}\nstderr: {got["stderr"]}')
    # Of a crash the shell of the recorder had something to say.
    for what in ('stdout', 'stderr') if words and expected['rc'] != 139 else ():
        want, have = (NAMES.sub('NAME', result[what])[:ENOUGH] for result in (expected, got))
        if want != have:
            found.append(f'{what} expected:\n{want}\ngot:\n{have}')
    return found


TARGET = re.compile(rb'-(?:j|-j\w*)[ \t=]*"?(MARK|NFLOG)"?[ \t\r\n]')
WHOLE = re.compile(rb'--set-x?mark[ =]+\w+(?:/0xffffffff)?"?[ \t\r\n]')


def reference(loss, backend, given, only=None):
    """The mode that tells how the drop-in should end.  NFLOG on legacy has no form, and a mask in
    raw there has none without the match; then the original bytes go to the real program, to end as
    they will.  Everything else ends as on a healthy kernel."""
    if loss == 'typo' and backend[0] == '4':
        return 'control'
    table = b''
    for line in given.splitlines(True):
        if line.startswith(b'*'):
            table = line[1:].strip()
        elif only in (None, table) and (hit := TARGET.search(line)):
            if hit[1] == b'NFLOG' and loss == 'typo' and backend == '6legacy':
                return 'lost'
            if (hit[1] != b'NFLOG' and table == b'raw' and loss == 'no-module' and
                    backend == '4legacy' and not WHOLE.search(line)):
                return 'lost'
    return 'control'


# The cases

MATCH = re.compile(rb'-(?:m|-match)[ \t=]*"?mark\b')


def run_case(lab, mode, case, backend):
    folder = CORNER / case
    fresh_netns()
    setup = folder / 'setup'
    if setup.exists():
        how = 'control' if mode == 'lost' else mode
        done = lab.restore(how, backend, [], setup.read_bytes())
        if done['rc']:
            return {**done, 'save': ['setup was refused']}
    argv = (folder / 'argv').read_bytes().decode().splitlines()
    got = lab.restore(mode, backend, argv, (folder / 'input').read_bytes(), folder)
    got['save'] = lab.saved(backend)
    return got


def only_table(argv):
    words = [word.encode() for word in argv]
    return words[words.index(b'-T') + 1] if b'-T' in words[:-1] else None


def inputs(case):
    paths = (CORNER / case / 'input', CORNER / case / 'FILE')
    return b''.join(path.read_bytes() for path in paths if path.exists())


def recorded(case, version):
    return json.loads((CORNER / case / 'results.json').read_text()).get(version, {})


def excused(version, case, backend, found):
    """What is left of the differences, the exceptions being taken out."""
    why, allowed, versions = EXCEPTIONS.get((case, backend[1:]), (None, (), ()))
    if version not in versions:
        return found
    if not found:
        return [f'no exception any more: {why}']
    return [line for line in found if line.split()[0] not in allowed]


def check_case(lab, mode, version, case, backend):
    """(name, what is wrong) of one case."""
    expected = recorded(case, version)[backend]
    shimmed = mode == 'dropin' and (backend[0] == '6') == (lab.loss == 'typo')
    only = only_table((CORNER / case / 'argv').read_text().splitlines())
    ends_as = reference(lab.loss, backend, inputs(case), only) if shimmed else 'control'
    if shimmed and case in AS_LOST:
        ends_as = 'lost'
    as_lost = ends_as != 'control'
    if as_lost:
        healthy, expected = expected, run_case(lab, ends_as, case, backend)
        if case in AS_LOST and not differences(healthy, expected):
            return f'{case} {backend}', [f'no exception any more: {AS_LOST[case]}']
    words = as_lost or not shimmed and mode != 'lost'
    found = differences(expected, run_case(lab, mode, case, backend), words)
    return f'{case} {backend}', excused(version, case, backend, found) if shimmed else found


def values(loss):
    """(rule, exit status, rule as saved) of values.tsv, where \\t stands for a tab."""
    for line in (CORNER / 'values.tsv').read_text().splitlines()[1:]:
        rule, result = line.split('\t')[:2]
        status, _, saved = result.partition(' ')
        if loss == 'typo' or not MATCH.search(rule.encode()):
            yield rule.replace('\\t', '\t'), int(status), saved


def ruleset(rules):
    return ''.join(f'{line}\n' for line in ('*mangle', ':T - [0:0]', *rules, 'COMMIT')).encode()


def check_good_values(lab, mode, backend):
    """All values that load, in one input."""
    good = [(rule, saved) for rule, status, saved in values(lab.loss) if status == 0]
    fresh_netns()
    got = lab.restore(mode, backend, ['--noflush'], ruleset(rule for rule, _ in good))
    got['save'] = lab.saved(backend)
    want = ['mangle: :T - [0:0]'] + [f'mangle: [0:0] -A T {saved}' for _, saved in good]
    return [(f'values.tsv, {len(good)} good {backend}',
             differences({'rc': 0, 'save': want, 'stderr': ''}, got))]


def check_bad_values(lab, mode, backend):
    """The others one by one; none may leave anything behind."""
    results = []
    fresh_netns()
    for rule, status, _ in values(lab.loss):
        if status:
            got = lab.restore(mode, backend, ['--noflush'], ruleset([rule]))
            got['save'] = []
            found = differences({'rc': status, 'save': [], 'stderr': 'line 3'}, got)
            results.append((f'value {rule!r} {backend}', found))
    left = lab.saved(backend)
    return results + [(f'left behind by bad values {backend}', left)]


def work(job):
    lab, mode, version, what, backend = job
    try:
        if what == 'good values':
            return check_good_values(lab, mode, backend)
        if what == 'bad values':
            return check_bad_values(lab, mode, backend)
        return [check_case(lab, mode, version, what, backend)]
    except (OSError, subprocess.TimeoutExpired) as trouble:
        return [(f'{what} {backend}', [str(trouble)])]


# The whole

def installed():
    out = subprocess.run([real('6nft'), '--version'], capture_output=True, check=True, text=True)
    return re.search(r'v([\d.]+)', out.stdout)[1]


def prerequisites(mode):
    if os.geteuid() != 0:
        can_not_run('needs root')
    for backend in BACKENDS:
        if not os.access(real(backend, '-restore'), os.X_OK):
            can_not_run(f'no {real(backend, "-restore")}')
    needed = {'control': (), 'lost': ('loss.so',)}.get(mode, ('markshim', 'loss.so'))
    for name in needed:
        if not (BUILD / name).exists():
            can_not_run(f'no {BUILD / name}')


def loss_works(lab):
    """Without the loss every case would pass, whatever markshim does."""
    fresh_netns()
    given = ruleset(['-A T -j MARK --set-xmark 0x1/0x1'])
    for backend in BACKENDS:
        status = lab.restore('lost', backend, [], given)['rc']
        if (status != 0) != (backend[0] == '6' or lab.loss == 'no-module'):
            sys.exit(f'{backend}: a MARK rule under the loss gives {status}')


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--mode', choices=('control', 'lost', 'dropin'), default='dropin')
    parser.add_argument('--loss', choices=('typo', 'no-module'), default='typo')
    parser.add_argument('--only', default='*', metavar='PATTERN', help='"good values", "tgt-*"')
    parser.add_argument('--jobs', type=int, default=2)
    return parser.parse_args()


def choose(version, options):
    """(case, backend) of what is to be run; a few cases are for one family only."""
    cases = sorted(path.parent.name for path in CORNER.glob('*/results.json'))
    chosen = [(case, backend) for case in cases for backend in recorded(case, version)]
    if not chosen:
        can_not_run(f'no results recorded for iptables {version}')
    chosen += [(name, backend) for name in ('good values', 'bad values') for backend in BACKENDS]
    if options.loss == 'no-module':
        chosen = [(name, backend) for name, backend in chosen
                  if backend[0] == '4' and not MATCH.search(inputs(name))]
    return [(name, backend) for name, backend in chosen if fnmatch.fnmatch(name, options.only)]


def main():
    options = arguments()
    prerequisites(options.mode)
    version = installed()
    chosen = choose(version, options)
    with tempfile.TemporaryDirectory() as folder:
        lab = Lab(folder, options.loss)
        if options.mode == 'dropin':
            loss_works(lab)
        jobs = [(lab, options.mode, version, name, backend) for name, backend in chosen]
        with multiprocessing.Pool(options.jobs) as pool:
            results = [one for some in pool.imap(work, jobs, 4) for one in some]
    failed = [(name, found) for name, found in results if found]
    for name, found in failed:
        print(f'FAILED {name}')
        print('\n'.join('    ' + line for line in '\n'.join(found).splitlines()))
    print(f'corner: {len(results)} cases, {len(failed)} failed '
          f'({options.mode}, {options.loss}, {version})')
    sys.exit(bool(failed) or not results)


if __name__ == '__main__':
    main()
