/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "journal/hand.h"
#include "unit.h"

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

/* A life that ends with text in hand, or (stage 0) with empty hands after having finished it. */
static struct hand_report live_and_die(int fd, enum hand_stage stage, const char *text,
                                       const char *finished)
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
        kill(getpid(), SIGKILL);
    }
    close(pipes[1]);
    ck_assert_int_eq(read(pipes[0], &report, sizeof(report)), sizeof(report));
    close(pipes[0]);
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
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

/* Another SIGBUS is as deadly as ever. */
START_TEST(other_bus_errors_kill)
{
    struct hand_report report;
    struct hand h;
    int status, fd = new_dir();
    pid_t pid;

    h = opened(fd, &report);
    pid = fork();
    if (pid == 0) {
        (void)raise(SIGBUS);
        (void)raise(SIGBUS); /* the first one only took the handler away */
        _exit(0);
    }
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    ck_assert(!WIFEXITED(status) || WEXITSTATUS(status) != 0);
    hand_close(&h);
    remove_dir(fd);
}
END_TEST

UNIT_MAIN("hand", two_deaths_condemn, progress_acquits, only_its_own_stage_acquits,
          long_texts_differ_by_length, suspects_are_bounded, a_damaged_file_is_made_anew,
          works_without_the_file, a_failing_disk_costs_only_memory, other_bus_errors_kill)
