# SPDX-License-Identifier: Apache-2.0
"""The input: a real log, repeated with other serials and times; synthetic ones of tests/oracle/gen
with a fixed seed; what an attacker can bring about."""
import lzma
import os
import re
import subprocess

STAMP = re.compile(rb'audit\((\d+)\.(\d+):(\d+)\)')
SERIALS = 100000  # between two copies of the busy log: more than it has
SECONDS = 3600
WHOLE = 256513  # records: the length of the log with which others were measured
ENDS = re.compile(rb'(?:node=\S+ )?type=(?:PROCTITLE|EOE|(?:USER|CRED|SERVICE|DAEMON|SYSTEM)_\w+) ')


class Loads:
    def __init__(self, b, tree):
        self.b, self.tree = b, tree
        data = os.path.join(tree, 'tests/data/busy-enriched.log.xz')
        with lzma.open(data) as f:
            self.busy_lines = f.read().splitlines(keepends=True)
        self.made = {}

    def make(self, name, lines):
        path = os.path.join(self.b.work, name + '.log')
        with open(path, 'wb') as f:
            f.writelines(lines)
        load = Load(path, lines)
        self.made[name] = load
        return load

    def busy_copy(self, n):
        """The n-th copy: later, and with serials of its own."""
        def shift(m):
            return b'audit(%d.%s:%d)' % (int(m[1]) + n * SECONDS, m[2], int(m[3]) + n * SERIALS)
        return [STAMP.sub(shift, line, count=1) for line in self.busy_lines]

    def busy(self, records=WHOLE):
        """A real log of so many records, enriched."""
        if self.b.quick:
            records //= 10
        name = 'busy%d' % records
        if name not in self.made:
            lines, n = [], 0
            while len(lines) < records:
                lines += self.busy_copy(n) if n else self.busy_lines
                n += 1
            self.make(name, lines[:records])
        return self.made[name]

    def ended(self, records=WHOLE):
        """The same without the events that nothing but the time-out ends: they would show that."""
        name = 'ended%d' % records
        if name not in self.made:
            lines = open(self.busy(records).path, 'rb').read().splitlines(keepends=True)
            done = set(STAMP.search(line)[0] for line in lines if ENDS.match(line))
            self.make(name, [line for line in lines if STAMP.search(line)[0] in done])
        return self.made[name]

    def gen(self, name, events, *options):
        if self.b.quick:
            events //= 10
        if name not in self.made:
            r = subprocess.run([self.b.exe('tests/oracle/gen'), '--seed', '5', '--events',
                                str(events)] + list(options), stdout=subprocess.PIPE, check=True)
            self.make(name, r.stdout.splitlines(keepends=True))
        return self.made[name]

    def mixed(self):
        return self.gen('mixed', 40000, '--width', '8', '--long', '5', '--enriched')

    def long_argv(self):
        return self.gen('long', 10000, '--long', '80', '--alone', '0')

    def many_open(self, width):
        return self.gen('open%d' % width, 60000, '--width', str(width), '--enriched')

    def hosts(self, n):
        """The mixed load as so many hosts send it to a relay, event by event in turn."""
        name = 'hosts%d' % n
        if name not in self.made:
            lines = []
            with open(self.mixed().path, 'rb') as f:
                for line in f:
                    serial = int(STAMP.search(line)[3])
                    lines.append(b'node=host%d.example.org ' % (serial % n) + line)
            self.make(name, lines)
        return self.made[name]

    def single(self, record_type):
        """Behind each record one of an event of its own."""
        name = 'single-' + record_type.decode()
        if name not in self.made:
            lines, serial = [], 900000000
            with open(self.mixed().path, 'rb') as f:
                for line in f:
                    m = STAMP.search(line)
                    serial += 1
                    lines.append(line)
                    lines.append(b'type=%s msg=audit(%s.%s:%d): auid=1000 uid=1000 gid=1000 '
                                 b'ses=3 pid=%d comm="attack" exe="/tmp/attack" sig=31 '
                                 b'arch=c000003e syscall=435 compat=0 ip=0x7f00 code=0x80000000\n'
                                 % (record_type, m[1], m[2], serial, 1000 + serial % 30000))
            self.make(name, lines)
        return self.made[name]

    def attack(self):
        """Events that have no end: anybody can bring them about."""
        return self.single(b'SECCOMP')

    def no_attack(self):
        """As many, but of a kind that ends at once."""
        return self.single(b'USER_CMD')

    def one_megabyte(self):
        """Lines of 1 MiB: an EXECVE record as no kernel writes it, within its event."""
        if 'megabyte' not in self.made:
            lines = []
            for i in range(3 if self.b.quick else 20):
                head = b'msg=audit(1795356082.%03d:%d): ' % (i, 5000 + i)
                lines += [b'type=SYSCALL ' + head + b'arch=c000003e syscall=59 success=yes exit=0 '
                          b'ppid=1 pid=2 auid=0 uid=0 comm="a" exe="/bin/a" key=(null)\n',
                          b'type=EXECVE ' + head + b'argc=1 a0="' + b'x' * ((1 << 20) - 100) +
                          b'"\n',
                          b'type=PROCTITLE ' + head + b'proctitle="a"\n']
            self.make('megabyte', lines)
        return self.made['megabyte']


class Load:
    def __init__(self, path, lines):
        self.path = path
        self.records = len(lines)
        self.bytes = sum(len(line) for line in lines)
        serials = set()
        first = None
        for line in lines:
            m = STAMP.search(line[:400])
            serials.add(m[0] if b'node=' not in line[:5] else line[:line.index(b' ')] + m[0])
            first = int(m[3]) if first is None else min(first, int(m[3]))
        self.events, self.first_serial = len(serials), first
