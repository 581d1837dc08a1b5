# SPDX-License-Identifier: Apache-2.0
"""What needs neither rsyslogd nor a server: convert, and the others that turn records into JSON."""
import os
import re
import shutil
import subprocess

from figures import instructions, middle, ratios, rounds, run

COUNTED = 20000  # records for the count of instructions


def convert_command(b, *options):
    return [b.omauditjson, '--config', '/dev/null', '--hostname', 'bench'] + list(options) + \
        ['convert']


def run_laurel(b, load):
    folder = b.folder()
    with open(folder + '/config.toml', 'w') as f:
        f.write('directory = "%s"\n[auditlog]\nfile = "audit.log"\nsize = 4000000000\n'
                'generations = 1\n' % folder)
    r = run([b.laurel, '--config', folder + '/config.toml'], stdin=load.path, cwd=folder)
    with open(folder + '/audit.log', 'rb') as f:
        r['events'] = sum(1 for _ in f)
    shutil.rmtree(folder)
    return r


def run_audisp_json(b, load):
    folder = b.folder()
    r = run([os.path.abspath(b.audisp_json)], stdin=load.path, stdout=folder + '/out', cwd=folder)
    r['bytes'] = os.path.getsize(folder + '/out')
    shutil.rmtree(folder)
    return r


def contenders(b, load):
    out = [('omauditjson', lambda: run(convert_command(b) + [load.path])),
           ('floor', lambda: run([b.exe('bench/floor'), load.path]))]
    if b.laurel:
        out.append(('laurel', lambda: run_laurel(b, load)))
    if b.audisp_json:
        out.append(('audisp-json', lambda: run_audisp_json(b, load)))
    return out


def row(load, results):
    cpu = [r['cpu'] for r in results]
    m = middle(cpu)
    out = {'cpu': m, 'wall': middle([r['wall'] for r in results]),
           'us_per_record': m['median'] * 1e6 / load.records,
           'records_per_cpu_second': load.records / m['median'] if m['median'] else None,
           'records_per_second': load.records / middle([r['wall'] for r in results])['median']}
    if 'events' in results[0]:
        out['events_written'] = results[0]['events']
    return out


def count_instructions(b, load):
    """Per record, without what a start costs: the difference of two lengths."""
    with open(load.path, 'rb') as f:
        lines = [f.readline() for _ in range(min(COUNTED, load.records))]
    short, whole = b.work + '/count1.log', b.work + '/count2.log'
    for path, n in ((short, len(lines) // 10), (whole, len(lines))):
        with open(path, 'wb') as f:
            f.writelines(lines[:n])
    n = len(lines) - len(lines) // 10
    out = {}
    for name, command in (('omauditjson', convert_command(b)), ('floor', [b.exe('bench/floor')])):
        a, z = instructions(b, command + [short]), instructions(b, command + [whole])
        out[name] = (z - a) / n if a and z else None
    return out


def convert(b):
    """Parts 1, 2 and 3."""
    out = {'loads': {}}
    for name, load in (('busy', b.loads.busy()), ('mixed', b.loads.mixed()),
                       ('long arguments', b.loads.long_argv())):
        whole = name == 'busy'
        who = contenders(b, load) if whole else contenders(b, load)[:2]
        results = rounds(b.repeat, who)
        ours = [r['cpu'] for r in results['omauditjson']]
        entry = {'records': load.records, 'bytes': load.bytes, 'events': load.events,
                 'programs': {n: row(load, r) for n, r in results.items()},
                 'ratio_to_floor': ratios(ours, [r['cpu'] for r in results['floor']])}
        for other in ('laurel', 'audisp-json'):
            if other in results:
                entry['less_than_' + other] = ratios([r['cpu'] for r in results[other]], ours)
        out['loads'][name] = entry
    out['instructions'] = count_instructions(b, b.loads.busy())
    return out


def formats(b):
    text = subprocess.run([b.omauditjson, '--help'], capture_output=True, text=True).stdout
    m = re.search(r'--format ([a-z0-9|-]+)', text)
    return m.group(1).split('|') if m else []


def series(b, points):
    """Cost per record of convert for [(x, options, load)], in turn."""
    who = [(x, lambda o=options, l=load: run(convert_command(b, *o) + [l.path]))
           for x, options, load in points]
    results = rounds(b.repeat, who)
    out = [dict(row(load, results[x]), x=x, records=load.records, events=load.events)
           for x, _, load in points]
    first = [r['cpu'] / points[0][2].records for r in results[points[0][0]]]
    last = [r['cpu'] / points[-1][2].records for r in results[points[-1][0]]]
    return {'points': out, 'last_to_first': ratios(last, first)}


def scaling(b):
    """Part 9, what convert shows."""
    loads = b.loads
    keep = ('--max-open-events', '100000')
    return {
        'open': series(b, [(n, keep, loads.many_open(n)) for n in (10, 100, 1000, 10000)]),
        'hosts': series(b, [(n, (), loads.hosts(n)) for n in (1, 10, 100, 1000)]),
        'attack': series(b, [('a short event behind each record', (), loads.no_attack()),
                             ('an endless SECCOMP event behind each record', (),
                              loads.attack())]),
        'formats': series(b, [(f, ('--format', f), loads.busy(120000)) for f in formats(b)]),
        'details': series(b, [(d, ('--details', d), loads.busy(120000))
                              for d in ('full', 'compatible')]),
    }
