#!/usr/bin/python3
"""Rulesets as kube-proxy 1.31 feeds them to iptables-restore --noflush, of any size.

usage: tests/bench/kube_proxy.py [--family 4|6] [--services N] [--endpoints N] [--partial]

A full sync has all services, a partial one has the chains of one of them; what stands around
them is the same.  5000 services of 4 endpoints are 95,000 lines, 11 MB.
"""

import argparse
import base64
import hashlib
import sys

HEAD = """*filter
:KUBE-SERVICES - [0:0]
:KUBE-EXTERNAL-SERVICES - [0:0]
:KUBE-FORWARD - [0:0]
:KUBE-NODEPORTS - [0:0]
:KUBE-PROXY-FIREWALL - [0:0]
-A KUBE-FORWARD -m conntrack --ctstate INVALID -j DROP
-A KUBE-FORWARD -m comment --comment "kubernetes forwarding rules" -m mark --mark 0x00004000/0x00004000 -j ACCEPT
-A KUBE-FORWARD -m comment --comment "kubernetes forwarding conntrack rule" -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
COMMIT
*nat
:KUBE-SERVICES - [0:0]
:KUBE-NODEPORTS - [0:0]
:KUBE-POSTROUTING - [0:0]
:KUBE-MARK-MASQ - [0:0]
"""
FIXED = """-A KUBE-POSTROUTING -m mark ! --mark 0x00004000/0x00004000 -j RETURN
-A KUBE-POSTROUTING -j MARK --xor-mark 0x00004000
-A KUBE-POSTROUTING -m comment --comment "kubernetes service traffic requiring SNAT" -j MASQUERADE --random-fully
-A KUBE-MARK-MASQ -j MARK --or-mark 0x00004000
"""
TAIL = """-A KUBE-SERVICES -m comment --comment "kubernetes service nodeports; NOTE: this must be the last rule in this chain" -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS
COMMIT
"""
# service IPs, the pods' network, and the address of one pod
ADDRESSES = {6: ('fd00:10:96::{:x}', 'fd00:10:244::/48', 'fd00:10:244:{:x}::{:x}', '[{}]:{}'),
             4: ('10.96.{}.{}', '10.244.0.0/16', '10.{}.{}.{}', '{}:{}')}


def hashed(*what):
    digest = hashlib.sha256(' '.join(map(str, what)).encode()).digest()
    return base64.b32encode(digest)[:16].decode()


class Service:
    def __init__(self, family, number, endpoints):
        ip, self.cluster, pod, join = ADDRESSES[family]
        self.name = f'team-{number % 40:02}/service-{number:05}:http'
        self.chain = 'KUBE-SVC-' + hashed(self.name)
        pods = [number * endpoints + i for i in range(endpoints)]
        if family == 6:
            self.ip = ip.format(number + 32)
            addresses = [pod.format(n // 250, n % 250 + 2) for n in pods]
        else:
            self.ip = ip.format(number // 250, number % 250 + 2)
            addresses = [pod.format(128 + n // 62500, n // 250 % 250, n % 250 + 2) for n in pods]
        self.ends = [('KUBE-SEP-' + hashed(self.name, a), a, join.format(a, 8080))
                     for a in addresses]

    def declared(self):
        return ''.join(f':{chain} - [0:0]\n' for chain in
                       [self.chain, *(end[0] for end in self.ends)])

    def to(self):
        return f'-m tcp -p tcp -d {self.ip} --dport 80'

    def dispatched(self):
        return (f'-A KUBE-SERVICES -m comment --comment "{self.name} cluster IP" {self.to()} '
                f'-j {self.chain}\n')

    def balanced(self):
        yield (f'-A {self.chain} -m comment --comment "{self.name} cluster IP" {self.to()} '
               f'! -s {self.cluster} -j KUBE-MARK-MASQ\n')
        for i, (chain, _, to) in enumerate(self.ends):
            left = len(self.ends) - i
            chance = f'-m statistic --mode random --probability {1 / left:.10f} ' if left > 1 else ''
            yield (f'-A {self.chain} -m comment --comment "{self.name} -> {to}" {chance}'
                   f'-j {chain}\n')

    def translated(self):
        for chain, address, to in self.ends:
            yield f'-A {chain} -m comment --comment {self.name} -s {address} -j KUBE-MARK-MASQ\n'
            yield (f'-A {chain} -m comment --comment {self.name} -m tcp -p tcp '
                   f'-j DNAT --to-destination {to}\n')


def sync(services):
    parts = [HEAD, *(s.declared() for s in services), FIXED]
    for s in services:
        parts += [s.dispatched(), *s.balanced(), *s.translated()]
    return ''.join([*parts, TAIL]).encode()


def full(family=6, services=5000, endpoints=4):
    return sync([Service(family, n, endpoints) for n in range(services)])


def partial(family=6, services=5000, endpoints=4):
    """One of them has changed."""
    return sync([Service(family, services // 2, endpoints)])


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('--family', type=int, choices=(4, 6), default=6)
    parser.add_argument('--services', type=int, default=5000)
    parser.add_argument('--endpoints', type=int, default=4)
    parser.add_argument('--partial', action='store_true')
    options = parser.parse_args()
    make = partial if options.partial else full
    sys.stdout.buffer.write(make(options.family, options.services, options.endpoints))


if __name__ == '__main__':
    main()
