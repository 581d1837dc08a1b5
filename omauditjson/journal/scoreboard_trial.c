/* SPDX-License-Identifier: Apache-2.0 */
/* The trial of a thing at which we were killed many times in a row: a child handles it while we
 * wait. Between scoreboard_is_poison() and scoreboard_end() nothing is written to a file or a
 * socket, so nobody sees that it was handled twice. The child dies with its parent, is the memory
 * killer's first choice, and has a copy of the page. Needs of a filter for system calls: clone,
 * pipe2, poll, read, write, wait4, kill, prctl(PR_SET_PDEATHSIG), getppid, exit_group; openat of
 * /proc/self/oom_score_adj may fail. */
#include "config.h"
#include "journal/scoreboard_trial.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"

#define TRIALS 3
#define TRIALS_MS 20000 /* all of them: rsyslog waits for a reply meanwhile */

enum fate { FATE_CHILD, FATE_PASSED, FATE_DIED, FATE_UNKNOWN };

static void become_child(pid_t parent)
{
    int adj;

    if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0 || getppid() != parent)
        _exit(1);
    adj = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    if (adj >= 0) {
        ssize_t ignored = write(adj, "1000", 4);

        (void)ignored;
        close(adj);
    }
}

static void reap(pid_t child, bool kill_first)
{
    if (kill_first)
        (void)kill(child, SIGKILL);
    while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
        ;
}

/* The child says one byte, or the pipe's end comes with its own. */
static enum fate wait_for(int fd, pid_t child, int64_t deadline_ms)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    int64_t left;
    ssize_t n;
    char c;

    while ((left = deadline_ms - clock_mono_ms()) > 0 && poll(&p, 1, (int)left) <= 0)
        ;
    if (left <= 0) {
        reap(child, true);
        return FATE_UNKNOWN;
    }
    do {
        n = read(fd, &c, 1);
    } while (n < 0 && errno == EINTR);
    reap(child, false);
    return n == 1 ? FATE_PASSED : n == 0 ? FATE_DIED : FATE_UNKNOWN;
}

static enum fate try_once(int64_t deadline_ms, int *fd)
{
    pid_t parent = getpid(), child;
    enum fate fate;
    int fds[2];

    if (pipe2(fds, O_CLOEXEC) < 0)
        return FATE_UNKNOWN;
    child = fork();
    if (child == 0) {
        close(fds[0]);
        become_child(parent);
        *fd = fds[1];
        return FATE_CHILD;
    }
    close(fds[1]);
    fate = child < 0 ? FATE_UNKNOWN : wait_for(fds[0], child, deadline_ms);
    close(fds[0]);
    return fate;
}

enum scoreboard_trial_result scoreboard_trial_run(int *fd)
{
    int64_t deadline_ms = clock_mono_ms() + TRIALS_MS;

    for (unsigned i = 0; i < TRIALS; i++) {
        switch (try_once(deadline_ms, fd)) {
        case FATE_CHILD:
            return SCOREBOARD_TRIAL_CHILD;
        case FATE_DIED:
            break;
        case FATE_PASSED:
        case FATE_UNKNOWN:
            return SCOREBOARD_TRIAL_NO_VERDICT;
        }
    }
    return SCOREBOARD_TRIAL_DIED;
}

void scoreboard_trial_passed(int fd)
{
    ssize_t ignored = write(fd, "!", 1);

    (void)ignored;
    _exit(0);
}
