/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "journal/scoreboard.h"
#include "journal/scoreboard_death.h"
#include "unit.h"

/* A sanitizer is to let the process die of a signal, and memory run out, as without one. */
const char *__asan_default_options(void); /* NOLINT: the runtime's name */
const char *__asan_default_options(void)  /* NOLINT */
{
    return "handle_segv=0:handle_sigbus=0:handle_sigill=0:handle_sigfpe=0:handle_abort=0:"
           "allocator_may_return_null=1";
}

static char dir[64];

static int new_dir(void)
{
    int fd;

    snprintf(dir, sizeof(dir), "/tmp/scoreboard.XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(dir));
    fd = open(dir, O_RDONLY | O_DIRECTORY);
    ck_assert_int_ge(fd, 0);
    return fd;
}

static void remove_dir(int fd)
{
    (void)unlinkat(fd, "scoreboard", 0);
    close(fd);
    ck_assert_int_eq(rmdir(dir), 0);
}

/* A life that ends with text in process, or (stage 0) after having finished it.
 * how(): by what; it may return, and then it is SIGKILL. */
static struct scoreboard_report live_until(int fd, enum scoreboard_stage stage, const char *text,
                                           const char *finished, void (*how)(void), int *ret_status)
{
    struct scoreboard_report report;
    int pipes[2], status;
    pid_t pid;

    ck_assert_int_eq(pipe(pipes), 0);
    pid = fork();
    if (pid == 0) {
        struct scoreboard h;

        if (scoreboard_open(&h, fd, &report) < 0 ||
            write(pipes[1], &report, sizeof(report)) != (ssize_t)sizeof(report))
            _exit(1);
        if (finished) {
            scoreboard_begin(&h, SCOREBOARD_LINE, finished, strlen(finished));
            scoreboard_end(&h);
        }
        if (stage != SCOREBOARD_NOTHING)
            scoreboard_begin(&h, stage, text, strlen(text));
        if (how)
            how();
        kill(getpid(), SIGKILL);
    }
    close(pipes[1]);
    ck_assert_int_eq(read(pipes[0], &report, sizeof(report)), sizeof(report));
    close(pipes[0]);
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    if (ret_status)
        *ret_status = status;
    return report;
}

static void crash(void)
{
    (void)raise(SIGSEGV);
}

static struct scoreboard_report live_and_die(int fd, enum scoreboard_stage stage, const char *text,
                                             const char *finished)
{
    int status;
    struct scoreboard_report report = live_until(fd, stage, text, finished, crash, &status);

    ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
    return report;
}

static struct scoreboard_report live_and_be_killed(int fd, enum scoreboard_stage stage,
                                                   const char *text, const char *finished)
{
    int status;
    struct scoreboard_report report = live_until(fd, stage, text, finished, NULL, &status);

    ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    return report;
}

static struct scoreboard opened(int fd, struct scoreboard_report *report)
{
    struct scoreboard h;

    ck_assert_int_eq(scoreboard_open(&h, fd, report), 0);
    return h;
}

START_TEST(two_deaths_make_it_poison)
{
    struct scoreboard_report report;
    struct scoreboard h;
    int fd = new_dir();

    report = live_and_die(fd, SCOREBOARD_LINE, "bad", "good");
    ck_assert_int_eq(report.stage, SCOREBOARD_NOTHING);
    report = live_and_die(fd, SCOREBOARD_LINE, "bad", "good");
    ck_assert_int_eq(report.stage, SCOREBOARD_LINE);
    ck_assert_uint_eq(report.deaths, 1);
    ck_assert_uint_eq(report.len, 3);
    ck_assert_mem_eq(report.text, "bad", 3);
    h = opened(fd, &report);
    ck_assert_uint_eq(report.deaths, 2);
    ck_assert(scoreboard_is_poison(&h, SCOREBOARD_LINE, "bad", 3));
    ck_assert(scoreboard_is_poison(&h, SCOREBOARD_RECORD, "bad",
                                   3)); /* the same text wherever it comes */
    ck_assert(!scoreboard_is_poison(&h, SCOREBOARD_EVENT, "bad", 3));
    ck_assert(!scoreboard_is_poison(&h, SCOREBOARD_LINE, "good", 4));
    ck_assert(!scoreboard_is_poison(&h, SCOREBOARD_LINE, "ba", 2));
    scoreboard_close(&h);
    /* and it stays so until it is forgotten */
    h = opened(fd, &report);
    ck_assert_int_eq(report.stage, SCOREBOARD_NOTHING);
    ck_assert(scoreboard_is_poison(&h, SCOREBOARD_LINE, "bad", 3));
    scoreboard_forget(&h, SCOREBOARD_LINE, "bad", 3);
    ck_assert(!scoreboard_is_poison(&h, SCOREBOARD_LINE, "bad", 3));
    ck_assert_uint_eq(h.n_suspects, 0);
    scoreboard_close(&h);
    remove_dir(fd);
}
END_TEST

START_TEST(progress_clears)
{
    struct scoreboard_report report;
    struct scoreboard h;
    int fd = new_dir();

    /* twenty times in the same line, finished with each time before it is in process again */
    for (int i = 0; i < 20; i++) {
        report = live_and_die(fd, SCOREBOARD_LINE, "innocent", "innocent");
        ck_assert_uint_le(report.deaths, 1);
    }
    h = opened(fd, &report);
    ck_assert_uint_eq(report.deaths, 1);
    ck_assert(!scoreboard_is_poison(&h, SCOREBOARD_LINE, "innocent", 8));
    scoreboard_close(&h);
    remove_dir(fd);
}
END_TEST

START_TEST(only_its_own_stage_clears)
{
    struct scoreboard_report report;
    struct scoreboard h;
    int fd = new_dir();

    /* read without harm at each start, deadly further on */
    live_and_die(fd, SCOREBOARD_RECORD, "bad", NULL);
    live_and_die(fd, SCOREBOARD_RECORD, "bad", "bad");
    h = opened(fd, &report);
    ck_assert_int_eq(report.stage, SCOREBOARD_RECORD);
    ck_assert(scoreboard_is_poison(&h, SCOREBOARD_RECORD, "bad", 3));
    scoreboard_close(&h);
    remove_dir(fd);
}
END_TEST

START_TEST(long_texts_differ_by_length)
{
    static char text[3 * SCOREBOARD_TEXT_MAX];
    struct scoreboard_report report;
    struct scoreboard h;
    int fd = new_dir();

    memset(text, 'a', sizeof(text) - 1);
    live_and_die(fd, SCOREBOARD_LINE, text, NULL);
    live_and_die(fd, SCOREBOARD_LINE, text, NULL);
    h = opened(fd, &report);
    ck_assert_uint_eq(report.len, sizeof(text) - 1);
    ck_assert(scoreboard_is_poison(&h, SCOREBOARD_LINE, text, sizeof(text) - 1));
    ck_assert(!scoreboard_is_poison(&h, SCOREBOARD_LINE, text, sizeof(text) - 2));
    scoreboard_close(&h);
    remove_dir(fd);
}
END_TEST

/* More suspects than places: poison stays. */
START_TEST(suspects_are_bounded)
{
    struct scoreboard_report report;
    struct scoreboard h;
    char text[32];
    int fd = new_dir();

    live_and_die(fd, SCOREBOARD_LINE, "bad", NULL);
    live_and_die(fd, SCOREBOARD_LINE, "bad", NULL);
    for (unsigned i = 0; i < 3 * SCOREBOARD_SUSPECTS; i++) {
        snprintf(text, sizeof(text), "once %u", i);
        live_and_die(fd, SCOREBOARD_LINE, text, NULL);
    }
    h = opened(fd, &report);
    ck_assert_uint_eq(h.n_suspects, SCOREBOARD_SUSPECTS);
    ck_assert(scoreboard_is_poison(&h, SCOREBOARD_LINE, "bad", 3));
    ck_assert(!scoreboard_is_poison(&h, SCOREBOARD_LINE, text, strlen(text)));
    scoreboard_close(&h);
    /* all places hold poison: the oldest goes */
    for (unsigned i = 0; i < SCOREBOARD_SUSPECTS; i++) {
        snprintf(text, sizeof(text), "twice %u", i);
        live_and_die(fd, SCOREBOARD_LINE, text, NULL);
        live_and_die(fd, SCOREBOARD_LINE, text, NULL);
    }
    h = opened(fd, &report);
    ck_assert(scoreboard_is_poison(&h, SCOREBOARD_LINE, text, strlen(text)));
    ck_assert(!scoreboard_is_poison(&h, SCOREBOARD_LINE, "bad", 3));
    scoreboard_close(&h);
    remove_dir(fd);
}
END_TEST

START_TEST(a_damaged_file_is_made_anew)
{
    static const char junk[5000] = "no such page";
    struct scoreboard_report report;
    struct scoreboard h;
    struct stat st;
    int fd = new_dir(), file = openat(fd, "scoreboard", O_WRONLY | O_CREAT, 0600);

    ck_assert_int_eq(write(file, junk, sizeof(junk)), sizeof(junk));
    close(file);
    h = opened(fd, &report);
    ck_assert_int_eq(report.stage, SCOREBOARD_NOTHING);
    ck_assert(h.shared);
    scoreboard_close(&h);
    ck_assert_int_eq(fstatat(fd, "scoreboard", &st, 0), 0);
    ck_assert_int_eq(st.st_size, 4096);
    ck_assert_uint_eq(st.st_mode & 0777, 0600);
    ck_assert_int_gt(st.st_blocks, 0); /* no hole: a store needs no room */
    remove_dir(fd);
}
END_TEST

START_TEST(works_without_the_file)
{
    struct scoreboard_report report;
    struct scoreboard h;
    int fd = new_dir();

    ck_assert_int_eq(symlinkat("/dev/null", fd, "scoreboard"), 0);
    ck_assert_int_lt(scoreboard_open(&h, fd, &report), 0);
    ck_assert(!h.shared);
    scoreboard_begin(&h, SCOREBOARD_LINE, "text", 4);
    scoreboard_end(&h);
    ck_assert(!scoreboard_is_poison(&h, SCOREBOARD_LINE, "text", 4));
    scoreboard_close(&h);
    remove_dir(fd);
}
END_TEST

/* The file loses its block while the page is in use: SIGBUS, as from a disk that is full or gone.
 */
START_TEST(a_failing_disk_costs_only_memory)
{
    struct scoreboard_report report;
    struct scoreboard h;
    int fd = new_dir();

    h = opened(fd, &report);
    ck_assert_int_eq(truncate((snprintf(dir + strlen(dir), 12, "/scoreboard"), dir), 0), 0);
    dir[strlen(dir) - 11] = '\0';
    scoreboard_begin(&h, SCOREBOARD_LINE, "text", 4);
    ck_assert_uint_eq(h.page->stage, SCOREBOARD_LINE);
    ck_assert_mem_eq(h.page->text, "text", 4);
    scoreboard_end(&h);
    scoreboard_close(&h);
    remove_dir(fd);
}
END_TEST

/* ---- how one dies ---- */

static volatile unsigned depth;

static unsigned overflow(unsigned n) /* NOLINT(misc-no-recursion) */
{
    volatile char frame[4096];

    frame[n % sizeof(frame)] = (char)n;
    depth = n;
    return n == UINT32_MAX ? 0 : overflow(n + 1) + (unsigned)frame[depth % sizeof(frame)];
}

static void by_stack(void)
{
    depth = overflow(0);
}

static void by_null(void)
{
    volatile char *volatile nowhere = NULL;

    *nowhere = 1;
}

static void by_bus(void)
{
    (void)raise(SIGBUS);
}

static void by_ill(void)
{
    (void)raise(SIGILL);
}

static void by_fpe(void)
{
    (void)raise(SIGFPE);
}

static void by_abort(void)
{
    abort();
}

static void by_loop(void)
{
    scoreboard_death_watch(10);
    for (;;)
        depth++;
}

static void by_memory(void)
{
    (void)mem_alloc(SIZE_MAX / 2);
}

static void by_exit(void)
{
    exit(0);
}

START_TEST(a_death_leaves_its_mark)
{
    static const struct {
        void (*how)(void);
        enum scoreboard_mark mark;
        int signo, status; /* of wait() */
    } deaths[] = {{by_null, SCOREBOARD_CRASHED, SIGSEGV, SIGSEGV},
                  {by_stack, SCOREBOARD_CRASHED, SIGSEGV, SIGSEGV},
                  {by_bus, SCOREBOARD_CRASHED, SIGBUS, SIGBUS},
                  {by_ill, SCOREBOARD_CRASHED, SIGILL, SIGILL},
                  {by_fpe, SCOREBOARD_CRASHED, SIGFPE, SIGFPE},
                  {by_abort, SCOREBOARD_CRASHED, SIGABRT, SIGABRT},
                  {by_loop, SCOREBOARD_LOOPED, 0, SIGABRT},
                  {by_memory, SCOREBOARD_EXHAUSTED, 0, MEM_EXIT_CODE << 8},
                  {by_exit, SCOREBOARD_EXITED, 0, 0}};

    for (size_t i = 0; i < sizeof(deaths) / sizeof(deaths[0]); i++) {
        struct scoreboard_report report;
        struct scoreboard h;
        int status, fd = new_dir();

        live_until(fd, SCOREBOARD_EVENT, "bad", NULL, deaths[i].how, &status);
        ck_assert_msg(status == deaths[i].status, "%zu: %d", i, status);
        live_until(fd, SCOREBOARD_EVENT, "bad", NULL, deaths[i].how, NULL);
        h = opened(fd, &report);
        ck_assert_int_eq(report.mark, deaths[i].mark);
        ck_assert_int_eq(report.signo, deaths[i].signo);
        ck_assert_uint_eq(report.deaths, 2);
        ck_assert(scoreboard_is_poison(&h, SCOREBOARD_EVENT, "bad", 3));
        scoreboard_close(&h);
        remove_dir(fd);
    }
}
END_TEST

/* When nothing was being processed, nothing is to blame. */
START_TEST(a_death_between_two_things)
{
    struct scoreboard_report report;
    struct scoreboard h;
    int fd = new_dir();

    live_until(fd, SCOREBOARD_NOTHING, NULL, "good", by_null, NULL);
    live_until(fd, SCOREBOARD_NOTHING, NULL, "good", by_abort, NULL);
    h = opened(fd, &report);
    ck_assert_int_eq(report.stage, SCOREBOARD_NOTHING);
    ck_assert_uint_eq(h.n_suspects, 0);
    scoreboard_close(&h);
    remove_dir(fd);
}
END_TEST

static void progress(void)
{
    struct timespec from, now;
    struct scoreboard_report report;
    struct scoreboard h;
    int fd = new_dir();

    h = opened(fd, &report);
    scoreboard_death_watch(10);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
    do { /* ten times as long as a loop may take */
        scoreboard_begin(&h, SCOREBOARD_EVENT, "again", 5);
        scoreboard_end(&h);
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    } while ((now.tv_sec - from.tv_sec) * 1000 + (now.tv_nsec - from.tv_nsec) / 1000000 < 500);
    scoreboard_death_watch(0);
    scoreboard_close(&h);
    remove_dir(fd);
}

/* Nor a thing that takes long without using the CPU. */
START_TEST(progress_is_no_loop)
{
    struct scoreboard_report report;
    struct scoreboard h;
    int fd;

    progress();
    fd = new_dir();
    h = opened(fd, &report);
    scoreboard_begin(&h, SCOREBOARD_EVENT, "slow", 4);
    scoreboard_death_watch(10);
    (void)poll(NULL, 0, 200);
    scoreboard_death_watch(0);
    scoreboard_close(&h);
    remove_dir(fd);
}
END_TEST

/* Somebody else's kill -SEGV says as little as a kill -9. */
START_TEST(a_signal_from_outside_is_no_crash)
{
    struct scoreboard_report report;
    struct scoreboard h;
    int pipes[2], status, fd = new_dir();
    pid_t pid;
    char c;

    for (int i = 0; i < 2; i++) {
        ck_assert_int_eq(pipe(pipes), 0);
        pid = fork();
        if (pid == 0) {
            if (scoreboard_open(&h, fd, &report) < 0)
                _exit(1);
            scoreboard_begin(&h, SCOREBOARD_EVENT, "innocent", 8);
            if (write(pipes[1], "!", 1) != 1)
                _exit(1);
            for (;;)
                pause();
        }
        ck_assert_int_eq(read(pipes[0], &c, 1), 1);
        ck_assert_int_eq(kill(pid, SIGSEGV), 0);
        ck_assert_int_eq(waitpid(pid, &status, 0), pid);
        ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
        close(pipes[0]);
        close(pipes[1]);
    }
    h = opened(fd, &report);
    ck_assert_int_eq(report.mark, SCOREBOARD_UNMARKED);
    ck_assert(!scoreboard_was_poison(&h, SCOREBOARD_EVENT, "innocent", 8));
    scoreboard_close(&h);
    remove_dir(fd);
}
END_TEST

/* ---- kills, and the trial ---- */

static void kill_often(int fd, unsigned n, const char *text)
{
    for (unsigned i = 0; i < n; i++)
        ck_assert_uint_eq(live_and_be_killed(fd, SCOREBOARD_EVENT, text, NULL).row, i);
}

START_TEST(kills_never_make_it_poison)
{
    struct scoreboard_report report;
    struct scoreboard h;
    int fd = new_dir();

    kill_often(fd, 3 * SCOREBOARD_ROW, "innocent");
    h = opened(fd, &report);
    ck_assert_uint_eq(report.row, 3 * SCOREBOARD_ROW);
    ck_assert_uint_eq(h.n_suspects, 1);
    ck_assert(!scoreboard_was_poison(&h, SCOREBOARD_EVENT, "innocent", 8));
    ck_assert(!scoreboard_is_poison(&h, SCOREBOARD_EVENT, "innocent", 8)); /* the trial */
    scoreboard_begin(&h, SCOREBOARD_EVENT, "innocent", 8);
    scoreboard_end(&h); /* the child ends here */
    ck_assert_int_eq(h.trial_fd, -1);
    ck_assert_uint_eq(h.n_suspects, 0);
    scoreboard_close(&h);
    remove_dir(fd);
}
END_TEST

START_TEST(what_kills_its_children_is_poison)
{
    struct scoreboard_report report;
    struct scoreboard h;
    int fd = new_dir();
    unsigned handled = 0;

    kill_often(fd, SCOREBOARD_ROW, "bad");
    h = opened(fd, &report);
    ck_assert(!scoreboard_is_poison(&h, SCOREBOARD_EVENT, "other", 5));
    ck_assert(!scoreboard_is_poison(&h, SCOREBOARD_LINE, "bad", 3));
    if (!scoreboard_is_poison(&h, SCOREBOARD_EVENT, "bad", 3)) {
        scoreboard_begin(&h, SCOREBOARD_EVENT, "bad", 3);
        handled++;
        (void)kill(getpid(), SIGKILL);
    }
    ck_assert_uint_eq(handled, 0);
    ck_assert(scoreboard_was_poison(&h, SCOREBOARD_EVENT, "bad", 3));
    ck_assert_uint_eq(h.page->stage, SCOREBOARD_NOTHING);
    scoreboard_close(&h);
    remove_dir(fd);
}
END_TEST

START_TEST(progress_ends_the_row)
{
    int fd = new_dir();

    kill_often(fd, SCOREBOARD_ROW - 1, "a");
    ck_assert_uint_eq(live_and_be_killed(fd, SCOREBOARD_EVENT, "b", NULL).row, SCOREBOARD_ROW - 1);
    ck_assert_uint_eq(live_and_be_killed(fd, SCOREBOARD_NOTHING, NULL, NULL).row, 1);
    ck_assert_uint_eq(live_and_be_killed(fd, SCOREBOARD_EVENT, "b", NULL).row, 0);
    ck_assert_uint_eq(live_and_be_killed(fd, SCOREBOARD_EVENT, "b", NULL).row, 1);
    remove_dir(fd);
}
END_TEST

/* Who kills all of us gets no verdict: the row begins anew with the next life. */
START_TEST(a_parent_that_is_killed_ends_the_trial)
{
    struct scoreboard_report report;
    struct scoreboard h;
    int status, fd = new_dir();
    pid_t pid;

    kill_often(fd, SCOREBOARD_ROW, "innocent");
    pid = fork();
    if (pid == 0) {
        pid_t self = getpid();

        h = opened(fd, &report);
        if (!scoreboard_is_poison(&h, SCOREBOARD_EVENT, "innocent", 8) && getpid() != self)
            (void)kill(getppid(), SIGKILL);
        for (;;)
            pause();
    }
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    h = opened(fd, &report);
    ck_assert_int_eq(report.stage, SCOREBOARD_NOTHING);
    ck_assert(!scoreboard_was_poison(&h, SCOREBOARD_EVENT, "innocent", 8));
    scoreboard_close(&h);
    remove_dir(fd);
}
END_TEST

START_TEST(what_is_unanswered_and_the_sender_outlive_the_process)
{
    int fd = new_dir();
    struct scoreboard_report report;
    struct scoreboard h;
    pid_t pid = fork();

    if (pid == 0) {
        if (scoreboard_open(&h, fd, &report) < 0 || scoreboard_sender_is_new(&h, 7, 70))
            _exit(1);
        scoreboard_set_unanswered(&h, (struct scoreboard_unanswered){3, 5, 9});
        kill(getpid(), SIGKILL);
    }
    waitpid(pid, NULL, 0);
    ck_assert_int_eq(scoreboard_open(&h, fd, &report), 0);
    ck_assert_uint_eq(scoreboard_unanswered(&h).n, 3);
    ck_assert_uint_eq(scoreboard_unanswered(&h).number, 5);
    ck_assert_uint_eq(scoreboard_unanswered(&h).digest, 9);
    ck_assert(!scoreboard_sender_is_new(&h, 7, 70));
    ck_assert(scoreboard_sender_is_new(&h, 7, 71));
    ck_assert(!scoreboard_sender_is_new(&h, 7, 0)); /* not known when it started */
    ck_assert(!scoreboard_sender_is_new(&h, 7, 72));
    ck_assert(scoreboard_sender_is_new(&h, 8, 0));
    scoreboard_close(&h);
    remove_dir(fd);
}
END_TEST

UNIT_MAIN("scoreboard", what_is_unanswered_and_the_sender_outlive_the_process,
          two_deaths_make_it_poison, progress_clears, only_its_own_stage_clears,
          long_texts_differ_by_length, suspects_are_bounded, a_damaged_file_is_made_anew,
          works_without_the_file, a_failing_disk_costs_only_memory, a_death_leaves_its_mark,
          a_death_between_two_things, progress_is_no_loop, a_signal_from_outside_is_no_crash,
          kills_never_make_it_poison, what_kills_its_children_is_poison, progress_ends_the_row,
          a_parent_that_is_killed_ends_the_trial)
