/* SPDX-License-Identifier: Apache-2.0 */
/* The n-th call of a kind fails, n from 1 until a run passes untouched. A run: an old journal is
 * there; omprog's dialogue with transactions, lines that are no records, an event that the receiver
 * refuses, SIGHUP, end of input; whoever ends early is started again as rsyslog does; then a clean
 * start. Judged: every reply is the right one, whoever ends says so and with a documented exit
 * code, nobody hangs, and the oracle finds every record that was answered.
 *   rows.c  which calls, which errors        run.c  one run and its judgement */
#include "config.h"
#include "child.h"
#include "faults.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define WORKERS 8

struct board {
    struct {
        unsigned long next;  /* n of the next run */
        unsigned long tried; /* runs in which the call failed */
        unsigned long crashes, exits, failures;
        bool over; /* a run passed untouched */
    } rows[FAULTS_ROWS];
};

static unsigned long number(const char *text)
{
    char *end;
    unsigned long n = strtoul(text, &end, 10);

    if (end == text || *end) {
        fprintf(stderr, "faults: %s: not a number\n", text);
        exit(2);
    }
    return n;
}

/* What a worker prints goes into its file; the caller shows it when something failed. */
static void work(struct board *board, const struct faults_options *o, unsigned worker)
{
    struct runner *r = runner_new(o, worker);

    for (size_t i = 0; i < faults_rows; i++) {
        const struct faults_row *row = &faults_table[i];
        unsigned long stride = o->stride ? o->stride : row->stride ? row->stride : o->fewer;

        while (runner_wants(o, row) && !board->rows[i].over) {
            unsigned long n =
                __atomic_fetch_add(&board->rows[i].next, stride, __ATOMIC_RELAXED) + o->from;
            struct verdict v;

            if (o->only && n != o->only) {
                board->rows[i].over = n > o->only;
                continue;
            }
            v = runner_run(r, row, n);
            if (!v.fired) {
                board->rows[i].over = true;
            } else {
                __atomic_fetch_add(&board->rows[i].tried, 1, __ATOMIC_RELAXED);
                __atomic_fetch_add(&board->rows[i].exits, v.exited, __ATOMIC_RELAXED);
                __atomic_fetch_add(&board->rows[i].crashes, v.crashed, __ATOMIC_RELAXED);
            }
            if (!v.good)
                __atomic_fetch_add(&board->rows[i].failures, 1, __ATOMIC_RELAXED);
        }
    }
    runner_free(r);
}

static void show(const char *path)
{
    FILE *f = fopen(path, "re");
    char line[1024];

    for (unsigned n = 0; f && n < 60 && fgets(line, sizeof(line), f); n++)
        printf("# %.500s%s", line, strchr(line, '\n') ? "" : "\n");
    if (f)
        fclose(f);
}

static bool report(const struct board *board, const struct faults_options *o)
{
    bool good = true;
    unsigned n = 0;

    for (size_t i = 0; i < faults_rows; i++) {
        bool fine = board->rows[i].failures == 0 &&
                    (board->rows[i].tried || o->only || faults_table[i].may_be_none);

        if (!runner_wants(o, &faults_table[i]))
            continue;
        printf("%sok %u - %s: %s: %lu failed in turn, %lu ends, %lu crashes in libraries\n",
               fine ? "" : "not ", ++n, faults_table[i].call, faults_row_text(&faults_table[i]),
               board->rows[i].tried, board->rows[i].exits, board->rows[i].crashes);
        good = good && fine;
    }
    printf("1..%u\n", n);
    return good;
}

int main(int argc, char **argv)
{
    static const struct option options[] = {
        {"call", required_argument, NULL, 'c'},   {"n", required_argument, NULL, 'n'},
        {"stride", required_argument, NULL, 's'}, {"from", required_argument, NULL, 'f'},
        {"jobs", required_argument, NULL, 'j'},   {NULL, 0, NULL, 0}};
    struct faults_options o = {.program = getenv("omauditjson"),
                               .builddir = getenv("builddir"),
                               .from = 1,
                               .fewer = CHILD_MEMORY_IS_MEASURED ? 1 : 3};
    unsigned jobs = WORKERS;
    struct board *board;
    pid_t pids[64];
    char logs[64][64];
    bool good;
    int opt;

    while ((opt = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (opt == 'c')
            o.call = optarg;
        else if (opt == 'n')
            o.only = number(optarg);
        else if (opt == 's')
            o.stride = number(optarg);
        else if (opt == 'f')
            o.from = number(optarg);
        else if (opt == 'j')
            jobs = (unsigned)number(optarg);
        else
            return 2;
    }
    if (getenv("OAJ_QUICK")) {
        puts("1..0 # SKIP OAJ_QUICK is set");
        return 0;
    }
    if (!o.program || !o.builddir || !jobs || jobs > 64) {
        fprintf(stderr, "faults: set omauditjson and builddir\n");
        return 2;
    }
    if (o.only) {
        o.stride = o.from = 1;
        jobs = 1;
    }
    signal(SIGPIPE, SIG_IGN);
    setvbuf(stdout, NULL, _IOLBF, 0);
    board = mmap(NULL, sizeof(*board), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (board == MAP_FAILED)
        return 99;
    for (unsigned i = 0; i < jobs; i++) {
        int fd;

        snprintf(logs[i], sizeof(logs[i]), "/tmp/oaj-faults-log.XXXXXX");
        fd = mkstemp(logs[i]);
        pids[i] = fd < 0 ? -1 : fork();
        if (pids[i] == 0) {
            dup2(fd, STDOUT_FILENO);
            work(board, &o, i);
            fflush(stdout);
            _exit(0);
        }
        if (fd >= 0)
            close(fd);
    }
    good = true;
    for (unsigned i = 0; i < jobs; i++) {
        int status = 1;

        if (pids[i] < 0 || waitpid(pids[i], &status, 0) < 0 || status != 0) {
            printf("# worker %u ended with status %d\n", i, status);
            good = false;
        }
        show(logs[i]);
        unlink(logs[i]);
    }
    good = report(board, &o) && good;
    return good ? 0 : 1;
}
