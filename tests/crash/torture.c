/* SPDX-License-Identifier: Apache-2.0 */
/* The torture machine: schedules from seeds, each with rsyslogd, omauditjson and the misbehaving
 * receiver, several at a time. Prints a line a schedule and a summary; see README.md here.
 *   schedule.c, faults.c  seed to schedule     trail.c    the log: made, fed, compared
 *   setup.c               files                machine.c, processes.c  what happens
 *   verdict.c             the judgement        report.c   the summary
 *   shim*.c               inside omauditjson, by LD_PRELOAD */
#include "config.h"

#include "journal_file.h"
#include "report.h"
#include "run.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define JOBS_MAX 16

static const char usage[] =
    "usage: torture [OPTION...] [SEED...]\n"
    "  --program FILE --small FILE --receiver FILE --oracle FILE --gen FILE --shim FILE\n"
    "  --stanzas DIR      where the shipped stanzas are\n"
    "  --work DIR         schedules run below it; failed ones are kept there\n"
    "  --seconds N        begin no schedule after that (default 20)\n"
    "  --seed N           the first of the seeds, which go on by one (default 1)\n"
    "  --schedules N      no more than so many\n"
    "  --jobs N           side by side (default 1)\n"
    "  --stanza NAME      this one only\n"
    "  --log FILE         append the lines there too\n"
    "  --rss KIB          what an omauditjson may need (default 65536)\n"
    "  --stop-at-failure  --keep (all folders)  --list (print the schedules, run none)\n"
    "SEED...: these only. Exit 1 when a schedule failed.\n";

struct settings {
    struct places at;
    unsigned seconds, jobs;
    uint64_t seed, schedules;
    enum stanza stanza;
    const char *log;
    bool keep, list, stop_at_failure;
    char *const *seeds;
    size_t n_seeds;
};

struct job {
    pid_t pid;
    uint64_t seed;
};

void run_failed(struct run *r, const char *fmt, ...)
{
    va_list ap;

    if (r->out.failed)
        return; /* the first says most */
    r->out.failed = true;
    va_start(ap, fmt);
    (void)vsnprintf(r->out.why, sizeof(r->out.why), fmt, ap);
    va_end(ap);
}

int run_command(const char *const *argv, struct buf *out)
{
    int fds[2], status = -1;
    char piece[4096];
    ssize_t n;
    pid_t pid;

    if (pipe2(fds, O_CLOEXEC) < 0 || (pid = fork()) < 0)
        return -1;
    if (pid == 0) {
        int null = open("/dev/null", O_WRONLY);

        (void)dup2(out != NULL ? fds[1] : null, STDOUT_FILENO);
        (void)dup2(out != NULL ? fds[1] : null, STDERR_FILENO);
        (void)execv(argv[0], (char *const *)(uintptr_t)argv);
        _exit(127);
    }
    (void)close(fds[1]);
    while ((n = read(fds[0], piece, sizeof(piece))) > 0)
        if (out != NULL)
            (void)buf_append(out, piece, (size_t)n);
    (void)close(fds[0]);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* -- a schedule -----------------------------------------------------------------------------------
 */

static void remove_folder(const char *dir)
{
    const char *argv[] = {"/bin/rm", "-rf", dir, NULL};

    (void)run_command(argv, NULL);
}

/* In a process of its own; the outcome is in shared memory. */
static void run_schedule(const struct settings *set, uint64_t seed, struct outcome *ret)
{
    struct run r = {.at = &set->at};
    int64_t began = run_now_ms();
    char state[600];

    schedule_make(&r.s, seed, set->stanza, set->at.have);
    (void)snprintf(r.dir, sizeof(r.dir), "%s/%" PRIu64, set->at.work, seed);
    remove_folder(r.dir);
    if (mkdir(r.dir, 0755) < 0) {
        (void)fprintf(stderr, "torture: %s: %s\n", r.dir, strerror(errno));
        exit(2);
    }
    r.trail = trail_new(&r.s, set->at.gen, r.dir);
    if (machine_run(&r))
        verdict_reach(&r);
    r.out.ms = (unsigned)(run_now_ms() - began);
    *ret = r.out;
    if (r.mounted) {
        char copy[1400];
        const char *argv[] = {"/bin/sh", "-c", copy, NULL};

        /* what a failed one has there must outlive our name space */
        (void)snprintf(state, sizeof(state), "%s/state", r.dir);
        (void)snprintf(copy, sizeof(copy), "cp -a '%s' '%s.kept'", state, state);
        if (r.out.failed || set->keep)
            (void)run_command(argv, NULL);
        (void)umount2(state, MNT_DETACH);
    }
    if (!r.out.failed && !set->keep)
        remove_folder(r.dir);
    trail_free(r.trail);
    exit(0);
}

static pid_t start_schedule(const struct settings *set, uint64_t seed, struct outcome *ret)
{
    pid_t pid;

    *ret = (struct outcome){.failed = true, .why = "the schedule's process died"};
    (void)fflush(NULL);
    pid = fork();
    if (pid == 0) {
        if (set->at.have)
            (void)unshare(CLONE_NEWNS);
        run_schedule(set, seed, ret);
    }
    return pid;
}

/* -- all of them ----------------------------------------------------------------------------------
 */

static uint64_t next_seed(const struct settings *set, uint64_t n)
{
    if (set->n_seeds > 0)
        return n < set->n_seeds ? strtoull(set->seeds[n], NULL, 10) : 0;
    return set->seed + n;
}

static int run_all(const struct settings *set)
{
    struct job jobs[JOBS_MAX] = {{0}};
    struct outcome *outs = mmap(NULL, JOBS_MAX * sizeof(*outs), PROT_READ | PROT_WRITE,
                                MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    struct report *report = report_new(set->log, set->stanza, set->at.have);
    int64_t end = run_now_ms() + (int64_t)set->seconds * 1000;
    uint64_t most = set->n_seeds > 0 ? set->n_seeds : set->schedules;
    uint64_t n = 0;
    unsigned running = 0;
    bool stop = false, failed;

    if (outs == MAP_FAILED)
        return 2;
    for (;;) {
        pid_t pid;
        unsigned i = 0;

        while (!stop && running < set->jobs && n < most &&
               (set->n_seeds > 0 || run_now_ms() < end)) {
            for (i = 0; jobs[i].pid != 0; i++)
                ;
            jobs[i].seed = next_seed(set, n++);
            jobs[i].pid = start_schedule(set, jobs[i].seed, &outs[i]);
            running++;
        }
        if (running == 0)
            break;
        pid = waitpid(-1, NULL, 0);
        for (i = 0; i < JOBS_MAX && jobs[i].pid != pid; i++)
            ;
        if (pid <= 0 || i == JOBS_MAX)
            continue;
        jobs[i].pid = 0;
        running--;
        stop |= report_add(report, jobs[i].seed, &outs[i]) && set->stop_at_failure;
    }
    failed = report_end(report, set->at.work);
    return failed;
}

static int list_all(const struct settings *set)
{
    uint64_t most = set->n_seeds > 0 ? set->n_seeds : set->schedules;

    for (uint64_t n = 0; n < most; n++) {
        struct schedule s;
        struct buf line = BUF_INIT(65536);

        schedule_make(&s, next_seed(set, n), set->stanza, set->at.have);
        schedule_print(&s, &line);
        (void)printf("%s\n", buf_cstr(&line));
        buf_done(&line);
    }
    return 0;
}

/* May we mount? Tried in a child, since a name space is for good. */
static bool try_disk(const char *work)
{
    int status = -1;
    pid_t pid = fork();

    if (pid == 0)
        _exit(unshare(CLONE_NEWNS) == 0 && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
                      mount("tmpfs", work, "tmpfs", 0, "size=1m") == 0
                  ? 0
                  : 1);
    (void)waitpid(pid, &status, 0);
    return status == 0;
}

static const struct option options[] = {{"program", required_argument, NULL, 'p'},
                                        {"small", required_argument, NULL, 'm'},
                                        {"receiver", required_argument, NULL, 'r'},
                                        {"oracle", required_argument, NULL, 'o'},
                                        {"gen", required_argument, NULL, 'g'},
                                        {"shim", required_argument, NULL, 'i'},
                                        {"stanzas", required_argument, NULL, 'd'},
                                        {"work", required_argument, NULL, 'w'},
                                        {"seconds", required_argument, NULL, 't'},
                                        {"seed", required_argument, NULL, 's'},
                                        {"schedules", required_argument, NULL, 'n'},
                                        {"jobs", required_argument, NULL, 'j'},
                                        {"stanza", required_argument, NULL, 'z'},
                                        {"log", required_argument, NULL, 'l'},
                                        {"rss", required_argument, NULL, 'R'},
                                        {"stop-at-failure", no_argument, NULL, 'x'},
                                        {"keep", no_argument, NULL, 'k'},
                                        {"list", no_argument, NULL, 'L'},
                                        {NULL, 0, NULL, 0}};

static bool read_option(struct settings *set, int opt, const char *arg)
{
    switch (opt) {
    case 'p':
        set->at.program = arg;
        break;
    case 'm':
        set->at.small = arg;
        break;
    case 'r':
        set->at.receiver = arg;
        break;
    case 'o':
        set->at.oracle = arg;
        break;
    case 'g':
        set->at.gen = arg;
        break;
    case 'i':
        set->at.shim = arg;
        break;
    case 'd':
        set->at.stanzas = arg;
        break;
    case 'w':
        set->at.work = arg;
        break;
    case 't':
        set->seconds = (unsigned)strtoul(arg, NULL, 10);
        break;
    case 's':
        set->seed = strtoull(arg, NULL, 10);
        break;
    case 'n':
        set->schedules = strtoull(arg, NULL, 10);
        break;
    case 'j':
        set->jobs = (unsigned)strtoul(arg, NULL, 10);
        break;
    case 'l':
        set->log = arg;
        break;
    case 'R':
        set->at.rss_kib = (unsigned)strtoul(arg, NULL, 10);
        break;
    case 'x':
        set->stop_at_failure = true;
        break;
    case 'k':
        set->keep = true;
        break;
    case 'L':
        set->list = true;
        break;
    case 'z':
        for (set->stanza = 0; set->stanza < STANZA_N; set->stanza++)
            if (strcmp(schedule_stanza_name(set->stanza), arg) == 0)
                return true;
        return false;
    default:
        return false;
    }
    return true;
}

int main(int argc, char **argv)
{
    struct settings set = {.at = {.rss_kib = 65536},
                           .seconds = 20,
                           .jobs = 1,
                           .seed = 1,
                           .schedules = UINT64_MAX,
                           .stanza = STANZA_N};
    int opt;

    while ((opt = getopt_long(argc, argv, "", options, NULL)) != -1)
        if (!read_option(&set, opt, optarg)) {
            (void)fputs(usage, stderr);
            return 2;
        }
    set.seeds = argv + optind;
    set.n_seeds = (size_t)(argc - optind);
    if (set.at.program == NULL || set.at.small == NULL || set.at.receiver == NULL ||
        set.at.oracle == NULL || set.at.gen == NULL || set.at.shim == NULL ||
        set.at.stanzas == NULL || set.at.work == NULL || set.jobs < 1 || set.jobs > JOBS_MAX) {
        (void)fputs(usage, stderr);
        return 2;
    }
    if (try_disk(set.at.work))
        set.at.have = SCHEDULE_HAVE_DISK | (journal_file_possible() ? SCHEDULE_HAVE_JOURNAL : 0);
    if (set.list)
        return list_all(&set);
    if (!setup_certificates(&set.at)) {
        (void)fputs("torture: openssl makes no certificates\n", stderr);
        return 2;
    }
    return run_all(&set);
}
