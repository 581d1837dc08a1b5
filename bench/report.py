# SPDX-License-Identifier: Apache-2.0
"""RESULTS.md and its plots out of the results."""
import math
import os


def number(v, digits=3):
    if v is None:
        return '-'
    if v >= 1000:
        return '{:,.0f}'.format(v)
    return ('%.*g' % (digits, v)) if v < 100 else '%.0f' % v


def spread(m, digits=3):
    if not m:
        return '-'
    if m['min'] == m['max']:
        return number(m['median'], digits)
    return '%s (%s to %s)' % tuple(number(m[k], digits) for k in ('median', 'min', 'max'))


def table(head, rows):
    out = ['| ' + ' | '.join(head) + ' |', '|' + '---|' * len(head)]
    out += ['| ' + ' | '.join(str(c) for c in row) + ' |' for row in rows]
    return '\n'.join(out) + '\n'


# -- goals -------------------------------------------------------------------------------------

class Goals:
    def __init__(self):
        self.rows = []

    def at_most(self, part, what, value, goal, unit=''):
        self.add(part, what, value, goal, unit, 'at most', lambda v: v / goal)

    def at_least(self, part, what, value, goal, unit=''):
        self.add(part, what, value, goal, unit, 'at least', lambda v: goal / v if v else math.inf)

    def add(self, part, what, value, goal, unit, word, how):
        if value is None:
            self.rows.append((part, what, 'not measured', '%s %s%s' % (word, number(goal), unit),
                              '-', '-'))
            return
        over = how(value)
        self.rows.append((part, what, number(value) + unit, '%s %s%s' % (word, number(goal), unit),
                          '%.2f' % (value / goal if goal else 0),
                          'met' if over <= 1 else '**missed** by a factor of %.2f' % over))

    def text(self):
        return table(('part', 'goal', 'ours', 'wanted', 'ours/wanted', ''), self.rows)


def get(results, *path):
    for key in path:
        if results is None:
            return None
        try:
            results = results[key]
        except (KeyError, IndexError, TypeError):
            return None
    return results


def flatness(points):
    """The dearest point over the cheapest."""
    costs = [p['us_per_record'] for p in points or []]
    return max(costs) / min(costs) if costs else None


def goals(r):
    g = Goals()
    busy = get(r, 'convert', 'loads', 'busy')
    g.at_most(1, 'CPU of convert, in times the floor', get(busy, 'ratio_to_floor', 'median'), 1.65)
    g.at_least(1, 'times less CPU than laurel', get(busy, 'less_than_laurel', 'median'), 5)
    g.at_least(1, 'times less CPU than audisp-json', get(busy, 'less_than_audisp-json', 'median'),
               8)
    served = get(r, 'server', 'file')
    delivered = served['delivered'] / served['events'] if served else None
    g.at_least(4, 'events delivered, of all', delivered, 1)
    g.at_least(4, 'events a second, a file to a web server',
               get(served, 'events_per_second', 'median'), 80000, '/s')
    for row in get(r, 'rsyslog') or []:
        g.at_least(5, '%s, batch %s: times the answering child' % (
            row['mode'], row['batch'] or 'direct'), get(row, 'ratio', 'median'), 0.95)
    mib = lambda kb: kb / 1024 if kb else None
    g.at_most(7, 'memory, steady', mib(get(r, 'memory', 'steady', 'rss_kb')), 12, ' MiB')
    g.at_most(7, 'memory, 10,000 open events', mib(get(r, 'memory', 'open', 'rss_kb')), 64, ' MiB')
    g.at_most(7, 'memory, receiver down: last over the tenth part', flat_down(r), 1.1)
    for row in get(r, 'latency') or []:
        g.at_most(8, 'p99 at %s events/s' % number(row['rate']), row['p99_ms']['median'], 100,
                  ' ms')
    for name, what in (('open', 'open events, 10 to 10,000'), ('hosts', 'hosts, 1 to 1,000')):
        g.at_most(9, 'cost per record over ' + what,
                  flatness(get(r, 'scaling', name, 'points')), 1.3)
    g.at_most(9, 'cost per record, attacked over not', get(r, 'scaling', 'attack', 'last_to_first',
                                                          'median'), 1.3)
    points = get(r, 'batches', 'points')
    g.at_most(9, 'cost per record over batch size, 100 to 1,000',
              flatness([p for p in points if p['x'] >= 100]) if points else None, 1.3)
    return g.text()


def flat_down(r):
    samples = get(r, 'memory', 'down', 'samples')
    if not samples:
        return None
    return samples[-1][1] / samples[max(1, len(samples) // 10)][1]


# -- plots -------------------------------------------------------------------------------------

WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM = 640, 320, 70, 40, 20, 50
COLOURS = ('#1f6feb', '#d1242f', '#1a7f37', '#9a6700')


def escape(text):
    return str(text).replace('&', '&amp;').replace('<', '&lt;').replace('>', '&gt;')


def frame(title, y_label, top, parts):
    height = HEIGHT - TOP - BOTTOM
    out = ['<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" '
           'font-size="12">' % (WIDTH, HEIGHT),
           '<rect width="%d" height="%d" fill="#fff"/>' % (WIDTH, HEIGHT),
           '<text x="%d" y="20" font-size="14">%s</text>' % (LEFT, escape(title)),
           '<text x="%d" y="34" fill="#666">%s</text>' % (LEFT, escape(y_label))]
    for i in range(5):
        y = TOP + height - height * i / 4
        out.append('<line x1="%d" x2="%d" y1="%.1f" y2="%.1f" stroke="#ddd"/>'
                   % (LEFT, WIDTH - RIGHT, y, y))
        out.append('<text x="%d" y="%.1f" text-anchor="end">%s</text>'
                   % (LEFT - 6, y + 4, number(top * i / 4)))
    return '\n'.join(out + parts + ['</svg>']) + '\n'


def round_up(v):
    if v <= 0:
        return 1
    step = 10 ** math.floor(math.log10(v))
    return next(step * k for k in (1, 1.5, 2, 3, 4, 5, 6, 8, 10) if step * k >= v)


def bars(path, title, y_label, items):
    """[(name, value)]"""
    items = [(n, v) for n, v in items if v is not None]
    if not items:
        return
    top = round_up(max(v for _, v in items))
    room = (WIDTH - LEFT - RIGHT) / len(items)
    height = HEIGHT - TOP - BOTTOM
    parts = []
    for i, (name, v) in enumerate(items):
        h, x = height * v / top, LEFT + i * room
        parts.append('<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" fill="%s"/>'
                     % (x + room * .2, TOP + height - h, room * .6, h,
                        COLOURS[0 if 'omauditjson' in name else 1]))
        parts.append('<text x="%.1f" y="%.1f" text-anchor="middle">%s</text>'
                     % (x + room / 2, TOP + height - h - 4, number(v)))
        for k, word in enumerate(name.split('\n')):
            parts.append('<text x="%.1f" y="%d" text-anchor="middle">%s</text>'
                         % (x + room / 2, TOP + height + 16 + 14 * k, escape(word)))
    with open(path, 'w') as f:
        f.write(frame(title, y_label, top, parts))


def lines(path, title, y_label, x_label, series, log=False):
    """{name: [(x, y)]}"""
    series = {n: p for n, p in series.items() if p}
    if not series:
        return
    xs = [x for p in series.values() for x, _ in p]
    scale = (lambda x: math.log10(max(x, 1))) if log else (lambda x: x)
    low, high = scale(min(xs)), scale(max(xs))
    top = round_up(max(y for p in series.values() for _, y in p))
    width, height = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM
    place = lambda x: LEFT + width * (scale(x) - low) / ((high - low) or 1)
    parts = ['<text x="%d" y="%d" text-anchor="middle" fill="#666">%s</text>'
             % (LEFT + width / 2, HEIGHT - 8, escape(x_label))]
    ticks = sorted(set(xs)) if len(set(xs)) < 8 else [min(xs), max(xs)]
    for x in ticks:
        parts.append('<text x="%.1f" y="%d" text-anchor="middle">%s</text>'
                     % (place(x), HEIGHT - BOTTOM + 16, number(x)))
    for i, (name, p) in enumerate(series.items()):
        at = ['%.1f,%.1f' % (place(x), TOP + height - height * y / top) for x, y in sorted(p)]
        parts.append('<polyline points="%s" fill="none" stroke="%s" stroke-width="2"/>'
                     % (' '.join(at), COLOURS[i % 4]))
        parts.append('<text x="%d" y="%d" fill="%s" text-anchor="end">%s</text>'
                     % (WIDTH - RIGHT, TOP + 14 * (i + 1), COLOURS[i % 4], escape(name)))
    with open(path, 'w') as f:
        f.write(frame(title, y_label, top, parts))


def plots(r, folder):
    os.makedirs(folder, exist_ok=True)
    done = []

    def plot(name, function, *args, **how):
        path = os.path.join(folder, name + '.svg')
        function(path, *args, **how)
        if os.path.exists(path):
            done.append('![%s](plots/%s.svg)' % (args[0], name))

    busy = get(r, 'convert', 'loads', 'busy', 'programs') or {}
    plot('convert', bars, 'CPU for a record, records to JSON', 'microseconds, median',
         [(n.replace('floor', "floor\nlibauparse's feed alone"), p['us_per_record'])
          for n, p in busy.items()])
    rows = [x for x in get(r, 'rsyslog') or [] if x['batch'] in (0, 1024)]
    plot('rsyslog', bars, 'Through rsyslogd and omprog', 'records a second, median',
         [('%s\n%s' % (who, x['mode'] if x['batch'] else 'direct'), get(x, key, 'median'))
          for x in rows for who, key in (('omauditjson', 'rate'), ('answering', 'answer_rate'))])
    plot('memory', lines, 'Memory over the records taken', 'MiB resident', 'records',
         {what: [(n, kb / 1024) for n, kb in get(r, 'memory', key, 'samples') or []]
          for key, what in (('steady', 'receiver up'), ('down', 'receiver down'))})
    plot('latency', lines, 'From the last line written to the event accepted', 'milliseconds',
         'events a second',
         {p: [(x['rate'], x[p + '_ms']['median']) for x in get(r, 'latency') or []]
          for p in ('p50', 'p99')}, log=True)
    for name, x_label in (('open', 'open events'), ('hosts', 'hosts')):
        plot(name, lines, 'Cost against the number of ' + x_label, 'microseconds a record', x_label,
             {'convert': [(p['x'], p['us_per_record'])
                          for p in get(r, 'scaling', name, 'points') or []]}, log=True)
    plot('batches', lines, 'Cost against the events in a request',
         'microseconds a record, the whole program', 'events',
         {'omauditjson': [(p['x'], p['us_per_record'])
                          for p in get(r, 'batches', 'points') or []]}, log=True)
    return '\n\n'.join(done)


# -- tables ------------------------------------------------------------------------------------

def convert_text(c):
    rows = []
    for load, x in c['loads'].items():
        for name, p in x['programs'].items():
            rows.append((load, name, '{:,}'.format(x['records']), spread(p['cpu']),
                         number(p['us_per_record']), number(p['records_per_second'])))
    out = table(('load', 'program', 'records', 'CPU seconds', 'us/record', 'records/s'), rows)
    for load, x in c['loads'].items():
        out += '\n%s: CPU %s times the floor' % (load, spread(x['ratio_to_floor']))
        for other in ('laurel', 'audisp-json'):
            if 'less_than_' + other in x:
                out += '; %s needs %s times ours' % (other, spread(x['less_than_' + other]))
        out += '.\n'
    n = c['instructions']
    if n.get('omauditjson'):
        out += '\nInstructions a record (valgrind): %s, the floor %s, ratio %.2f.\n' % (
            number(n['omauditjson']), number(n['floor']), n['omauditjson'] / n['floor'])
    return out


def server_text(s):
    names = {'file': 'the file on standard input, no replies',
             'confirmed': 'line by line, each reply waited for (no rsyslogd)'}
    return table(('how', 'events', 'delivered', 'seconds to the last', 'events/s',
                  'user s', 'system s', 'requests'),
                 [(names[n], '{:,}'.format(x['events']), '{:,}'.format(x['delivered']),
                   spread(x['seconds']), spread(x['events_per_second']), spread(x['user']),
                   spread(x['system']), x['requests']) for n, x in s.items()])


def rsyslog_text(rows):
    return table(('mode', 'batch', 'records/s', 'answering child', 'ratio',
                  'ratio of one that writes, answers and does nothing else', 'rsyslogd us/record',
                  'ours us/record', 'with the answering child: rsyslogd', 'child'),
                 [(x['mode'], x['batch'] or 'direct', spread(x['rate']), spread(x['answer_rate']),
                   spread(x['ratio']), spread(x['keep_ratio'])) + tuple(
                       number(x[k]['median'])
                       for k in ('rsyslogd_us', 'child_us', 'answer_rsyslogd_us', 'answer_child_us'))
                  for x in rows])


def memory_text(m):
    names = {'steady': 'receiver up', 'open': '10,000 open events', 'down': 'receiver down',
             'megabyte': 'lines of 1 MiB'}
    return table(('when', 'records', 'MiB at the end', 'of it our own (anonymous)', 'peak MiB'),
                 [(names[n], '{:,}'.format(x['records']), number(x['rss_kb'] / 1024),
                   number(x['anon_kb'] / 1024), number(x['peak_kb'] / 1024))
                  for n, x in m.items()])


def latency_text(rows):
    return table(('events/s', 'events', 'p50 ms', 'p99 ms', 'longest ms'),
                 [(number(x['rate']), x['events'], spread(x['p50_ms']), spread(x['p99_ms']),
                   spread(x['max_ms'])) for x in rows])


def scaling_text(s):
    out = []
    for name, x_label in (('open', 'open events'), ('hosts', 'hosts'), ('attack', 'load'),
                          ('formats', 'format'), ('details', 'details')):
        points = get(s, name, 'points')
        if points:
            out.append(table((x_label, 'records', 'us/record', 'CPU seconds'),
                             [(number(p['x']) if isinstance(p['x'], int) else p['x'],
                               '{:,}'.format(p['records']), number(p['us_per_record']),
                               spread(p['cpu'])) for p in points]))
    return '\n'.join(out)


def batches_text(s):
    return table(('events in a request', 'requests', 'us/record', 'CPU seconds'),
                 [(p['x'], p['requests'], number(p['us_per_record']), spread(p['cpu']))
                  for p in s['points']])


HEAD = '''# What it costs, and against what

Written by `bench/run`; do not edit. Medians of %d rounds in which all programs took turns, with the
lowest and the highest in parentheses; memory is of one run. CPU is user and system of the whole
process. "The floor" is libauparse's feed with an empty call-back: what parsing with it costs before
anything is done. The server is one that does nothing but count (`bench/sink.c`).

%s, %d cores, %s GiB, kernel %s, %s, %s, libauparse %s, %s, laurel: %s.%s

## Goals

'''


def write(r, out):
    m = r['machine']
    note = ''
    if m['load_before'] > 0.5:
        note = ' Load before the start: %.1f, so others were at work: trust ratios only.' % \
            m['load_before']
    if r['quick']:
        note += ' `--quick`: a tenth of the input.'
    text = HEAD % (r['repeat'], m['cpu'], m['cores'], m['memory_gib'], m['kernel'], m['system'],
                   m['rsyslogd'], m['libauparse'], m['compiler'], m['laurel'], note)
    text += goals(r) + '\n' + plots(r, os.path.join(out, 'plots')) + '\n'
    for key, title, function in (
            ('convert', '1, 2, 3: records to JSON', convert_text),
            ('server', '4: a file to a web server', server_text),
            ('rsyslog', '5, 6: through rsyslogd and omprog', rsyslog_text),
            ('memory', '7: memory', memory_text),
            ('latency', '8: from the last line written to the event accepted', latency_text),
            ('scaling', '9: what the cost depends on', scaling_text),
            ('batches', '9: events in a request', batches_text)):
        if r.get(key):
            text += '\n## %s\n\n%s' % (title, function(r[key]))
    notes = os.path.join(os.path.dirname(os.path.realpath(__file__)), 'NOTES.md')
    if os.path.exists(notes):
        with open(notes) as f:
            text += '\n' + f.read()
    with open(os.path.join(out, 'RESULTS.md'), 'w') as f:
        f.write(text)
