"""The drop-in under test, with a real program of the test's choice behind it.

tests/netns/run starts the tests that use this: $B holds the programs, /run is ours alone, and so
are the network, the mounts and the processes.
"""

import ctypes
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback

B = pathlib.Path(os.environ['B'])
SHIM = B / 'markshim'
T = pathlib.Path(tempfile.mkdtemp(dir='/run'))      # goes with its mount namespace
T.chmod(0o755)
CONF, LOG = T / 'conf', T / 'log'
APPLET = 'ip6tables-restore'
BACKENDS = 'nft', 'legacy'
CAT, TRUE = shutil.which('cat'), shutil.which('true')       # in /bin, where that is not /usr/bin
PLAIN = b'*filter\n:T - [0:0]\n-A T -j RETURN\nCOMMIT\n'
RULES = b'*nat\n:T - [0:0]\n-A T -j MARK --or-mark 0x4000\nCOMMIT\n'
ENV = {key: value for key, value in os.environ.items() if not key.startswith('MARKSHIM_')}
LIBC, CLONE_NEWNET = ctypes.CDLL(None, use_errno=True), 0x40000000
PATIENCE = 20       # seconds
failed = 0
left_out = []       # what this machine cannot do, in the last line of the output


def check(what, got, want=True):
    global failed
    if got != want:
        failed += 1
        print(f'{what}:\n  expected {want!r}\n  got      {got!r}')


def skip(reason):
    print(reason)
    sys.exit(77)


def need(*programs):
    for program in programs:
        if not shutil.which(program):
            skip(f'needs {program}')


def user_can_unshare(what):
    """Whether an unprivileged user can make a user namespace; the kernel refuses it in a chroot."""
    done = call(['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', 'unshare', '-Ur',
                 'true'])
    if done.returncode:
        left_out.append(f'{what} ({done.stderr.decode().strip()})')
    return done.returncode == 0


def too_late(*_):
    raise TimeoutError('waited for too long')


def main(*tests):
    """Runs all of them; one that breaks off has failed, and the others run all the same."""
    global failed
    need('ip6tables-nft-restore', 'ip6tables-legacy-restore')
    signal.signal(signal.SIGALRM, too_late)
    chosen = sys.argv[1:]
    for test in tests:
        if chosen and test.__name__ not in chosen:
            continue
        try:
            test()
        except Exception:       # whatever it is, it goes into the report
            failed += 1
            print(f'{test.__name__} broke off:')
            traceback.print_exc(file=sys.stdout)
    if left_out:
        print(f'left out: {"; ".join(left_out)}')
    if failed:
        print(f'{failed} failed')
    sys.exit(1 if failed else 0)


def real(backend, kind='-restore', family=6):
    return f'/usr/sbin/{"ip6tables" if family == 6 else "iptables"}-{backend}{kind}'


def script(name, text, mode=0o755):
    path = T / name
    path.write_text(text)
    path.chmod(mode)
    return path


def write_conf(behind, more='', names=(APPLET,)):
    """`behind` is the real program of those names; None leaves that to markshim."""
    lines = ['[log]', 'syslog = no', f'file = {LOG}', '[real]']
    if behind:
        lines += [f'{name} = {behind}' for name in names]
    CONF.write_text('\n'.join(lines) + f'\n{more}')
    CONF.chmod(0o644)


def env_of(assume=None, env=(), conf=CONF):
    extra = {'MARKSHIM_CONF': str(conf)} if conf else {}
    if assume:
        extra['MARKSHIM_ASSUME'] = assume
    return {**ENV, **extra, **dict(env)}


def lossy(loss, **more):
    """The environment where the kernel has that loss."""
    preload = {'LD_PRELOAD': str(B / 'loss.so'), 'MARKSHIM_TEST_LOSS': loss,
               'ASAN_OPTIONS': 'verify_asan_link_order=0'} if loss else {}
    return env_of(env={**preload, **more})


def forget():
    """What is kept until the next boot."""
    shutil.rmtree('/run/markshim', ignore_errors=True)


def call(argv, rules=RULES, program=None, **more):
    """Runs a program; bytes in `rules` come by a pipe."""
    if 'stdin' not in more:
        more['input'] = rules
    more.setdefault('stdout', subprocess.PIPE)
    more.setdefault('stderr', subprocess.PIPE)
    more.setdefault('env', ENV)
    more.setdefault('timeout', PATIENCE)
    return subprocess.run([str(word) for word in argv], executable=program and str(program), **more)


def dropin(behind, argv=(), assume='typo', conf='', env=(), applet=APPLET, program=SHIM,
           names=(APPLET,), **more):
    """What a caller gets who runs `applet` with markshim there and `behind` behind it."""
    write_conf(behind, conf, names)
    return call([applet, *argv], program=program, env=env_of(assume, env), **more)


def alive():
    """Programs of ours and real ones that do not end."""
    def running():
        found = []
        for pid in filter(str.isdigit, os.listdir('/proc')):
            try:
                found.append(os.readlink(f'/proc/{pid}/exe'))
            except OSError:     # it has ended
                pass
        return [path for path in found if 'markshim' in path or 'xtables' in path]

    end = time.time() + 5
    while running() and time.time() < end:
        time.sleep(0.01)
    return running()


def said(done):
    return done.returncode, done.stdout, done.stderr


def log():
    """The records since the last call."""
    lines = LOG.read_bytes().split(b'\n') if LOG.exists() else [b'']
    LOG.unlink(missing_ok=True)
    check('the log ends with a whole line', lines.pop(), b'')
    return [json.loads(line) for line in lines]


def events(records):
    return [record['event'] for record in records]


def loaded(backend, family=6):
    """The rules that the kernel has now, without comments and counters."""
    saved = call([real(backend, '-save', family)]).stdout.decode('latin1')
    return [re.sub(r' \[\d+:\d+\]$', '', line) for line in saved.splitlines() if line[:1] != '#']


# A machine of our own, inside a mount namespace: what alternatives are made of.
MACHINE = """set -e
here=$(mktemp -d -p /run)
mkdir -p $here/sbin $here/lib/dpkg $here/lib/markshim
cp -a /usr/sbin/*tables* $here/sbin
cp -a /var/lib/dpkg/alternatives $here/lib/dpkg
cp -a /etc/alternatives $here
mount --bind $here/alternatives /etc/alternatives
mount --bind $here/sbin /usr/sbin
mount --bind $here/lib /var/lib
umask 022
choose() { update-alternatives --log /dev/null "$@" >/dev/null; }
install_markshim() {
	cp "$B/markshim" /usr/sbin/ip6tables-markshim
	ln -s ip6tables-markshim /usr/sbin/ip6tables-markshim-restore
	ln -s ip6tables-markshim /usr/sbin/ip6tables-markshim-save
	choose --install /usr/sbin/ip6tables ip6tables /usr/sbin/ip6tables-markshim 50 \\
		--slave /usr/sbin/ip6tables-restore ip6tables-restore /usr/sbin/ip6tables-markshim-restore \\
		--slave /usr/sbin/ip6tables-save ip6tables-save /usr/sbin/ip6tables-markshim-save
}
"""


def on_machine(commands, env=(), **more):
    """Runs shell commands on a machine that was set up anew and goes with them."""
    environment = {**ENV, 'MARKSHIM_CONF': str(CONF), **dict(env)}
    return call(['unshare', '-m', 'sh', '-c', MACHINE + commands], env=environment, **more)


def meant(rules):
    """Saved rules with the helper chains turned back into what they stand for."""
    own = [line for line in rules if not re.match(r'(:|-A )zz-mark-', line)]
    return [re.sub(r'-j zz-mark-(\w+)-(\w+)', r'-j MARK --set-xmark 0x\1/0x\2', line)
            for line in own]


def fresh_network():
    """Nothing is loaded in the network namespace that we and our children are in from now on."""
    if LIBC.unshare(CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), 'unshare')


# A healthy kernel is the simple case, and one backend shows it.
CASES = ('nft', 'typo'), ('legacy', 'typo'), ('nft', 'healthy')


def both(backend, assume, run):
    """run(program, environment) with the real program and with the drop-in, and what was loaded
    each time."""
    ends = []
    write_conf(real(backend))
    for program in real(backend), SHIM:
        fresh_network()
        done = run(program, env_of(assume))
        ends.append((said(done) if isinstance(done, subprocess.CompletedProcess) else done,
                     meant(loaded(backend))))
    return ends


def same(what, backend, assume, run):
    want, got = both(backend, assume, run)
    check(f'{what}; {backend}, {assume}', got, want)


# A real program that tells what it was given, into files in $T.  The shell leaves the signals as
# they came, which Python does not, and has the script itself as descriptor 10; its child looks on.
TELL = f"""#!/bin/sh
/usr/bin/python3 -S {T}/look $$
exit $?
"""
LOOK = f"""
import fcntl, os, shutil, stat, sys
here, seen = '{T}/told/', f'/proc/{{sys.argv[1]}}/'
shutil.rmtree(here, ignore_errors=True)
os.mkdir(here)
def keep(name, data):
    with open(here + name, 'wb') as f:
        f.write(data)
for name in 'cmdline', 'environ', 'status', 'limits', 'stat':
    with open(seen + name, 'rb') as f:
        keep(name, f.read())
mask = os.umask(0)
keep('mask', str(mask).encode())
os.umask(mask)
keep('directory', os.readlink(seen + 'cwd').encode())
fds = {{int(fd): os.readlink(seen + 'fd/' + fd) for fd in os.listdir(seen + 'fd') if fd != '10'}}
keep('fds', ''.join(f'{{fd}} {{fds[fd]}}\\n' for fd in sorted(fds)).encode())
with open('/proc/self/status') as f:
    keep('blocked', [line for line in f if line.startswith('SigBlk')][0].encode())
regular = stat.S_ISREG(os.fstat(0).st_mode)
memory = '/memfd:' in fds[0]
keep('stdin', f'{{fcntl.fcntl(0, 1034) if memory else -1}} '
     f'{{os.lseek(0, 0, 1) if regular else -1}}'.encode())
rules = b''
while not os.isatty(0) and (data := os.read(0, 65536)):
    rules += data
keep('rules', rules)
"""
STATUS = re.compile(rb'^((?:Sig|Shd)(?:Ign|Pnd)|Cap\w+|NoNewPrivs|Uid|Gid|Groups):\t(.*)$', re.M)


def tell():
    (T / 'look').write_text(LOOK)
    return script('tell', TELL)


def told():
    """What the program of tell() was given."""
    here = T / 'told'
    stat = (here / 'stat').read_bytes().rsplit(b')', 1)[1].split()
    seals, position = (int(word) for word in (here / 'stdin').read_text().split())
    fds = (line.split(' ', 1) for line in (here / 'fds').read_text().splitlines())
    return {
        'arguments': (here / 'cmdline').read_bytes().split(b'\0')[2:-1],
        'environment': (here / 'environ').read_bytes(),
        'descriptors': {int(fd): what for fd, what in fds},
        'umask': (here / 'mask').read_text(), 'directory': (here / 'directory').read_text(),
        'blocked': (here / 'blocked').read_text(),
        'pid': int((here / 'stat').read_text().split()[0]),
        'group and session': [int(word) for word in stat[2:4]], 'nice': stat[16],
        'limits': (here / 'limits').read_bytes(),
        'status': STATUS.findall((here / 'status').read_bytes()),
        'seals': seals, 'position': position, 'rules': (here / 'rules').read_bytes(),
    }
