#!/usr/bin/python3
"""Packet by packet: each form of a MARK rule leaves the marks that the kernel's own MARK leaves.

A case is a table, a hook, an operation, a packet mark, a connection mark and a kind of packet, and
has an address of its own in each round, which its packet goes to.  The namespace that this runs in is a router
between a client and a server; chains of nftables right before and after the table under test set
the marks and note what became of them.  The rules are loaded by the real program alone
(native), and through markshim with each form.

equivalence.py [--forms LIST] [--table T] [--hook H] [--backend B] [--case N] [--seed N] [--cases N]

Where the forms are not compared with native, because this kernel has no MARK, they are compared
with what the manual of MARK says; that MARK does as it says is what a run with native shows.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import time

from packets import KINDS, Network
from seed import choose_seed

ALL = 0xffffffff
LOG = "/run/equivalence.log"
CORNERS = (0, 0, 1, 0x4000, 0x8000, 0xff00, 0x40000, 0xff0000, 0x80000000, 0x7fffffff, ALL)
PRIORITY = {"raw": -300, "mangle": -150, "nat": -100, "filter": 0, "security": 50}
HOOKS = {
    "raw": ("PREROUTING", "OUTPUT"),
    "mangle": ("PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"),
    "nat": ("PREROUTING", "INPUT", "OUTPUT", "POSTROUTING"),
    "filter": ("INPUT", "FORWARD", "OUTPUT"),
    "security": ("INPUT", "FORWARD", "OUTPUT"),
}
# What [forms] names for a table, by form, and the backends that have it.
FORMS = {
    "native": ({t: "" for t in HOOKS}, ("legacy", "nft")),
    "connmark": ({t: "connmark" for t in HOOKS if t != "raw"}, ("legacy", "nft")),
    "set": ({"mangle": "set"}, ("legacy", "nft")),
    "hmark": ({t: "hmark" if t == "raw" else "hmark, connmark" for t in HOOKS},
              ("legacy", "nft")),
    "nft": ({t: "nft" for t in HOOKS}, ("nft",)),
}


SEEN = "syn", "est", "other", "ctmark"      # the sets that note marks

# It sees first packets only, of those that have a connection.
UNSEEN_BY_NAT = ("est", "untracked", "cut", "error")


class Case:
    def __init__(self, rnd, number, kind):
        def bits():
            return rnd.choice(CORNERS) if rnd.random() < 0.6 else rnd.getrandbits(32)

        self.number, self.kind = number, kind
        value, mask = bits(), bits() if rnd.random() < 0.7 else ALL
        self.option, self.value, self.mask, self.text = rnd.choice((
            ("set-xmark", value, mask, f"{value:#x}/{mask:#x}"),
            ("set-mark", value, value | mask, f"{value:#x}/{mask:#x}"),
            ("and-mark", 0, ALL & ~value, f"{value:#x}"),
            ("or-mark", value, value, f"{value:#x}"),
            ("xor-mark", value, 0, f"{value:#x}")))
        # other bits are often zero, and what is to be set is there at times
        self.mark = rnd.choice((0, bits(), bits(), bits() & self.mask, self.value))
        self.ct = bits()

    def wanted(self):
        return (self.mark & ~self.mask) ^ self.value

    def __str__(self):
        return (f"{self.kind} --{self.option} {self.text} mark {self.mark:#x} "
                f"connection mark {self.ct:#x}")


# What forms say of themselves: where the mark stays as it is, though it should change.  The name
# of each is printed with the number of cases that showed it; one that was never seen is an error.
def stated(form, table, case):
    kept = case.mark & ~case.mask & ALL
    whole, within = case.mask == ALL, not case.value & ~case.mask
    if table == "nat" or form in ("native", "set", "nft"):
        return None
    if form == "hmark" and table == "raw":
        if case.kind == "cut":
            return "hmark: cut-off ICMPv6 error"
        return "hmark in raw: other bits" if kept and not whole else None
    if form == "hmark" and (whole or within):
        if case.kind == "cut":
            return "hmark: cut-off ICMPv6 error"
        without = case.kind == "untracked" and kept and not whole
        return "hmark: other bits, no connection" if without else None
    return "connmark: no connection" if case.kind in ("cut", "untracked") else None


STATED = {
    "connmark": {"connmark: no connection"},
    "hmark": {"hmark: cut-off ICMPv6 error", "hmark in raw: other bits",
              "hmark: other bits, no connection"},
}


def real(backend):
    return f"/usr/sbin/ip6tables-{backend}-restore"


def run(argv, text="", env=None):
    done = subprocess.run(argv, input=text, text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, env=env)
    if done.returncode:
        raise SystemExit(f"{' '.join(argv)}: status {done.returncode}\n{done.stdout}{text[:600]}")
    return done.stdout


def empty(table, backends):
    for backend in backends:
        run([real(backend)] + (["-w"] if backend == "legacy" else []), f"*{table}\nCOMMIT\n")


def load(table, hook, backend, form, cases, key, backends=("legacy", "nft")):
    """Empties the table of all these backends, and loads one rule a case."""
    empty(table, backends)
    lines = [f"-A {hook} -d {key(c)} -j MARK --{c.option} {c.text}" for c in cases]
    # both ways a chain of nftables comes about
    load_rules(table, backend, form, "\n".join([f"*{table}", *lines, "COMMIT", ""]),
               [] if len(cases) % 2 else ["--noflush"])


def load_rules(table, backend, form, rules, flags):
    argv = [real(backend)]
    env = dict(os.environ)
    if form != "native":
        path = "/run/equivalence.conf"
        with open(path, "w", encoding="ascii") as conf:
            conf.write(f"[real]\nip6tables-restore = {real(backend)}\n[log]\nsyslog = no\n"
                       f"file = {LOG}\n"
                       f"[forms]\n{table} = {FORMS[form][0][table]}\n")
        env["MARKSHIM_CONF"] = path
        argv = [os.environ["B"] + "/markshim", "ip6tables-restore"]
        if os.environ.get("LOSS"):
            env.update(LD_PRELOAD=os.environ["B"] + "/loss.so",
                       MARKSHIM_TEST_LOSS=os.environ["LOSS"],
                       ASAN_OPTIONS="verify_asan_link_order=0")
    with open(LOG, "w", encoding="utf-8"):
        pass
    run(argv + flags + (["-w"] if backend == "legacy" else []), rules, env)
    if form != "native":
        check_log(form, rules.count(" -j MARK "), FORMS[form][0][table].split(", "))


def check_log(form, rules, forms):
    """Each rule has been changed, into the form that is to be shown."""
    with open(LOG, encoding="utf-8") as log:
        records = [json.loads(line) for line in log]
    used = [r["form"] for r in records if r["event"] == "change"]
    all_of_them = len(used) == rules or os.environ.get("WHOLE_STAYS")
    if not all_of_them or not {form} <= set(used) <= set(forms):
        others = [r for r in records if r["event"] not in ("change", "run")][:3]
        raise SystemExit(f"{rules} rules, changed into {sorted(set(used))} ({len(used)}), "
                         f"not {forms}: {others}")


def watch(table, hook, cases, key, tracked):
    """The chains that set marks and note them."""
    at = 100 if table == "nat" and hook in ("POSTROUTING", "INPUT") else PRIORITY[table]
    # iptables-nft has security at 150
    end = 150 if table == "security" else at
    ct = tracked and table != "raw"

    def elements(of):
        return ", ".join(f"{key(c)} : {of(c):#x}" for c in cases)

    untracked = ", ".join(key(c) for c in cases if c.kind == "untracked")
    note = "ip6 daddr . meta mark"
    text = f"""
table ip6 watch
delete table ip6 watch
table ip6 watch {{
    map to_mark {{ type ipv6_addr : mark; elements = {{ {elements(lambda c: c.mark)} }}; }}
    map to_ctmark {{ type ipv6_addr : mark; elements = {{ {elements(lambda c: c.ct)} }}; }}
    set bare {{ type ipv6_addr;
        {"elements = { " + untracked + " };" if untracked else ""} }}
    set seen_syn {{ type ipv6_addr . mark; flags dynamic; size 65535; }}
    set seen_est {{ type ipv6_addr . mark; flags dynamic; size 65535; }}
    set seen_other {{ type ipv6_addr . mark; flags dynamic; size 65535; }}
    set seen_ctmark {{ type ipv6_addr . mark; flags dynamic; size 65535; }}
    counter fragments {{ }}
    chain untrack_in {{ type filter hook prerouting priority -302;
        ip6 daddr @bare notrack; }}
    chain untrack_out {{ type filter hook output priority -302;
        ip6 daddr @bare notrack; }}
    chain before {{ type filter hook {hook.lower()} priority {at - 1};
        meta mark set ip6 daddr map @to_mark
        {"ct mark set ip6 daddr map @to_ctmark" if ct else ""}
    }}
    chain after {{ type filter hook {hook.lower()} priority {end + 1};
        exthdr frag exists counter name fragments
        tcp flags & (syn | ack) == syn add @seen_syn {{ {note} }}
        tcp flags & (syn | ack) == ack add @seen_est {{ {note} }}
        meta l4proto != tcp add @seen_other {{ {note} }}
        {"add @seen_ctmark { ip6 daddr . ct mark }" if ct else ""}
    }}
}}"""
    run(["nft", "-f", "-"], text)


def noted():
    """What is in the sets: by name {address: marks}."""
    found = {name: {} for name in SEEN}
    listed = json.loads(run(["nft", "-j", "list", "table", "ip6", "watch"]))
    for entry in listed["nftables"]:
        name = entry.get("set", {}).get("name", "").removeprefix("seen_")
        for elem in entry["set"].get("elem", []) if name in found else ():
            address, mark = elem["concat"] if "concat" in elem else elem["elem"]["val"]["concat"]
            found[name].setdefault(address, set()).add(mark)
    return found


class Patience:
    """How long packets may be on their way, in all rounds together."""

    left = 60       # seconds

    def ends(self, since):
        return time.monotonic() - since > self.left

    def spend(self, since):
        self.left = max(0, self.left - (time.monotonic() - since))


def seen_now(cases, key):
    sets = noted()
    return {c.number: (sorted(sets[c.kind if c.kind in sets else "other"].get(key(c), set())),
                       sorted(sets["ctmark"].get(key(c), set()))) for c in cases}


def measure(network, hook, cases, key, patience):
    """What is seen after the rules: {case's number: (marks, connection marks)}."""
    # an address has a new connection when its round comes again
    run(["conntrack", "-F"])
    network.send(hook, cases)
    since, seen = time.monotonic(), seen_now(cases, key)
    # each case has a packet to be seen, but the sender does not know when that got through
    while not all(marks for marks, _ in seen.values()) and not patience.ends(since):
        time.sleep(0.05)
        seen = seen_now(cases, key)
    patience.spend(since)
    # a packet's connection mark is noted after its own, and the sets are listed one after the other
    seen = seen_now(cases, key)
    return seen


def fragments():
    """How many have passed since the last question."""
    listed = json.loads(run(["nft", "-j", "reset", "counter", "ip6", "watch", "fragments"]))
    return listed["nftables"][1]["counter"]["packets"]


def judge(form, table, case, got, native, shown):
    """What is wrong with a case, or nothing."""
    if tuple(got) == tuple(native):
        return ""
    what = stated(form, table, case)
    if what and tuple(got) == ([case.mark], native[1]):
        shown[what] = shown.get(what, 0) + 1
        return ""
    return f"native {native}, {form} {got}"


def cases_of(args, table, hook, tracked):
    """The same for all forms and backends, so that they can be compared."""
    rnd = random.Random(f"{args.seed} {table} {hook} {tracked}")
    kinds = [k for k in KINDS if k != "fragment"] if tracked else ["fragment", "udp"]
    count = args.cases if tracked else 8
    return [Case(rnd, n, kinds[n % len(kinds)]) for n in range(count + hook.startswith("P"))]


def check_native(table, case, seen):
    """MARK itself does what its manual says; nat sees first packets only, of those with a connection."""
    marks, cts = seen
    passed = table == "nat" and case.kind in UNSEEN_BY_NAT
    want = case.mark if passed else case.wanted()
    if marks != [want]:
        return f"MARK itself leaves {marks}, the manual says {[want]}"
    return f"connection mark {cts}" if cts not in ([], [case.ct]) else ""


def reference(results, table, case, seen):
    """What MARK itself leaves: as it was seen, or as its manual says, where there is none."""
    if results:
        return tuple(results[str(case.number)])
    passed = table == "nat" and case.kind in UNSEEN_BY_NAT
    return [case.mark if passed else case.wanted()], [case.ct] if seen[1] else []


def one_place(args, network, table, hook, tracked, results, shown, patience):
    """All forms and backends in one table and hook: (cases compared, cases wrong)."""
    cases, wrong, count = cases_of(args, table, hook, tracked), 0, 0

    def key(case):
        return network.key(hook, case)

    place = f"{table} {hook}{'' if tracked else ' without conntrack'}"
    for form in args.forms:
        lists, backends = FORMS[form]
        if table not in lists or (not tracked and form == "connmark"):
            continue
        for backend in [b for b in backends if b in args.backends]:
            network.next_round()
            watch(table, hook, cases, key, tracked)
            load(table, hook, backend, form, cases, key, args.backends)
            seen = measure(network, hook, cases, key, patience)
            # CONNMARK, which hmark is followed by, has them put together
            if not tracked and form != "hmark" and not fragments():
                raise SystemExit(f"{place} {backend} {form}: no fragment was seen")
            if form == "native":
                results[place] = {str(n): s for n, s in seen.items()}
            for case in cases:
                native = reference(results.get(place), table, case, seen[case.number])
                why = (check_native(table, case, seen[case.number]) if form == "native" else
                       judge(form, table, case, seen[case.number], native, shown))
                count += form != "native"
                if why and (args.case is None or args.case == case.number):
                    wrong += 1
                    print(f"{place} {backend} {form} case {case.number}: {case}: {why}\n"
                          f"  again: SEED={args.seed} ./21-equivalence --table {table} "
                          f"--hook {hook} --backend {backend} --forms native,{form} "
                          f"--cases {args.cases} --case {case.number}")
    empty(table, args.backends)
    return count, wrong


def arguments():
    p = argparse.ArgumentParser()
    p.add_argument("--forms", default="native,connmark,set,hmark,nft")
    p.add_argument("--table", choices=HOOKS)
    p.add_argument("--hook")
    p.add_argument("--backend", choices=("legacy", "nft"))
    p.add_argument("--case", type=int)
    p.add_argument("--seed", type=int, default=choose_seed())
    p.add_argument("--cases", type=int, default=int(os.environ.get("CASES") or 70))
    args = p.parse_args()
    args.forms = args.forms.split(",")
    args.backends = [args.backend] if args.backend else ["legacy", "nft"]
    if os.environ.get("NO_LEGACY"):
        args.backends = ["nft"]
    return args


def main():
    args = arguments()
    results, shown, count, wrong, patience = {}, {}, 0, 0, Patience()
    with Network() as network:
        for tracked in (True, False):
            for table, hooks in HOOKS.items():
                for hook in hooks:
                    if args.table not in (None, table) or args.hook not in (None, hook) or \
                            (not tracked and (table in ("nat", "security") or
                                              hook in ("INPUT", "OUTPUT"))):
                        continue
                    n, w = one_place(args, network, table, hook, tracked, results, shown,
                                     patience)
                    count, wrong = count + n, wrong + w
    for what, n in sorted(shown.items()):
        print(f"as stated: {what}: {n} cases")
    if not (args.table or args.hook or args.case):
        for form in args.forms:
            for what in STATED.get(form, set()) - set(shown):
                print(f"stated but not seen: {what}")
                wrong += 1
    print(f"{count} cases, {wrong} wrong (SEED={args.seed})")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
