/* SPDX-License-Identifier: Apache-2.0 */
/* THE oracle of all delivery tests: every record fed is in a received document or in the dead
 * letters, every document is valid, a repeat has its first's id and bytes, order holds where it is
 * promised.
 *   ledger.c  what was fed, what came      judge.c  what is wrong with it */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "judge.h"

static const char usage[] =
    "usage: oracle --out FILE [OPTION...] FED...\n"
    "FED are the logs that were fed, oldest first; FILE is what the receiver wrote (repeatable).\n"
    "  --deadletter DIR   the folder of dead letters: lines that are no records must be there\n"
    "  --allow-repeats    a document may come again, with the same id and bytes\n"
    "  --allow-twice      a record may be in two documents with different ids\n"
    "  --copies N         of equal records each one must be there; N more may be, in all\n"
    "  --may-miss N       N records may be missing: so many were reported as lost\n"
    "  --exactly-once     no document twice, one document an event\n"
    "  --answered FILE    of the fed lines only those in FILE must be there; others may\n"
    "  --ordered          first arrivals in the order in which the events were completed\n"
    "Prints a summary; exit 1 with the first differences, 2 for a mistake of the caller.\n";

static void die(const char *what)
{
    (void)fprintf(stderr, "oracle: %s: %s\n", what, strerror(errno));
    exit(2);
}

typedef void line_fn(struct judge *j, const char *line, size_t len);

static void feed_line(struct judge *j, const char *line, size_t len)
{
    ledger_feed(&j->ledger, line, len);
}

static void answered_line(struct judge *j, const char *line, size_t len)
{
    judge_answered(j, line, len);
}

/* whole: an unfinished last line is what a kill has left of one; otherwise it is a line too. */
static void each_line(struct judge *j, const char *path, line_fn *fn, bool whole)
{
    FILE *f = fopen(path, "re");
    if (f == NULL)
        die(path);
    char *line = NULL;
    size_t room = 0;
    ssize_t n;
    while ((n = getline(&line, &room, f)) > 0) {
        if (line[n - 1] == '\n')
            n--;
        else if (whole)
            break;
        fn(j, line, (size_t)n);
    }
    if (ferror(f))
        die(path);
    free(line);
    (void)fclose(f);
}

static void read_dead_letters(struct judge *j, const char *dir)
{
    DIR *d = opendir(dir);
    if (d == NULL)
        die(dir);
    for (const struct dirent *e; (e = readdir(d)) != NULL;) {
        if (e->d_name[0] == '.')
            continue;
        struct buf path = BUF_INIT(8192);
        (void)buf_printf(&path, "%s/%s", dir, e->d_name);
        each_line(j, buf_cstr(&path), judge_dead_letter, true);
        buf_done(&path);
    }
    (void)closedir(d);
}

int main(int argc, char **argv)
{
    static const struct option options[] = {
        {"out", required_argument, NULL, 'o'},
        {"deadletter", required_argument, NULL, 'd'},
        {"allow-twice", no_argument, NULL, 't'},
        {"allow-repeats", no_argument, NULL, 'r'},
        {"copies", required_argument, NULL, 'c'},
        {"exactly-once", no_argument, NULL, 'x'},
        {"answered", required_argument, NULL, 'a'},
        {"ordered", no_argument, NULL, 's'},
        {"may-miss", required_argument, NULL, 'm'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    struct judge j = {0};
    const char *out[16];
    size_t n_out = 0;
    const char *dead = NULL;
    const char *answered = NULL;
    int opt;
    while ((opt = getopt_long(argc, argv, "", options, NULL)) != -1) {
        switch (opt) {
        case 'o':
            if (n_out < sizeof out / sizeof out[0])
                out[n_out++] = optarg;
            break;
        case 'd':
            dead = optarg;
            break;
        case 'r':
            j.allow_repeats = true;
            break;
        case 't':
            j.allow_twice = true;
            break;
        case 'c':
            j.copies = true;
            j.doubled_max = strtoull(optarg, NULL, 10);
            break;
        case 'm':
            j.may_miss = strtoull(optarg, NULL, 10);
            break;
        case 'x':
            j.exactly_once = true;
            break;
        case 'a':
            answered = optarg;
            j.only_answered = true;
            break;
        case 's':
            j.ordered = true;
            break;
        case 'h':
            (void)fputs(usage, stdout);
            return 0;
        default:
            (void)fputs(usage, stderr);
            return 2;
        }
    }
    if (n_out == 0 || optind == argc) {
        (void)fputs(usage, stderr);
        return 2;
    }
    ledger_init(&j.ledger);
    for (int i = optind; i < argc; i++)
        each_line(&j, argv[i], feed_line, false);
    uint64_t garbage = j.ledger.n_garbage;
    if (answered != NULL)
        each_line(&j, answered, answered_line, false);
    for (size_t i = 0; i < n_out; i++)
        each_line(&j, out[i], judge_document, false);
    if (dead != NULL) {
        j.check_garbage = true;
        read_dead_letters(&j, dead);
    }
    judge_end(&j);
    (void)printf("lines fed %llu, records %llu (EOE %llu), no records %llu, events %zu; "
                 "documents %llu, repeats %llu, late parts %llu, dead letters %llu; "
                 "doubled %llu, never answered %llu, missing %llu, differences %llu\n",
                 (unsigned long long)j.ledger.lines, (unsigned long long)j.ledger.records,
                 (unsigned long long)j.ledger.eoe, (unsigned long long)garbage, j.ledger.n_events,
                 (unsigned long long)j.documents, (unsigned long long)j.repeats,
                 (unsigned long long)j.late_parts, (unsigned long long)j.dead,
                 (unsigned long long)j.doubled, (unsigned long long)j.unseen,
                 (unsigned long long)j.missing, (unsigned long long)j.differences);
    ledger_done(&j.ledger);
    return j.differences > 0;
}
