"""A client, a router and a server, and packets of all kinds between them."""

import json
import os
import socket
import struct
import subprocess
import sys
import threading

KINDS = ("syn", "est", "udp", "echo", "error", "cut", "fragment", "untracked")
PORT, CLOSED = 7, 9

CLIENT, SERVER, ROUTER, NOWHERE = "fd00:1::1:", "fd00:2::1:", "fd00:3::1:", "fd00:9::1:"


def shell(text):
    subprocess.run(["sh", "-ec", text], check=True)


class Sender:
    """A process in a namespace, which sends what it reads."""

    def __init__(self, name):
        argv = [sys.executable, os.path.abspath(__file__), "send"]
        if name:
            argv = ["ip", "netns", "exec", name, *argv]
        self.process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        text=True)

    def send(self, packets):
        self.process.stdin.write(json.dumps(packets) + "\n")
        self.process.stdin.flush()
        if self.process.stdout.readline() != "done\n":
            raise SystemExit("a sender has ended")


class Network:
    """`round` is a part of all addresses: a packet that is late counts in no other round."""

    round = 0

    def __enter__(self):
        shell("""
            for n in client server; do
                ip netns add $n
                ip -n $n link set lo up
                ip link add $n type veth peer name eth0 netns $n
            done
            for n in '' 'ip netns exec client' 'ip netns exec server'; do
                $n sh -c 'cd /proc/sys/net/ipv6; echo 0 >conf/all/accept_dad
                    echo 0 >conf/default/accept_dad; echo >icmp/ratemask
                    echo 1 >conf/all/forwarding; echo 1 >ip_nonlocal_bind'
            done
            ip link set lo up
            for n in client server; do
                [ $n = client ] && i=1 || i=2
                ip address add fd00:$i::1/64 dev $n nodad
                ip link set $n up
                ip -n $n address add fd00:$i::2/64 dev eth0 nodad
                ip -n $n link set eth0 up
                ip -n $n route add default via fd00:$i::1
                ip -n $n route add local fd00:$i::1:0/112 dev lo
                ip route add fd00:$i::1:0/112 via fd00:$i::2
            done
            ip route add local fd00:3::1:0/112 dev lo
            ip route add unreachable fd00:9::/16
        """)
        self.server = subprocess.Popen(["ip", "netns", "exec", "server", sys.executable,
                                        os.path.abspath(__file__), "serve"],
                                       stdout=subprocess.PIPE, text=True)
        self.local = subprocess.Popen([sys.executable, os.path.abspath(__file__), "serve"],
                                      stdout=subprocess.PIPE, text=True)
        for p in (self.server, self.local):
            if p.stdout.readline() != "ready\n":
                raise SystemExit("no server")
        self.client, self.router = Sender("client"), Sender("")
        # the neighbours get known
        self.client.send([["udp", "", "fd00:2::2"]])
        self.router.send([["udp", "", "fd00:1::2"]])
        return self

    def __exit__(self, *_):
        for p in (self.server, self.local, self.client.process, self.router.process):
            p.kill()
        shell("ip netns del client; ip netns del server; nft delete table ip6 watch 2>/dev/null || :")

    def next_round(self):
        self.round = (self.round + 1) % 16

    def address(self, prefix, case):
        return f"{prefix}{self.round << 12 | case.number + 1:x}"

    def key(self, hook, case):
        """The address that the packet under test goes to, which is what rules match."""
        if case.kind == "error":
            return self.address(ROUTER if hook == "INPUT" else CLIENT, case)
        return self.address(ROUTER if hook == "INPUT" else SERVER, case)

    def send(self, hook, cases):
        """Each case's packet, on a way through the router that passes the hook."""
        local = hook == "OUTPUT"
        out, back = [], []
        for c in cases:
            if c.kind != "error":
                (back if local else out).append([c.kind, "", self.key(hook, c)])
            elif hook == "INPUT":	# the router hears of its own packet
                back.append(["error", self.key(hook, c), "fd00:2::2"])
            else:			# from the server, or from the router itself
                to = self.address(NOWHERE, c) if local else "fd00:2::2"
                out.append(["error", self.key(hook, c), to])
        self.client.send(out)
        self.router.send(back)


def udp(source, to, size, port):
    s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    if source:
        s.bind((source, 0))
    s.sendto(b"x" * size, (to, port))
    s.close()


def icmp(to, kind, code, rest):
    s = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
    s.sendto(struct.pack("!BBH", kind, code, 0) + rest, (to, 0))
    s.close()


def tcp(to):
    s = socket.create_connection((to, PORT), timeout=5)
    s.sendall(b"x")
    s.recv(1)
    s.close()


SEND = {
    "syn": lambda source, to: tcp(to),
    "est": lambda source, to: tcp(to),
    "udp": lambda source, to: udp(source, to, 1, CLOSED),
    "untracked": lambda source, to: udp(source, to, 1, CLOSED),
    "fragment": lambda source, to: udp(source, to, 4000, CLOSED),
    "error": lambda source, to: udp(source, to, 1, CLOSED),
    "echo": lambda source, to: icmp(to, 128, 0, b"\0\1\0\1"),
    # an error about a packet of which there are ten bytes
    "cut": lambda source, to: icmp(to, 1, 4, b"\0" * 4 + b"\x60" + b"\0" * 9),
}


def send():
    for line in sys.stdin:
        for kind, source, to in json.loads(line):
            SEND[kind](source, to)
        print("done", flush=True)


def serve():
    s = socket.socket(socket.AF_INET6, socket.SOCK_STREAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind(("::", PORT))
    s.listen(64)
    print("ready", flush=True)

    def answer(c):
        while c.recv(1):
            c.sendall(b"y")
        c.close()

    while True:
        threading.Thread(target=answer, args=(s.accept()[0],), daemon=True).start()


if __name__ == "__main__":
    {"send": send, "serve": serve}[sys.argv[1]]()
