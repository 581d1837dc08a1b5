/* SPDX-License-Identifier: Apache-2.0 */
/* The trial of a thing at which we were killed many times in a row: a child handles it while we
 * wait. Between hand_condemned() and hand_put() nothing is written to a file or a socket, so nobody
 * sees that it was handled twice. The child dies with its parent, is the memory killer's first
 * choice, and has a copy of the page. Needs of a filter for system calls: clone, pipe2, poll, read,
 * write, wait4, kill, prctl(PR_SET_PDEATHSIG), getppid, exit_group; openat of
 * /proc/self/oom_score_adj may fail. */
#include "config.h"
#include "journal/hand_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"

#define TRIALS 3
#define TRIALS_MS 20000 /* all of them: rsyslog waits for a reply meanwhile */

enum fate { FATE_CHILD, FATE_PASSED, FATE_DIED, FATE_UNKNOWN };

static void become_child(struct hand *h, int fd, pid_t parent)
{
    struct hand_page *page = mem_alloc(sizeof(*page));
    int adj;

    if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0 || getppid() != parent)
        _exit(1);
    adj = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    if (adj >= 0) {
        ssize_t ignored = write(adj, "1000", 4);

        (void)ignored;
        close(adj);
    }
    *page = *h->page;
    h->page = page;
    hand_death_guard(page, sizeof(*page)); /* no file is marked */
    hand_death_watch_again();
    h->shared = false;
    h->trial_fd = fd;
    h->n_suspects = 1; /* hand_put() comes by hand_acquit() */
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

static enum fate try_once(struct hand *h, int64_t deadline_ms)
{
    pid_t parent = getpid(), child;
    enum fate fate;
    int fds[2];

    if (pipe2(fds, O_CLOEXEC) < 0)
        return FATE_UNKNOWN;
    child = fork();
    if (child == 0) {
        close(fds[0]);
        become_child(h, fds[1], parent);
        return FATE_CHILD;
    }
    close(fds[1]);
    fate = child < 0 ? FATE_UNKNOWN : wait_for(fds[0], child, deadline_ms);
    close(fds[0]);
    return fate;
}

enum hand_trial_result hand_trial(struct hand *h)
{
    int64_t deadline_ms = clock_mono_ms() + TRIALS_MS;

    for (unsigned i = 0; i < TRIALS; i++) {
        switch (try_once(h, deadline_ms)) {
        case FATE_CHILD:
            return HAND_TRIAL_CHILD;
        case FATE_DIED:
            break;
        case FATE_PASSED:
        case FATE_UNKNOWN:
            return HAND_TRIAL_NO_VERDICT;
        }
    }
    return HAND_TRIAL_DIED;
}

void hand_trial_passed(struct hand *h)
{
    ssize_t ignored = write(h->trial_fd, "!", 1);

    (void)ignored;
    _exit(0);
}
