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
#include "journal/hand.h"
#include "journal/hand_death.h"
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

    snprintf(dir, sizeof(dir), "/tmp/hand.XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(dir));
    fd = open(dir, O_RDONLY | O_DIRECTORY);
    ck_assert_int_ge(fd, 0);
    return fd;
}

static void remove_dir(int fd)
{
    (void)unlinkat(fd, "hand", 0);
    close(fd);
    ck_assert_int_eq(rmdir(dir), 0);
}

/* A life that ends with text in hand, or (stage 0) with empty hands after having finished it.
 * how(): by what; it may return, and then it is SIGKILL. */
static struct hand_report live_until(int fd, enum hand_stage stage, const char *text,
                                     const char *finished, void (*how)(void), int *ret_status)
{
    struct hand_report report;
    int pipes[2], status;
    pid_t pid;

    ck_assert_int_eq(pipe(pipes), 0);
    pid = fork();
    if (pid == 0) {
        struct hand h;

        if (hand_open(&h, fd, &report) < 0 ||
            write(pipes[1], &report, sizeof(report)) != (ssize_t)sizeof(report))
            _exit(1);
        if (finished) {
            hand_take(&h, HAND_LINE, finished, strlen(finished));
            hand_put(&h);
        }
        if (stage != HAND_NOTHING)
            hand_take(&h, stage, text, strlen(text));
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

static struct hand_report live_and_die(int fd, enum hand_stage stage, const char *text,
                                       const char *finished)
{
    int status;
    struct hand_report report = live_until(fd, stage, text, finished, crash, &status);

    ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
    return report;
}

static struct hand_report live_and_be_killed(int fd, enum hand_stage stage, const char *text,
                                             const char *finished)
{
    int status;
    struct hand_report report = live_until(fd, stage, text, finished, NULL, &status);

    ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    return report;
}

static struct hand opened(int fd, struct hand_report *report)
{
    struct hand h;

    ck_assert_int_eq(hand_open(&h, fd, report), 0);
    return h;
}

START_TEST(two_deaths_condemn)
{
    struct hand_report report;
    struct hand h;
    int fd = new_dir();

    report = live_and_die(fd, HAND_LINE, "bad", "good");
    ck_assert_int_eq(report.stage, HAND_NOTHING);
    report = live_and_die(fd, HAND_LINE, "bad", "good");
    ck_assert_int_eq(report.stage, HAND_LINE);
    ck_assert_uint_eq(report.deaths, 1);
    ck_assert_uint_eq(report.len, 3);
    ck_assert_mem_eq(report.text, "bad", 3);
    h = opened(fd, &report);
    ck_assert_uint_eq(report.deaths, 2);
    ck_assert(hand_condemned(&h, HAND_LINE, "bad", 3));
    ck_assert(hand_condemned(&h, HAND_RECORD, "bad", 3)); /* the same text wherever it comes */
    ck_assert(!hand_condemned(&h, HAND_EVENT, "bad", 3));
    ck_assert(!hand_condemned(&h, HAND_LINE, "good", 4));
    ck_assert(!hand_condemned(&h, HAND_LINE, "ba", 2));
    hand_close(&h);
    /* and it stays so until it is forgotten */
    h = opened(fd, &report);
    ck_assert_int_eq(report.stage, HAND_NOTHING);
    ck_assert(hand_condemned(&h, HAND_LINE, "bad", 3));
    hand_forget(&h, HAND_LINE, "bad", 3);
    ck_assert(!hand_condemned(&h, HAND_LINE, "bad", 3));
    ck_assert_uint_eq(h.n_suspects, 0);
    hand_close(&h);
    remove_dir(fd);
}
END_TEST

START_TEST(progress_acquits)
{
    struct hand_report report;
    struct hand h;
    int fd = new_dir();

    /* twenty times in the same line, finished with each time before it is in hand again */
    for (int i = 0; i < 20; i++) {
        report = live_and_die(fd, HAND_LINE, "innocent", "innocent");
        ck_assert_uint_le(report.deaths, 1);
    }
    h = opened(fd, &report);
    ck_assert_uint_eq(report.deaths, 1);
    ck_assert(!hand_condemned(&h, HAND_LINE, "innocent", 8));
    hand_close(&h);
    remove_dir(fd);
}
END_TEST

START_TEST(only_its_own_stage_acquits)
{
    struct hand_report report;
    struct hand h;
    int fd = new_dir();

    /* read without harm at each start, deadly further on */
    live_and_die(fd, HAND_RECORD, "bad", NULL);
    live_and_die(fd, HAND_RECORD, "bad", "bad");
    h = opened(fd, &report);
    ck_assert_int_eq(report.stage, HAND_RECORD);
    ck_assert(hand_condemned(&h, HAND_RECORD, "bad", 3));
    hand_close(&h);
    remove_dir(fd);
}
END_TEST

START_TEST(long_texts_differ_by_length)
{
    static char text[3 * HAND_TEXT_MAX];
    struct hand_report report;
    struct hand h;
    int fd = new_dir();

    memset(text, 'a', sizeof(text) - 1);
    live_and_die(fd, HAND_LINE, text, NULL);
    live_and_die(fd, HAND_LINE, text, NULL);
    h = opened(fd, &report);
    ck_assert_uint_eq(report.len, sizeof(text) - 1);
    ck_assert(hand_condemned(&h, HAND_LINE, text, sizeof(text) - 1));
    ck_assert(!hand_condemned(&h, HAND_LINE, text, sizeof(text) - 2));
    hand_close(&h);
    remove_dir(fd);
}
END_TEST

/* More suspects than places: the condemned ones stay. */
START_TEST(suspects_are_bounded)
{
    struct hand_report report;
    struct hand h;
    char text[32];
    int fd = new_dir();

    live_and_die(fd, HAND_LINE, "bad", NULL);
    live_and_die(fd, HAND_LINE, "bad", NULL);
    for (unsigned i = 0; i < 3 * HAND_SUSPECTS; i++) {
        snprintf(text, sizeof(text), "once %u", i);
        live_and_die(fd, HAND_LINE, text, NULL);
    }
    h = opened(fd, &report);
    ck_assert_uint_eq(h.n_suspects, HAND_SUSPECTS);
    ck_assert(hand_condemned(&h, HAND_LINE, "bad", 3));
    ck_assert(!hand_condemned(&h, HAND_LINE, text, strlen(text)));
    hand_close(&h);
    /* all places condemned: the oldest goes */
    for (unsigned i = 0; i < HAND_SUSPECTS; i++) {
        snprintf(text, sizeof(text), "twice %u", i);
        live_and_die(fd, HAND_LINE, text, NULL);
        live_and_die(fd, HAND_LINE, text, NULL);
    }
    h = opened(fd, &report);
    ck_assert(hand_condemned(&h, HAND_LINE, text, strlen(text)));
    ck_assert(!hand_condemned(&h, HAND_LINE, "bad", 3));
    hand_close(&h);
    remove_dir(fd);
}
END_TEST

START_TEST(a_damaged_file_is_made_anew)
{
    static const char junk[5000] = "no such page";
    struct hand_report report;
    struct hand h;
    struct stat st;
    int fd = new_dir(), file = openat(fd, "hand", O_WRONLY | O_CREAT, 0600);

    ck_assert_int_eq(write(file, junk, sizeof(junk)), sizeof(junk));
    close(file);
    h = opened(fd, &report);
    ck_assert_int_eq(report.stage, HAND_NOTHING);
    ck_assert(h.shared);
    hand_close(&h);
    ck_assert_int_eq(fstatat(fd, "hand", &st, 0), 0);
    ck_assert_int_eq(st.st_size, 4096);
    ck_assert_uint_eq(st.st_mode & 0777, 0600);
    ck_assert_int_gt(st.st_blocks, 0); /* no hole: a store needs no room */
    remove_dir(fd);
}
END_TEST

START_TEST(works_without_the_file)
{
    struct hand_report report;
    struct hand h;
    int fd = new_dir();

    ck_assert_int_eq(symlinkat("/dev/null", fd, "hand"), 0);
    ck_assert_int_lt(hand_open(&h, fd, &report), 0);
    ck_assert(!h.shared);
    hand_take(&h, HAND_LINE, "text", 4);
    hand_put(&h);
    ck_assert(!hand_condemned(&h, HAND_LINE, "text", 4));
    hand_close(&h);
    remove_dir(fd);
}
END_TEST

/* The file loses its block while the page is in use: SIGBUS, as from a disk that is full or gone.
 */
START_TEST(a_failing_disk_costs_only_memory)
{
    struct hand_report report;
    struct hand h;
    int fd = new_dir();

    h = opened(fd, &report);
    ck_assert_int_eq(truncate((snprintf(dir + strlen(dir), 6, "/hand"), dir), 0), 0);
    dir[strlen(dir) - 5] = '\0';
    hand_take(&h, HAND_LINE, "text", 4);
    ck_assert_uint_eq(h.page->stage, HAND_LINE);
    ck_assert_mem_eq(h.page->text, "text", 4);
    hand_put(&h);
    hand_close(&h);
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
    hand_death_watch(10);
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
        enum hand_mark mark;
        int signo, status; /* of wait() */
    } deaths[] = {{by_null, HAND_CRASHED, SIGSEGV, SIGSEGV},
                  {by_stack, HAND_CRASHED, SIGSEGV, SIGSEGV},
                  {by_bus, HAND_CRASHED, SIGBUS, SIGBUS},
                  {by_ill, HAND_CRASHED, SIGILL, SIGILL},
                  {by_fpe, HAND_CRASHED, SIGFPE, SIGFPE},
                  {by_abort, HAND_CRASHED, SIGABRT, SIGABRT},
                  {by_loop, HAND_LOOPED, 0, SIGABRT},
                  {by_memory, HAND_EXHAUSTED, 0, MEM_EXIT_CODE << 8},
                  {by_exit, HAND_EXITED, 0, 0}};

    for (size_t i = 0; i < sizeof(deaths) / sizeof(deaths[0]); i++) {
        struct hand_report report;
        struct hand h;
        int status, fd = new_dir();

        live_until(fd, HAND_EVENT, "bad", NULL, deaths[i].how, &status);
        ck_assert_msg(status == deaths[i].status, "%zu: %d", i, status);
        live_until(fd, HAND_EVENT, "bad", NULL, deaths[i].how, NULL);
        h = opened(fd, &report);
        ck_assert_int_eq(report.mark, deaths[i].mark);
        ck_assert_int_eq(report.signo, deaths[i].signo);
        ck_assert_uint_eq(report.deaths, 2);
        ck_assert(hand_condemned(&h, HAND_EVENT, "bad", 3));
        hand_close(&h);
        remove_dir(fd);
    }
}
END_TEST

/* With empty hands nothing is to blame. */
START_TEST(a_death_between_two_things)
{
    struct hand_report report;
    struct hand h;
    int fd = new_dir();

    live_until(fd, HAND_NOTHING, NULL, "good", by_null, NULL);
    live_until(fd, HAND_NOTHING, NULL, "good", by_abort, NULL);
    h = opened(fd, &report);
    ck_assert_int_eq(report.stage, HAND_NOTHING);
    ck_assert_uint_eq(h.n_suspects, 0);
    hand_close(&h);
    remove_dir(fd);
}
END_TEST

static void progress(void)
{
    struct timespec from, now;
    struct hand_report report;
    struct hand h;
    int fd = new_dir();

    h = opened(fd, &report);
    hand_death_watch(10);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
    do { /* ten times as long as a loop may take */
        hand_take(&h, HAND_EVENT, "again", 5);
        hand_put(&h);
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    } while ((now.tv_sec - from.tv_sec) * 1000 + (now.tv_nsec - from.tv_nsec) / 1000000 < 500);
    hand_death_watch(0);
    hand_close(&h);
    remove_dir(fd);
}

/* Nor a thing that takes long without using the CPU. */
START_TEST(progress_is_no_loop)
{
    struct hand_report report;
    struct hand h;
    int fd;

    progress();
    fd = new_dir();
    h = opened(fd, &report);
    hand_take(&h, HAND_EVENT, "slow", 4);
    hand_death_watch(10);
    (void)poll(NULL, 0, 200);
    hand_death_watch(0);
    hand_close(&h);
    remove_dir(fd);
}
END_TEST

/* Somebody else's kill -SEGV says as little as a kill -9. */
START_TEST(a_signal_from_outside_is_no_crash)
{
    struct hand_report report;
    struct hand h;
    int pipes[2], status, fd = new_dir();
    pid_t pid;
    char c;

    for (int i = 0; i < 2; i++) {
        ck_assert_int_eq(pipe(pipes), 0);
        pid = fork();
        if (pid == 0) {
            if (hand_open(&h, fd, &report) < 0)
                _exit(1);
            hand_take(&h, HAND_EVENT, "innocent", 8);
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
    ck_assert_int_eq(report.mark, HAND_UNMARKED);
    ck_assert(!hand_was_condemned(&h, HAND_EVENT, "innocent", 8));
    hand_close(&h);
    remove_dir(fd);
}
END_TEST

/* ---- kills, and the trial ---- */

static void kill_often(int fd, unsigned n, const char *text)
{
    for (unsigned i = 0; i < n; i++)
        ck_assert_uint_eq(live_and_be_killed(fd, HAND_EVENT, text, NULL).row, i);
}

START_TEST(kills_never_condemn)
{
    struct hand_report report;
    struct hand h;
    int fd = new_dir();

    kill_often(fd, 3 * HAND_ROW, "innocent");
    h = opened(fd, &report);
    ck_assert_uint_eq(report.row, 3 * HAND_ROW);
    ck_assert_uint_eq(h.n_suspects, 1);
    ck_assert(!hand_was_condemned(&h, HAND_EVENT, "innocent", 8));
    ck_assert(!hand_condemned(&h, HAND_EVENT, "innocent", 8)); /* the trial */
    hand_take(&h, HAND_EVENT, "innocent", 8);
    hand_put(&h); /* the child ends here */
    ck_assert_int_eq(h.trial_fd, -1);
    ck_assert_uint_eq(h.n_suspects, 0);
    hand_close(&h);
    remove_dir(fd);
}
END_TEST

START_TEST(what_kills_its_children_is_condemned)
{
    struct hand_report report;
    struct hand h;
    int fd = new_dir();
    unsigned handled = 0;

    kill_often(fd, HAND_ROW, "bad");
    h = opened(fd, &report);
    ck_assert(!hand_condemned(&h, HAND_EVENT, "other", 5));
    ck_assert(!hand_condemned(&h, HAND_LINE, "bad", 3));
    if (!hand_condemned(&h, HAND_EVENT, "bad", 3)) {
        hand_take(&h, HAND_EVENT, "bad", 3);
        handled++;
        (void)kill(getpid(), SIGKILL);
    }
    ck_assert_uint_eq(handled, 0);
    ck_assert(hand_was_condemned(&h, HAND_EVENT, "bad", 3));
    ck_assert_uint_eq(h.page->stage, HAND_NOTHING);
    hand_close(&h);
    remove_dir(fd);
}
END_TEST

START_TEST(progress_ends_the_row)
{
    int fd = new_dir();

    kill_often(fd, HAND_ROW - 1, "a");
    ck_assert_uint_eq(live_and_be_killed(fd, HAND_EVENT, "b", NULL).row, HAND_ROW - 1);
    ck_assert_uint_eq(live_and_be_killed(fd, HAND_NOTHING, NULL, NULL).row, 1);
    ck_assert_uint_eq(live_and_be_killed(fd, HAND_EVENT, "b", NULL).row, 0);
    ck_assert_uint_eq(live_and_be_killed(fd, HAND_EVENT, "b", NULL).row, 1);
    remove_dir(fd);
}
END_TEST

/* Who kills all of us gets no verdict: the row begins anew with the next life. */
START_TEST(a_parent_that_is_killed_ends_the_trial)
{
    struct hand_report report;
    struct hand h;
    int status, fd = new_dir();
    pid_t pid;

    kill_often(fd, HAND_ROW, "innocent");
    pid = fork();
    if (pid == 0) {
        pid_t self = getpid();

        h = opened(fd, &report);
        if (!hand_condemned(&h, HAND_EVENT, "innocent", 8) && getpid() != self)
            (void)kill(getppid(), SIGKILL);
        for (;;)
            pause();
    }
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    h = opened(fd, &report);
    ck_assert_int_eq(report.stage, HAND_NOTHING);
    ck_assert(!hand_was_condemned(&h, HAND_EVENT, "innocent", 8));
    hand_close(&h);
    remove_dir(fd);
}
END_TEST

START_TEST(what_is_owed_and_who_sends_outlive_us)
{
    int fd = new_dir();
    struct hand_report report;
    struct hand h;
    pid_t pid = fork();

    if (pid == 0) {
        if (hand_open(&h, fd, &report) < 0 || hand_sender_is_new(&h, 7, 70))
            _exit(1);
        hand_owe(&h, (struct hand_owed){3, 5, 9});
        kill(getpid(), SIGKILL);
    }
    waitpid(pid, NULL, 0);
    ck_assert_int_eq(hand_open(&h, fd, &report), 0);
    ck_assert_uint_eq(hand_owed(&h).n, 3);
    ck_assert_uint_eq(hand_owed(&h).number, 5);
    ck_assert_uint_eq(hand_owed(&h).digest, 9);
    ck_assert(!hand_sender_is_new(&h, 7, 70));
    ck_assert(hand_sender_is_new(&h, 7, 71));
    ck_assert(!hand_sender_is_new(&h, 7, 0)); /* not known when it started */
    ck_assert(!hand_sender_is_new(&h, 7, 72));
    ck_assert(hand_sender_is_new(&h, 8, 0));
    hand_close(&h);
    remove_dir(fd);
}
END_TEST

UNIT_MAIN("hand", what_is_owed_and_who_sends_outlive_us, two_deaths_condemn, progress_acquits,
          only_its_own_stage_acquits, long_texts_differ_by_length, suspects_are_bounded,
          a_damaged_file_is_made_anew, works_without_the_file, a_failing_disk_costs_only_memory,
          a_death_leaves_its_mark, a_death_between_two_things, progress_is_no_loop,
          a_signal_from_outside_is_no_crash, kills_never_condemn,
          what_kills_its_children_is_condemned, progress_ends_the_row,
          a_parent_that_is_killed_ends_the_trial)
