/* SPDX-License-Identifier: Apache-2.0 */
/* Drives a child as rsyslog's omprog does, without rsyslogd: writes lines at a given rate or as
 * fast as possible, waits for each reply or not, samples the child's memory, and reports its cost.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"

static const char usage[] =
    "usage: talk [OPTION...] LOG CHILD [ARGUMENT...]\n"
    "  --silent            write only, no replies are waited for\n"
    "  --transaction N     BEGIN and COMMIT around each N lines\n"
    "  --rate N            so many events (lines of one serial) a second\n"
    "  --times FILE        when the last line of each event was written: SERIAL NANOSECONDS\n"
    "  --samples N         look at the child's memory so often on the way\n"
    "  --wait MS           and once more so long after the last line\n";

struct talk {
    const char *text;
    size_t size;
    bool silent;
    unsigned long transaction, samples, wait_ms;
    double rate;
    FILE *times;
    pid_t child;
    int to, from;
    unsigned long long lines, total_lines;
};

static void die(const char *what)
{
    fprintf(stderr, "talk: %s: %s\n", what, strerror(errno));
    exit(71);
}

static int64_t now_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void sleep_until(int64_t ns)
{
    struct timespec t = {.tv_sec = ns / 1000000000, .tv_nsec = ns % 1000000000};

    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) == EINTR)
        ;
}

static void map_log(struct talk *t, const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat st;
    void *p;

    if (fd < 0 || fstat(fd, &st) < 0 || st.st_size == 0)
        die(path);
    p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
    if (p == MAP_FAILED)
        die(path);
    close(fd);
    t->text = p;
    t->size = (size_t)st.st_size;
    for (const char *lf = t->text; (lf = memchr(lf, '\n', (size_t)(t->text + t->size - lf))); lf++)
        t->total_lines++;
}

static void start_child(struct talk *t, char **argv)
{
    int in[2], out[2];

    if (pipe2(in, O_CLOEXEC) < 0 || pipe2(out, O_CLOEXEC) < 0)
        die("pipe");
    t->child = fork();
    if (t->child < 0)
        die("fork");
    if (t->child == 0) {
        int null = open("/dev/null", O_WRONLY);

        dup2(in[0], STDIN_FILENO);
        dup2(t->silent ? null : out[1], STDOUT_FILENO);
        execv(argv[0], argv);
        die(argv[0]);
    }
    close(in[0]);
    close(out[1]);
    t->to = in[1];
    t->from = out[0];
}

/* Skip keep-alive dots; any reply but OK and DEFER_COMMIT ends the run. */
static void wait_reply(struct talk *t)
{
    char b[4096];
    ssize_t n;

    if (t->silent)
        return;
    do {
        n = read(t->from, b, sizeof(b));
        if (n <= 0)
            die("the child has gone");
    } while (b[n - 1] != '\n');
    for (ssize_t i = 0; i < n; i++) {
        if (b[i] == '.')
            continue;
        if (b[i] != 'O' && b[i] != 'D') {
            errno = EPROTO;
            die("the child answered something else");
        }
        break;
    }
}

static void put(struct talk *t, const char *p, size_t n)
{
    while (n > 0) {
        ssize_t w = write(t->to, p, n);

        if (w < 0)
            die("the child reads no more");
        p += w;
        n -= (size_t)w;
    }
}

static long status_kb(const struct talk *t, const char *name)
{
    char path[64], line[256];
    long kb = -1;
    FILE *f;

    snprintf(path, sizeof(path), "/proc/%ld/status", (long)t->child);
    f = fopen(path, "re");
    if (!f)
        return -1;
    while (fgets(line, sizeof(line), f)) {
        if (strncmp(line, name, strlen(name)) == 0)
            kb = strtol(line + strlen(name), NULL, 10);
    }
    fclose(f);
    return kb;
}

static void sample(const struct talk *t, bool first)
{
    printf("%s[%llu, %ld]", first ? "" : ", ", t->lines, status_kb(t, "VmRSS:"));
}

/* "audit(1795356082.637:79507" of a line, or 0. */
static uint64_t serial_of(const char *line, size_t len)
{
    const char *p = memmem(line, len < 400 ? len : 400, "audit(", 6);
    const char *colon = p ? memchr(p, ':', (size_t)(line + len - p)) : NULL;

    return colon ? strtoull(colon + 1, NULL, 10) : 0;
}

static void feed(struct talk *t)
{
    const char *end = t->text + t->size, *lf;
    int64_t begin = now_ns();
    unsigned long long events = 0, next_sample = 0;
    unsigned long in_transaction = 0, n_samples = 0;
    uint64_t serial = 0;

    for (const char *p = t->text; p < end; p = lf + 1) {
        size_t len;
        uint64_t own = 0;

        lf = memchr(p, '\n', (size_t)(end - p));
        if (!lf)
            break;
        len = (size_t)(lf + 1 - p);
        if (t->rate > 0 || t->times)
            own = serial_of(p, len);
        if (t->rate > 0 && own != serial) {
            sleep_until(begin + (int64_t)((double)events * 1e9 / t->rate));
            events++;
            serial = own;
        }
        if (t->transaction && in_transaction == 0) {
            put(t, "BEGIN TRANSACTION\n", 18);
            wait_reply(t);
        }
        if (t->times && (lf + 1 == end || serial_of(lf + 1, (size_t)(end - lf - 1)) != own))
            fprintf(t->times, "%llu %lld\n", (unsigned long long)own, (long long)now_ns());
        put(t, p, len);
        wait_reply(t);
        t->lines++;
        if (t->transaction && (++in_transaction == t->transaction || lf + 1 == end)) {
            put(t, "COMMIT TRANSACTION\n", 19);
            wait_reply(t);
            in_transaction = 0;
        }
        if (t->samples && t->lines >= next_sample) {
            sample(t, n_samples++ == 0);
            next_sample = t->total_lines * n_samples / t->samples;
        }
    }
}

int main(int argc, char **argv)
{
    static const struct option options[] = {{"silent", no_argument, NULL, 's'},
                                            {"transaction", required_argument, NULL, 'b'},
                                            {"rate", required_argument, NULL, 'r'},
                                            {"times", required_argument, NULL, 't'},
                                            {"samples", required_argument, NULL, 'n'},
                                            {"wait", required_argument, NULL, 'w'},
                                            {0}};
    struct talk t = {0};
    struct rusage ru;
    long rss, anon, peak;
    int64_t begin, end;
    int c, status;

    while ((c = getopt_long(argc, argv, "+", options, NULL)) != -1) {
        switch (c) {
        case 's':
            t.silent = true;
            break;
        case 'b':
            t.transaction = strtoul(optarg, NULL, 10);
            break;
        case 'r':
            t.rate = strtod(optarg, NULL);
            break;
        case 't':
            t.times = fopen(optarg, "we");
            break;
        case 'n':
            t.samples = strtoul(optarg, NULL, 10);
            break;
        case 'w':
            t.wait_ms = strtoul(optarg, NULL, 10);
            break;
        default:
            fputs(usage, stderr);
            return 64;
        }
    }
    if (argc - optind < 2) {
        fputs(usage, stderr);
        return 64;
    }
    signal(SIGPIPE, SIG_IGN);
    map_log(&t, argv[optind]);
    start_child(&t, argv + optind + 1);
    wait_reply(&t);
    begin = now_ns();
    printf("{\"memory\": [");
    feed(&t);
    end = now_ns();
    if (t.wait_ms) {
        sleep_until(end + (int64_t)t.wait_ms * 1000000);
        if (t.samples)
            printf(", ");
        sample(&t, true);
    }
    rss = status_kb(&t, "VmRSS:");
    anon = status_kb(&t, "RssAnon:");
    peak = status_kb(&t, "VmHWM:");
    if (t.times)
        fclose(t.times);
    close(t.to);
    if (wait4(t.child, &status, 0, &ru) < 0)
        die("wait");
    printf("], \"lines\": %llu, \"seconds\": %.6f, \"rss_kb\": %ld, \"anon_kb\": %ld, \"peak_kb\": "
           "%ld, "
           "\"user\": %ld.%06ld, \"system\": %ld.%06ld, \"status\": %d}\n",
           t.lines, (double)(end - begin) / 1e9, rss, anon, peak, (long)ru.ru_utime.tv_sec,
           (long)ru.ru_utime.tv_usec, (long)ru.ru_stime.tv_sec, (long)ru.ru_stime.tv_usec, status);
    return 0;
}
