"""The text format that node_exporter's textfile collector reads, as strictly as its manual has it."""

import re

NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*'
SAMPLE = re.compile(rf'({NAME})(?:\{{((?:[a-zA-Z_]\w*="[^"\\\n]*",?)*)\}})? (-?[0-9]+(?:\.[0-9]+)?)')
LABEL = re.compile(r'([a-zA-Z_]\w*)="([^"\\\n]*)"(?:,|$)')


def read(text, prefix):
    """{(name, ((label, value), ...)): number}.  ValueError names the line that is not as it ought
    to be."""
    samples, types, helped, last = {}, {}, set(), None
    if not text.endswith('\n'):
        raise ValueError('no newline at the end')
    for line in text[:-1].split('\n'):
        def wrong(why, line=line):
            raise ValueError(f'{why}: {line!r}')

        if line.startswith('#'):
            word = re.fullmatch(rf'# (HELP|TYPE) ({NAME}) (\S.*)', line) or wrong('no comment of ours')
            what, name, rest = word.groups()
            name.startswith(prefix) or wrong('prefix')
            if what == 'HELP':
                name in helped and wrong('helped twice')
                helped.add(name)
                last = name
            else:
                name in types and wrong('typed twice')
                name == last or wrong('TYPE without its HELP before it')
                rest in ('gauge', 'counter') or wrong('type')
                types[name] = rest
            continue
        found = SAMPLE.fullmatch(line) or wrong('no sample, or one with a timestamp')
        name, labels, number = found.groups()
        name == last or wrong('stands among others')
        name in types or wrong('no TYPE before it')
        (types[name] == 'counter') == name.endswith('_total') or wrong('_total is for counters')
        pairs = LABEL.findall(labels or '')
        len({key for key, _ in pairs}) == len(pairs) or wrong('a label twice')
        key = name, tuple(sorted(pairs))
        key in samples and wrong('a sample twice')
        samples[key] = float(number)
    return samples
