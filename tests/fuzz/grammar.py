"""Rule lines for tests/fuzz/differential: made from parts or taken from recorded rulesets, and
damaged.  Each is bytes, and comes from one random.Random, so that a seed tells it all."""

import pathlib
import re

DATA = pathlib.Path(__file__).resolve().parent.parent / 'data'

VALUES = ('0', '1', '0x4000', '0x4000/0x4000', '0x1/0x3', '0/0x10000', '1/0', '0x0/0x0',
          '0xff/0x0f', '0xffffffff', '0x80000000/0x80000000', '4294967295',
          '4294967295/4294967295', '0XfF/0Xf', '010', '07/010', '+1', '1/+1', '00',
          '0x00000000000000001', '" 1"', '"\t7/ 2"', '" 0x4/4"')
BAD_VALUES = ('', '""', '-1', '-0', '08', '0x', '0xg', '1x', '1/', '/1', '1/2/3', '1/-1', '0b1',
              '4294967296', '0x100000000', '99999999999999999999999', '1 2', '1 /2', '!', '1/x',
              '\xa01', '"1 "', '1\r', '"-1"', '+-1', '++1', '\v1', "'1'", '1,2', '0x1/4294967296')
OPTIONS = ('--set-xmark', '--set-mark', '--and-mark', '--or-mark', '--xor-mark', '--set-x',
           '--set-m', '--or', '--xor', '--x', '--an', '--and', '--xo')
BAD_OPTIONS = ('! --set-mark', '! --or', '--set', '--set-', '--o', '--a', '--set-xmarks',
               '-set-mark', '--Set-mark', '--mark', '--save-mark', '--restore-mark', '--',
               '--set-mark=', '--xor-mark=1', '!', '')
JUMPS = ('-j', '-j', '-j', '--jump', '--jum', '--ju', '--j')
TARGETS = ('ACCEPT', 'RETURN', 'CONNMARK --set-mark 1', 'CONNMARK --save-mark --mask 0xff',
           'CONNMARK --restore-mark', 'CLASSIFY --set-class 1:2', 'LOG --log-prefix "-j MARK "')
BAD_TARGETS = ('MARK', 'DROP', 'mark', 'MARK2', 'TRACE', 'REJECT', 'CT --notrack',
               'MARK --set-mark 1 -j ACCEPT', '"MARK "')
MATCHES = ('-m comment --comment x', '-m comment --comment "-j MARK --set-mark 9"',
           '-m comment --comment -j', '-m comment --comment "a \\"b\\" c\\\\"',
           '-m comment --comm "MARK"', "-m comment --comment 'a'", '-m mark --mark 0x1/0x1',
           '-m mark ! --mark 1', '-p tcp --dport 80', '-p tcp -m tcp ! --dport 1:2',
           '-p udp --sport 53', '-p 6 --dport 80', '! -p tcp', '-i lo', '! -i eth0',
           '-m limit --limit 1/s', '-m limit --limit 1/s --limit-b 3',
           '-m conntrack --ctstate NEW,RELATED', '-m state --state NEW',
           '-m multiport -p tcp --dports 1,2,3', '-m pkttype --pkt-type unicast',
           '-m statistic --mode random --probability 0.5', '-m connmark --mark 1/2',
           '-m length --length 1:2', '-m addrtype --dst-type LOCAL', '-m tos --tos 0x10/0x3f',
           '-m dscp --dscp 0x10', '-v', '-n -v', '-c 1 2', '--set-counters 3 4',
           '-m quota --quota 5', '-m time --utc', '-m recent --set', '-4', '-6', '--ipv4')
BAD_MATCHES = ('-m comment --comment "open', '-m mark --mark ! 1', '! -m mark --mark 1',
               '--dport 80 -p tcp', '-i eth0 !', '-o lo+', '-m nosuch --opt 1', '-m MARK',
               '-m tcp', '--nosuch 1', '-n', '-x', '-c 1,2', '--set-c 3', '-w', '-w 5',
               '-t mangle', '--table nat', '--', 'word', '! !', '-', '-M /bin/false', '--line-n',
               '-m owner --uid-owner 0', '-m set --match-set none src', '-f', '-p tcp -p udp',
               '-m rateest --rateest x --rateest-lt --rateest-bps 1', '--comment x', '-m comment',
               '-m ""', '-m hashlimit --hashlimit-name h --hashlimit 1/s',
               '-m comment --comment "x"-i lo')
HEADS = ('-A {}', '-A {}', '-A {}', '-I {}', '--append {}', '--app {}', '-A{}', '[1:2] -A {}',
         '[1:2]-A {}', '\t-A {}', ' -A\t{}', '-v -A {}', '"-A" {}', '-A "{}"')
BAD_HEADS = ('[1:2 -A {}', '[] -A {}', '[:5]-A {}', '[1:] -A {}', '[::] -A {}', '-D {}',
             '-D {} 1', '-A {} -A {}', '-A {} 1', '-I {} 1', '-I {} 2', '-I {} x',
             '-N {}x', '-F {}', '-Z {}', '--insert {} 1', '-A {} !')
ENDS = ('',) * 8 + (' ', '\t', ' --', '\0', '\0-j MARK', ' -4', ' -6')
BAD_ENDS = ('\r', ' #', ' !', ' x', ' "', ' ""', ' \\', ' -', '"')
SPOIL = tuple(bytes([c]) for c in b'"\\\'! \t=-/#:[]\r\0\xff\xa0\x0b\x0cjMKx0149')

# What has a meaning of its own for markshim, or is known to end otherwise (see corner.py).
AVOIDED = re.compile(rb'zz-|NFLOG|^\s*-[CERSL]|--(?:che|re|list|ren)|'
                     rb'[ \t"]-[a-zA-Z]*[CERSLVh]|--[vh]|[ \t"]-[a-zA-Z0-9]*[jg][^ \t-]|'
                     rb'--?"?[jg][a-z]*"?=|MARK -|:MARK|-N MARK|^COMMIT')


def recorded():
    """The rules of recorded rulesets that jump to a target which is always there, less
    what is for one family."""
    fit = re.compile(rb'-A \S+ ((?!.*(?:[.]|::|icmp)).*'
                     rb'-j (?:MARK|CONNMARK|ACCEPT|RETURN)\b.*)\n')
    found = set()
    for path in sorted(DATA.glob('*/*')):
        if path.is_file() and 'tables-' in path.name:
            found.update(fit.findall(path.read_bytes()))
    return sorted(found)


class Grammar:
    """Makes items for chains; each is the text of one line without its newline."""

    def __init__(self, random):
        self.random = random
        self.known = recorded()

    def one_of(self, some, few=(), share=0.1):
        return self.random.choice(few if few and self.random.random() < share else some)

    def quoted(self, word):
        """Now and then another spelling of the same word."""
        cut = self.random.randint(0, len(word))
        how = self.random.random()
        if how > 0.15 or '"' in word or '\\' in word:
            return word
        if how > 0.08:
            return f'"{word}"'
        if how > 0.04:
            return f'{word[:cut]}"{word[cut:]}"'
        return f'"{word[:cut]}\\{word[cut:]}"' if cut < len(word) else word

    def mark(self):
        option = self.one_of(OPTIONS, BAD_OPTIONS, 0.05)
        value = self.one_of(VALUES, BAD_VALUES, 0.08)
        if not option.startswith('--set') and '/' in value and self.random.random() < 0.95:
            value = value.split("/")[0] + "\"" * value.startswith("\"")
        glue = '=' if self.random.random() < 0.15 else ' '
        return option + glue + (value if '"' in value or not value else self.quoted(value))

    def target(self):
        """-j, and what belongs behind it; perhaps with a match in between."""
        jump = self.one_of(JUMPS, ('-g', '--goto', '! -j'), 0.02)
        if self.random.random() < 0.15:
            return [f'{jump} {self.one_of(TARGETS, BAD_TARGETS)}']
        parts = [f'{jump} {self.quoted("MARK")}']
        if self.random.random() < 0.25:
            parts.append(self.one_of(MATCHES, BAD_MATCHES, 0.05))
        return parts + [self.mark()] * self.one_of((1,), (0, 2), 0.02)

    def made(self, chain):
        matches = self.one_of((0, 0, 1, 1, 2))
        parts = [self.one_of(MATCHES, BAD_MATCHES, 0.05) for _ in range(matches)]
        at = self.random.randint(0, len(parts))
        parts[at:at] = self.target()
        head = self.one_of(HEADS, BAD_HEADS, 0.05).format(chain, chain)
        blank = self.one_of((' ',), ('\t', '  ', ' \t '), 0.1)
        line = blank.join([head] + parts) + self.one_of(ENDS, BAD_ENDS, 0.03)
        return line.encode('latin-1')

    def damaged(self, line):
        """A byte or a word is gone, doubled, changed or moved."""
        for _ in range(self.random.randint(1, 2)):
            at = self.random.randint(0, len(line))
            end = min(len(line), at + self.one_of((1, 1, 1, 2, 5)))
            words = line.split(b' ')
            i, j = (self.random.randrange(len(words)) for _ in range(2))
            line = self.one_of((
                lambda: line[:at] + line[end:],
                lambda: line[:at] + self.one_of(SPOIL) + line[at:],
                lambda: line[:at] + self.one_of(SPOIL) + line[end:],
                lambda: line[:end] + line[at:],
                lambda: b' '.join(words[:i] + words[i + 1:]),
                lambda: b' '.join(words[:i] + [words[j]] + words[i:]),
                lambda: b' '.join(words[:i] + [words[j]] + words[i + 1:]),
            ))()
        return line

    def item(self, chain):
        while True:
            if self.random.random() < 0.15:
                line = b'-A %s %s' % (chain.encode(), self.one_of(self.known))
            else:
                line = self.made(chain)
            if self.random.random() < 0.15:
                line = self.damaged(line)
            if self.random.random() < 0.01:
                line += b' ' * (10239 - len(line) + self.random.randint(-2, 2))
            if b'\n' not in line and line and not AVOIDED.search(line):
                return line
