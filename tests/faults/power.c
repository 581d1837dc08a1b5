/* SPDX-License-Identifier: Apache-2.0 */
/* Power goes. A random session is played under a recorder; then, at many points of it, the state
 * directory is rebuilt as a disk could have it after a cut there, the program is started on it, and
 * the oracle asks for every record that was promised to survive.
 *   session.c  the session     model.c  the disk     cut.c  one cut and its judgement */
#include "config.h"
#include "power.h"

#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "child.h"

#define JOBS 4
#define CUTS_A_SESSION 25

struct options {
    const char *program, *builddir;
    uint64_t seed;
    unsigned long sessions; /* or, when seconds are given, as many as fit in */
    long seconds;
};

struct board {
    uint64_t next;
    unsigned long sessions, cuts, operations, failures;
};

static bool one_session(const struct options *o, struct board *b, uint64_t seed)
{
    struct session ss;
    uint64_t random = seed * 0x9e3779b97f4a7c15U;
    bool good = session_record(&ss, o->program, o->builddir, seed);

    for (unsigned i = 0; good && i < CUTS_A_SESSION; i++) {
        enum model_kind kind = model_below(&random, 2) ? MODEL_STRICT : MODEL_EXT4;
        size_t n = model_below(&random, ss.n_ops + 1);

        good = session_cut(&ss, kind, n, model_random(&random));
        __atomic_fetch_add(&b->cuts, 1, __ATOMIC_RELAXED);
    }
    if (!good)
        printf("that was session %llu: power --seed %llu --sessions 1\n", (unsigned long long)seed,
               (unsigned long long)seed);
    __atomic_fetch_add(&b->operations, ss.n_ops, __ATOMIC_RELAXED);
    session_done(&ss);
    return good;
}

static void work(const struct options *o, struct board *b, int64_t until_ms)
{
    for (;;) {
        uint64_t i = __atomic_fetch_add(&b->next, 1, __ATOMIC_RELAXED);

        if (o->seconds ? clock_mono_ms() >= until_ms : i >= o->sessions)
            return;
        if (!one_session(o, b, o->seed + i))
            __atomic_fetch_add(&b->failures, 1, __ATOMIC_RELAXED);
        __atomic_fetch_add(&b->sessions, 1, __ATOMIC_RELAXED);
    }
}

static void show(FILE *f)
{
    char line[1024];

    rewind(f);
    for (unsigned n = 0; n < 60 && fgets(line, sizeof(line), f); n++)
        printf("# %.400s%s", line, strchr(line, '\n') ? "" : "\n");
    fclose(f);
}

static void run(const struct options *o, struct board *b, unsigned jobs)
{
    int64_t until_ms = clock_mono_ms() + o->seconds * 1000;
    pid_t pids[64];
    FILE *said[64];

    for (unsigned i = 0; i < jobs; i++) {
        said[i] = tmpfile();
        pids[i] = said[i] ? fork() : -1;
        if (pids[i] == 0) {
            dup2(fileno(said[i]), STDOUT_FILENO);
            work(o, b, until_ms);
            fflush(stdout);
            _exit(0);
        }
    }
    for (unsigned i = 0; i < jobs; i++) {
        int status = 1;

        if (pids[i] < 0 || waitpid(pids[i], &status, 0) < 0 || status != 0) {
            printf("# worker %u ended with status %d\n", i, status);
            b->failures++;
        }
        if (said[i])
            show(said[i]);
    }
}

int main(int argc, char **argv)
{
    static const struct option options[] = {{"seed", required_argument, NULL, 's'},
                                            {"sessions", required_argument, NULL, 'n'},
                                            {"seconds", required_argument, NULL, 't'},
                                            {"jobs", required_argument, NULL, 'j'},
                                            {NULL, 0, NULL, 0}};
    struct options o = {.program = getenv("omauditjson"),
                        .builddir = getenv("builddir"),
                        .seed = 1,
                        .sessions = CHILD_MEMORY_IS_MEASURED ? 12 : 4};
    unsigned long jobs = JOBS;
    struct board *b;
    int opt;

    while ((opt = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (opt == 's')
            o.seed = strtoull(optarg, NULL, 10);
        else if (opt == 'n')
            o.sessions = strtoul(optarg, NULL, 10);
        else if (opt == 't')
            o.seconds = strtol(optarg, NULL, 10);
        else if (opt == 'j')
            jobs = strtoul(optarg, NULL, 10);
        else
            return 2;
    }
    if (!o.program || !o.builddir || jobs == 0 || jobs > 64) {
        fprintf(stderr, "power: set omauditjson and builddir\n");
        return 2;
    }
    if (getenv("OAJ_QUICK")) {
        puts("1..0 # SKIP OAJ_QUICK is set");
        return 0;
    }
    signal(SIGPIPE, SIG_IGN);
    b = mmap(NULL, sizeof(*b), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (b == MAP_FAILED)
        return 99;
    run(&o, b, (unsigned)jobs);
    printf("# seed %llu: %lu sessions with %lu operations, power cut %lu times\n",
           (unsigned long long)o.seed, b->sessions, b->operations, b->cuts);
    printf("%sok 1 - every record that was promised survives a loss of power\n1..1\n",
           b->failures || b->cuts == 0 ? "not " : "");
    return b->failures || b->cuts == 0;
}
