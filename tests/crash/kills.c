/* SPDX-License-Identifier: Apache-2.0 */
/* Kills omauditjson (-9) so many times, with a journal that holds events of 5 to 8,000 records and
 * a receiver that takes none of them: at random, and aimed, as the page state_dir/scoreboard tells
 * what is in process. Usage: kills PROGRAM CONFIG STATE-DIR N SEED. Prints where the kills hit.
 * kills.sh sets it up and judges. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"
#include "conf/conf.h"
#include "engine/engine.h"
#include "journal/scoreboard.h"

#define AIM_US 20000000 /* no longer is waited for something in process */
#define IDLE_US 1000000
#define IN_PROCESS_US 3000

static uint64_t state;

static uint64_t below(uint64_t n) /* splitmix64 */
{
    uint64_t z = state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return (z ^ z >> 31) % n;
}

static int64_t now_us(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void pause_us(uint64_t us)
{
    struct timespec t = {(time_t)(us / 1000000), (long)(us % 1000000 * 1000)};

    nanosleep(&t, NULL);
}

static void live(char *config, int input)
{
    char name[] = "kills", option[] = "--config";
    char *argv[] = {name, option, config, NULL};
    struct conf *conf = mem_calloc(1, sizeof(*conf));
    struct buf errors = BUF_INIT(65536);
    struct engine_wire wire = {.in_fd = input, .out_fd = -1, .signal_fd = -1, .doc_fd = -1};
    enum conf_command command;
    int first;

    if (conf_load(conf, 3, argv, &command, &first, &errors) < 0 || log_open(conf->log) < 0)
        _exit(78);
    _exit(engine_run(conf, &wire, NULL, NULL));
}

static pid_t start(char *config, int *input)
{
    int fds[2];
    pid_t pid;

    if (pipe2(fds, O_CLOEXEC) < 0)
        return -1;
    pid = fork();
    if (pid == 0) {
        close(fds[1]);
        live(config, fds[0]);
    }
    close(fds[0]);
    *input = fds[1];
    return pid;
}

/* Until this is in process, or nothing more will be. Returns how long that took. */
static int64_t aim(const volatile struct scoreboard_page *page, uint32_t stage, uint64_t takes)
{
    int64_t from = now_us(), moved = 0, took = 0;

    while (page->stage != stage && took < AIM_US && (!moved || took - moved < IDLE_US)) {
        pause_us(20);
        took = now_us() - from;
        if (page->takes != takes)
            moved = took;
        takes = page->takes;
    }
    pause_us(below(IN_PROCESS_US));
    return took;
}

int main(int argc, char **argv)
{
    unsigned long n, hits[SCOREBOARD_BATCH + 1] = {0}, row = 0, longest = 0, at_row = 0;
    const volatile struct scoreboard_page *page;
    int64_t usual_us = 50000; /* from a start to an event in process */
    char path[4096];
    int fd;

    if (argc != 5)
        return 64;
    n = strtoul(argv[3], NULL, 10);
    state = strtoull(argv[4], NULL, 10);
    snprintf(path, sizeof(path), "%s/scoreboard", argv[2]);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    page = mmap(NULL, sizeof(*page), PROT_READ, MAP_SHARED, fd, 0);
    if (fd < 0 || page == MAP_FAILED) {
        perror(path);
        return 1;
    }
    for (unsigned long i = 0; i < n; i++) {
        uint64_t takes = page->takes;
        int input, status;
        pid_t pid = start(argv[1], &input);

        if (pid < 0) {
            perror("fork");
            return 1;
        }
        switch (below(4)) {
        case 0:
            pause_us(below(2 * (uint64_t)usual_us));
            break;
        case 1:
            (void)aim(page, SCOREBOARD_BATCH, takes);
            break;
        default:
            usual_us = (usual_us * 7 + aim(page, SCOREBOARD_EVENT, takes)) / 8;
            break;
        }
        kill(pid, SIGKILL);
        close(input);
        if (waitpid(pid, &status, 0) != pid || !WIFSIGNALED(status)) {
            fprintf(stderr, "it ended by itself: %d\n", status);
            return 1;
        }
        hits[page->stage <= SCOREBOARD_BATCH ? page->stage : 0]++;
        row = page->stage ? row + 1 : 0;
        longest = row > longest ? row : longest;
        at_row += page->row.deaths + (page->stage != 0) >= SCOREBOARD_ROW;
    }
    printf(
        "%lu kills: %lu with an event in process, %lu a batch, %lu a record, %lu nothing; at most "
        "%lu in a row with something in process; %lu when a trial was due\n",
        n, hits[SCOREBOARD_EVENT], hits[SCOREBOARD_BATCH],
        hits[SCOREBOARD_LINE] + hits[SCOREBOARD_RECORD] + hits[SCOREBOARD_REREAD] +
            hits[SCOREBOARD_RESUMED],
        hits[SCOREBOARD_NOTHING], longest, at_row);
    return 0;
}
