# SPDX-License-Identifier: Apache-2.0
"""What needs a web server, and rsyslogd: the whole program."""
import json
import os
import shutil
import signal
import subprocess
import time

from figures import children, middle, ratios, rounds, run, ticks, until

QUEUED = '''queue.type="LinkedList" queue.size="100000" queue.dequeueBatchSize="%d"
    queue.workerThreads="1" queue.timeoutEnqueue="2000000000"'''
MODES = {
    'no confirmation': 'confirmMessages="off"',
    'confirmMessages': 'confirmMessages="on" confirmTimeout="30000" useTransactions="off"',
    'transactions': 'confirmMessages="on" confirmTimeout="30000" useTransactions="on"',
}
WAITING = ('confirmMessages', 'transactions')  # a reply to each line
RECORDS_AN_EVENT = 4.1


class Sink:
    def __init__(self, b, load, times=False):
        self.b, self.folder = b, b.folder()
        self.report_file, self.times_file = self.folder + '/report', self.folder + '/times'
        argv = [b.exe('bench/sink'), '--port-file', self.folder + '/port', '--report',
                self.report_file, '--want', str(load.events), '--first-serial',
                str(load.first_serial)]
        self.process = b.start(argv + (['--times', self.times_file] if times else []))
        self.port = until(10, self.read_port)

    def read_port(self):
        try:
            with open(self.folder + '/port') as f:
                return f.read().strip()
        except OSError:
            return None

    def report(self):
        try:
            with open(self.report_file) as f:
                return json.load(f)
        except OSError:
            return None

    def signal(self, sig):
        self.process.send_signal(sig)

    def stop(self):
        self.b.stop(self.process)
        report = self.report()
        return report

    def remove(self):
        shutil.rmtree(self.folder)


def command(b, sink, folder, *options):
    return [b.omauditjson, '--config', '/dev/null', '--url',
            'http://127.0.0.1:%s/events' % sink.port, '--receiver', 'ndjson', '--state-dir',
            folder + '/state', '--log', folder + '/log', '--hostname', 'bench'] + list(options)


def talk(b, load, argv, *options):
    r = subprocess.run([b.exe('bench/talk')] + list(options) + [load.path] + argv,
                       stdout=subprocess.PIPE, check=True)
    return json.loads(r.stdout)


# -- 4 -----------------------------------------------------------------------------------------

def serve_file(b, load):
    """The file on standard input, nobody waits for replies."""
    sink, folder = Sink(b, load), b.folder()
    at = time.monotonic_ns()
    r = run(command(b, sink, folder, '--shutdown-timeout', '2m'), stdin=load.path)
    report = sink.stop()
    seconds = (report['last_ns'] - at) / 1e9
    r.update(seconds=seconds, rate=load.events / seconds, delivered=report['distinct'],
             documents=report['documents'], requests=report['requests'])
    sink.remove()
    shutil.rmtree(folder)
    return r


def serve_confirmed(b, load):
    """Line by line, each reply waited for, by a program that is faster than rsyslogd."""
    sink, folder = Sink(b, load), b.folder()
    at = time.monotonic_ns()
    t = talk(b, load, command(b, sink, folder, '--shutdown-timeout', '2m'))
    report = sink.stop()
    seconds = (report['last_ns'] - at) / 1e9
    sink.remove()
    shutil.rmtree(folder)
    return {'seconds': seconds, 'rate': load.events / seconds, 'delivered': report['distinct'],
            'documents': report['documents'], 'requests': report['requests'],
            'cpu': t['user'] + t['system'], 'user': t['user'], 'system': t['system']}


def server(b):
    """Part 4."""
    load = b.loads.ended()
    results = rounds(b.repeat, [('file', lambda: serve_file(b, load)),
                                ('confirmed', lambda: serve_confirmed(b, load))])
    return {name: {'records': load.records, 'events': load.events,
                   'delivered': min(x['delivered'] for x in r),
                   'documents': max(x['documents'] for x in r),
                   'requests': r[0]['requests'],
                   'seconds': middle([x['seconds'] for x in r]),
                   'events_per_second': middle([x['rate'] for x in r]),
                   'user': middle([x['user'] for x in r]),
                   'system': middle([x['system'] for x in r])}
            for name, r in results.items()}


# -- 5 and 6 -------------------------------------------------------------------------------------

def rsyslog_conf(folder, binary, mode, batch, log):
    direct = batch == 0
    return '''global(workDirectory="%s/work" maxMessageSize="64k")
module(load="imfile" mode="inotify")
module(load="omprog")
template(name="line" type="string" string="%%msg%%\\n")
ruleset(name="audit" %s) {
    action(type="omprog" binary="%s" template="line" %s action.resumeRetryCount="-1")
}
input(type="imfile" File="%s" Tag="audit" ruleset="audit"%s)
''' % (folder, 'queue.type="Direct"' if direct else QUEUED % batch, ' '.join(binary), MODES[mode],
       log, ' MaxSubmitAtOnce="1" PersistStateInterval="100"' if direct else '')


class Taken:
    """When omauditjson had taken the last record: its statistics come every 100 ms, what lies
    between two of them is made up by the rate until then."""
    def __init__(self, path, want):
        self.path, self.want, self.seen = path, want, []

    def __call__(self):
        try:
            with open(self.path) as f:
                n = json.load(f)['records']
            at = os.stat(self.path).st_mtime - time.time() + time.monotonic()
        except (OSError, ValueError, KeyError):
            return None
        if not self.seen or n > self.seen[-1][1]:
            self.seen.append((at, n))
        if n < self.want:
            return None
        before = [s for s in self.seen if s[1] < self.want]
        if len(before) < 3:
            return at
        first, last = before[len(before) // 3], before[-1]
        if last[1] == first[1]:
            return at
        rest = (self.want - last[1]) * (last[0] - first[0]) / (last[1] - first[1])
        return min(at, last[0] + rest)


def answered(path):
    def look():
        try:
            with open(path) as f:
                return int(f.read()) / 1000
        except (OSError, ValueError):
            return None
    return look


def through_rsyslog(b, load, who, mode, batch):
    folder = b.folder()
    sink = None
    log, warm = folder + '/audit.log', 20
    if who in ('answer', 'keep'):
        binary, done = [b.exe('bench/answer'), str(load.records), folder + '/done'], \
            answered(folder + '/done')
        binary += [folder + '/kept'] if who == 'keep' else []
    else:
        sink = Sink(b, load)
        binary = command(b, sink, folder, '--stats-file', folder + '/stats', '--stats-interval',
                         '100ms')
        done = Taken(folder + '/stats', load.records)
    os.mkdir(folder + '/work')
    with open(folder + '/conf', 'w') as f:
        f.write(rsyslog_conf(folder, binary, mode, batch, log))
    with open(load.path, 'rb') as f:
        text = f.read()
    cut = 0
    for _ in range(warm):
        cut = text.index(b'\n', cut) + 1
    with open(log, 'wb') as f:
        f.write(text[:cut])
    r = b.start(['/usr/sbin/rsyslogd', '-n', '-f', folder + '/conf', '-i', folder + '/pid'],
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    child = until(20, lambda: children(r.pid))[0]
    time.sleep(0.4)
    before = ticks(r.pid), ticks(child)
    at = time.monotonic()
    with open(log, 'ab') as f:
        f.write(text[cut:])
    end = until(300, done)
    taken = ticks(r.pid), ticks(child)
    result = {'seconds': end - at, 'rate': (load.records - warm) / (end - at),
              'rsyslogd_cpu': taken[0] - before[0], 'child_cpu': taken[1] - before[1]}
    if sink:
        report = until(120, sink.report)
        result['child_cpu'] = ticks(child) - before[1]
        result['delivered'] = report['distinct']
    b.stop(r, wait=60)
    if sink:
        sink.stop()
        sink.remove()
    shutil.rmtree(folder, ignore_errors=True)
    return result


def rsyslog(b):
    """Parts 5 and 6."""
    if not os.path.exists('/usr/sbin/rsyslogd'):
        return None
    load, out = b.loads.busy(120000), []
    cases = [('confirmMessages', 0)] + [(m, n) for m in MODES for n in (32, 128, 1024)]
    if b.quick:
        cases = [('confirmMessages', 0)] + [(m, 1024) for m in MODES]
    for mode, batch in cases:
        r = rounds(min(b.repeat, 3),
                   [(w, lambda w=w: through_rsyslog(b, load, w, mode, batch))
                    for w in ('omauditjson', 'answer', 'keep')[:3 if mode in WAITING else 2]])
        ours, other, keep = r['omauditjson'], r['answer'], r.get('keep')
        out.append({
            'mode': mode, 'batch': batch, 'records': load.records,
            'rate': middle([x['rate'] for x in ours]),
            'answer_rate': middle([x['rate'] for x in other]),
            'ratio': ratios([x['rate'] for x in ours], [x['rate'] for x in other]),
            'keep_ratio': ratios([x['rate'] for x in keep], [x['rate'] for x in other])
            if keep else None,
            'rsyslogd_us': middle([x['rsyslogd_cpu'] * 1e6 / load.records for x in ours]),
            'child_us': middle([x['child_cpu'] * 1e6 / load.records for x in ours]),
            'answer_rsyslogd_us': middle([x['rsyslogd_cpu'] * 1e6 / load.records for x in other]),
            'answer_child_us': middle([x['child_cpu'] * 1e6 / load.records for x in other])})
        print('   %s %s: %.0f/s, answering child %.0f/s' % (
            mode, batch or 'direct', out[-1]['rate']['median'],
            out[-1]['answer_rate']['median']), flush=True)
    return out


# -- 7 -----------------------------------------------------------------------------------------

def remember(b, load, *options, down=False, wait=1000):
    sink, folder = Sink(b, load), b.folder()
    if down:
        sink.signal(signal.SIGUSR1)
    t = talk(b, load, command(b, sink, folder, *options), '--samples', '20', '--wait', str(wait))
    sink.stop()
    sink.remove()
    shutil.rmtree(folder)
    return {'samples': t['memory'], 'rss_kb': t['rss_kb'], 'anon_kb': t['anon_kb'],
            'peak_kb': t['peak_kb'], 'records': load.records}


def memory(b):
    """Part 7."""
    loads = b.loads
    endless = loads.gen('endless', 10000, '--open', '100', '--alone', '0')
    out = {
        'steady': remember(b, loads.busy(), '--shutdown-timeout', '1s'),
        'open': remember(b, endless, '--end-of-event-timeout', '60s', '--shutdown-timeout', '1s',
                         wait=10),
        'down': remember(b, loads.busy(200000), '--window', '256MiB', '--shutdown-timeout', '1s',
                         down=True),
        'megabyte': remember(b, loads.one_megabyte(), '--shutdown-timeout', '1s'),
    }
    out['open']['events'] = endless.events
    return out


# -- 8 -----------------------------------------------------------------------------------------

def read_times(path):
    with open(path) as f:
        return {int(s): int(t) for s, t in (line.split() for line in f)}


def percentile(values, p):
    return values[min(len(values) - 1, int(len(values) * p / 100))]


def delays(b, rate, seconds):
    """From the last line of an event written to the event accepted, ms."""
    load = b.loads.ended(int(rate * seconds * RECORDS_AN_EVENT))
    sink, folder = Sink(b, load, times=True), b.folder()
    written = folder + '/written'
    talk(b, load, command(b, sink, folder), '--rate', str(rate), '--times', written, '--wait',
         '1000')
    sink.stop()
    sent, got = read_times(written), read_times(sink.times_file)
    values = sorted((got[s] - sent[s]) / 1e6 for s in sent if s in got)
    sink.remove()
    shutil.rmtree(folder)
    return {'p50': percentile(values, 50), 'p99': percentile(values, 99), 'max': values[-1],
            'events': len(values), 'lost': len(sent) - len(values)}


def latency(b):
    """Part 8."""
    out = []
    for rate, seconds in ((100, 4), (1000, 4), (5000, 3)):
        r = [delays(b, rate, seconds) for _ in range(min(b.repeat, 3))]
        out.append({'rate': rate, 'events': r[0]['events'],
                    'p50_ms': middle([x['p50'] for x in r]),
                    'p99_ms': middle([x['p99'] for x in r]),
                    'max_ms': middle([x['max'] for x in r])})
    return out


# -- 9 -----------------------------------------------------------------------------------------

def one_batch(b, load, n):
    sink, folder = Sink(b, load), b.folder()
    t = talk(b, load, command(b, sink, folder, '--batch-events', str(n), '--shutdown-timeout',
                              '2m'), '--silent')
    report = sink.stop()
    sink.remove()
    shutil.rmtree(folder)
    return {'cpu': t['user'] + t['system'], 'requests': report['requests'],
            'delivered': report['distinct']}


def batches(b):
    """Part 9, what the whole program shows: events in a request."""
    load = b.loads.busy(60000)
    sizes = (1, 10, 100, 500, 1000)
    r = rounds(min(b.repeat, 3), [(n, lambda n=n: one_batch(b, load, n)) for n in sizes])
    points = [{'x': n, 'us_per_record': middle([x['cpu'] * 1e6 / load.records
                                                for x in r[n]])['median'],
               'cpu': middle([x['cpu'] for x in r[n]]), 'requests': r[n][0]['requests'],
               'delivered': min(x['delivered'] for x in r[n]), 'records': load.records,
               'events': load.events} for n in sizes]
    return {'points': points,
            'last_to_first': ratios([x['cpu'] for x in r[sizes[-1]]],
                                    [x['cpu'] for x in r[sizes[2]]])}
