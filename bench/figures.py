# SPDX-License-Identifier: Apache-2.0
"""Running a command and knowing what it cost; medians; the machine."""
import os
import platform
import re
import shutil
import signal
import statistics
import subprocess
import time


class Bench:
    def __init__(self, build, work, quick, repeat, laurel, audisp_json):
        self.build, self.work, self.quick, self.repeat = build, work, quick, repeat
        self.laurel, self.audisp_json = laurel, audisp_json
        self.loads = None
        self.running = []
        self.n_folders = 0

    def exe(self, name):
        return os.path.join(self.build, name)

    @property
    def omauditjson(self):
        return self.exe('omauditjson/omauditjson')

    def folder(self):
        """A new empty folder below the work folder."""
        self.n_folders += 1
        path = os.path.join(self.work, 'run%d' % self.n_folders)
        os.mkdir(path)
        return path

    def start(self, argv, **how):
        p = subprocess.Popen(argv, **how)
        self.running.append(p)
        return p

    def stop(self, p, sig=signal.SIGTERM, wait=30):
        """End a process that we started; its rusage."""
        if p in self.running:
            self.running.remove(p)
        if p.poll() is None:
            p.send_signal(sig)
        try:
            p.wait(wait)
        except subprocess.TimeoutExpired:
            p.kill()
            p.wait()

    def stop_all(self):
        for p in list(self.running):
            self.stop(p, wait=5)


def run(argv, stdin=None, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=None, ok=(0,)):
    """Run to the end: wall and CPU seconds."""
    files = [open(f, m) for f, m in ((stdin, 'rb'),) if f]
    if isinstance(stdout, str):
        stdout = open(stdout, 'wb')
        files.append(stdout)
    at = time.monotonic()
    p = subprocess.Popen(argv, stdin=files[0] if stdin else subprocess.DEVNULL, stdout=stdout,
                         stderr=stderr, cwd=cwd)
    _, status, ru = os.wait4(p.pid, 0)
    p.returncode = os.waitstatus_to_exitcode(status)
    wall = time.monotonic() - at
    for f in files:
        f.close()
    if p.returncode not in ok:
        raise RuntimeError('%s: exit status %d' % (' '.join(argv), p.returncode))
    return {'wall': wall, 'cpu': ru.ru_utime + ru.ru_stime, 'user': ru.ru_utime,
            'system': ru.ru_stime}


def instructions(b, argv):
    """Instructions that the program executes, counted by valgrind; None without it."""
    if not shutil.which('valgrind'):
        return None
    folder = b.folder()
    r = subprocess.run(['valgrind', '--tool=callgrind', '--callgrind-out-file=' + folder + '/out',
                        '--log-file=' + folder + '/log'] + argv, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)
    with open(folder + '/log') as f:
        m = re.search(r'Collected : (\d+)', f.read())
    return int(m.group(1)) if r.returncode == 0 and m else None


def middle(values):
    """Median and the ends."""
    values = sorted(v for v in values if v is not None)
    if not values:
        return None
    return {'median': statistics.median(values), 'min': values[0], 'max': values[-1],
            'n': len(values)}


def rounds(repeat, contenders):
    """Each contender once a round, so that a machine that drifts drifts for all; the order turns
    around each time. {name: [results]}"""
    out = {name: [] for name, _ in contenders}
    for i in range(repeat):
        for name, function in contenders if i % 2 == 0 else reversed(contenders):
            out[name].append(function())
    return out


def ratios(a, b):
    """a/b of the same round."""
    return middle([x / y for x, y in zip(a, b) if x is not None and y])


def ticks(pid):
    """CPU seconds of a running process."""
    try:
        with open('/proc/%d/stat' % pid) as f:
            fields = f.read().rsplit(')', 1)[1].split()
    except OSError:
        return None
    return (int(fields[11]) + int(fields[12])) / os.sysconf('SC_CLK_TCK')


def children(pid):
    out = []
    for task in os.listdir('/proc/%d/task' % pid):
        try:
            with open('/proc/%d/task/%s/children' % (pid, task)) as f:
                out += [int(c) for c in f.read().split()]
        except OSError:
            pass
    return out


def until(seconds, function):
    """What the function returns once it returns something; an error after so long."""
    end = time.monotonic() + seconds
    while True:
        r = function()
        if r:
            return r
        if time.monotonic() > end:
            raise RuntimeError('nothing came of it within %d s' % seconds)
        time.sleep(0.005)


def first_line(argv):
    try:
        return subprocess.run(argv, capture_output=True, text=True).stdout.splitlines()[0]
    except (OSError, IndexError):
        return 'none'


def machine(b):
    """The kind of machine, not which one."""
    with open('/proc/cpuinfo') as f:
        model = re.search(r'model name\s*: (.*)', f.read())
    with open('/proc/meminfo') as f:
        memory = int(re.search(r'MemTotal:\s+(\d+)', f.read()).group(1))
    with open('/etc/os-release') as f:
        system = re.search(r'PRETTY_NAME="?([^"\n]*)', f.read())
    rsyslogd = first_line(['/usr/sbin/rsyslogd', '-v'])
    return {'cpu': model.group(1) if model else platform.processor(), 'cores': os.cpu_count(),
            'memory_gib': round(memory / 1048576, 1), 'kernel': platform.release().split('-')[0],
            'system': system.group(1) if system else '',
            'rsyslogd': ' '.join(rsyslogd.split()[:2]),
            'laurel': first_line([b.laurel, '--version']) if b.laurel else 'none',
            'libauparse': first_line(['pkg-config', '--modversion', 'auparse']),
            'compiler': first_line(['gcc', '--version']),
            'omauditjson': first_line([b.omauditjson, '--version']),
            'load_before': os.getloadavg()[0], 'date': time.strftime('%Y-%m-%d')}
