"""For benches: a network, a /run and processes of their own, as tests/netns/run gives its tests."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), '..', 'netns'))
sys.dont_write_bytecode = True


def enter():
    """Starts the program anew in there, once; the first argument, BUILD_DIR, is $B then."""
    if os.environ.get('IN_NAMESPACE'):
        return
    if len(sys.argv) < 2 or not os.path.isdir(sys.argv[1]):
        sys.exit(sys.modules['__main__'].__doc__)
    os.environ.update(B=os.path.realpath(sys.argv[1]), IN_NAMESPACE='1', PYTHONDONTWRITEBYTECODE='1')
    os.execvp('unshare', ['unshare', '-n', '-m', '-p', '--fork', '--kill-child', '--mount-proc', 'sh',
                          '-c', 'mount -t tmpfs -o mode=755 tmpfs /run && exec "$@"', 'sh',
                          sys.executable, os.path.realpath(sys.argv[0]), *sys.argv[1:]])
