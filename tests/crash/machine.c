/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "run.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define TICK_MS 3
#define STALL_MS 1500        /* nothing moves while something is wrong: go on */
#define STALL_HEALED_MS 9000 /* nothing moves though nothing is wrong */
#define STALL_UNSEEN_MS 3500 /* the same where rsyslog may have lost some */
#define WAIT_MS 6000
#define WAIT_HEALED_MS 60000
#define STOP_MS 60000
#define LEAVE_MS 30000
#define IDLE_MS 20000

int64_t run_now_ms(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void tick(struct run *r)
{
    static unsigned n;

    run_reap(r);
    run_wake(r);
    trail_push(r->trail);
    trail_listen(r->trail);
    if (n++ % 8 == 0)
        run_look_at_child(r);
    (void)poll(NULL, 0, TICK_MS);
}

/* -- the schedule --------------------------------------------------------------------------------
 */

/* Something that changes as long as anything is done. */
static uint64_t movement(const struct run *r)
{
    uint64_t sum = atomic_load(&r->page->lives) + r->out.rsyslogds;

    for (size_t i = 0; i < CRASH_N_POINTS; i++)
        if (i != CRASH_WIRE_DOT && i != CRASH_LOCK)
            sum += atomic_load(&r->page->reached[i]);
    return sum;
}

static void pause_ms(struct run *r, int64_t ms)
{
    int64_t end = run_now_ms() + ms;

    while (run_now_ms() < end)
        tick(r);
}

static bool all_answered(const struct run *r)
{
    return trail_pushed(r->trail) && trail_unanswered(r->trail) == 0;
}

/* Until all that was fed is answered, or nothing new is for stall_ms. */
static void wait_answered(struct run *r, int64_t most_ms, int64_t stall_ms)
{
    int64_t now = run_now_ms(), end = now + most_ms, moved = now;
    size_t left = trail_unanswered(r->trail);
    unsigned starts = r->out.rsyslogds;

    while (!all_answered(r) && now < end && now - moved < stall_ms) {
        tick(r);
        now = run_now_ms();
        if (trail_unanswered(r->trail) != left || r->out.rsyslogds != starts) {
            left = trail_unanswered(r->trail);
            starts = r->out.rsyslogds;
            moved = now;
        }
    }
}

/* Until omauditjson rests: its calls have come to an end, for now. */
static void wait_quiet(struct run *r, int64_t quiet_ms, int64_t most_ms)
{
    int64_t now = run_now_ms(), end = now + most_ms, moved = now;
    uint64_t last = movement(r);

    while (now < end && now - moved < quiet_ms) {
        tick(r);
        now = run_now_ms();
        if (movement(r) != last)
            moved = now;
        last = movement(r);
    }
}

static void fill_disk(struct run *r)
{
    char path[600];
    int fd;

    (void)snprintf(path, sizeof(path), "%s/state/fill", r->dir);
    fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    for (off_t size = 8 << 20, at = 0; fd >= 0 && size >= 4096;)
        if (posix_fallocate(fd, at, size) == 0)
            at += size;
        else
            size /= 2;
    (void)close(fd);
}

static void free_disk(struct run *r)
{
    char path[600];

    (void)snprintf(path, sizeof(path), "%s/state/fill", r->dir);
    (void)unlink(path);
}

static void signal_child(struct run *r, int sig)
{
    pid_t pid = atomic_load(&r->page->pid);

    if (pid > 0)
        (void)kill(pid, sig);
}

static void signal_rsyslogd(struct run *r, int sig)
{
    if (r->rsyslogd > 0)
        (void)kill(r->rsyslogd, sig);
}

static void do_step(struct run *r, const struct step *p)
{
    r->out.steps[p->kind]++;
    switch (p->kind) {
    case STEP_FEED:
        trail_feed(r->trail, (unsigned)p->a);
        break;
    case STEP_WAIT:
        wait_answered(r, WAIT_MS, STALL_MS);
        wait_quiet(r, 40, 300);
        break;
    case STEP_PAUSE:
        pause_ms(r, p->a);
        break;
    case STEP_KILL:
        signal_child(r, SIGKILL);
        break;
    case STEP_RS_KILL:
        signal_rsyslogd(r, SIGKILL);
        break;
    case STEP_RS_GROUP:
        signal_child(r, SIGTERM);
        signal_rsyslogd(r, SIGTERM);
        break;
    case STEP_RS_STOP:
        signal_rsyslogd(r, SIGTERM);
        break;
    case STEP_HUP:
        signal_child(r, SIGHUP);
        signal_rsyslogd(r, SIGHUP);
        break;
    case STEP_MODE:
        run_control(r, "mode", p->text);
        break;
    case STEP_PLAN:
        run_control(r, "plan", p->text);
        break;
    case STEP_DOWN:
        run_stop_receiver(r);
        break;
    case STEP_UP:
        run_stop_receiver(r);
        (void)run_start_receiver(r, false);
        break;
    case STEP_BAD_CERT:
        run_stop_receiver(r);
        (void)run_start_receiver(r, true);
        break;
    case STEP_ROTATE:
        trail_rotate(r->trail);
        break;
    case STEP_CLOCK:
        (void)atomic_fetch_add(&r->page->wall_shift, p->a);
        break;
    case STEP_FILL:
        fill_disk(r);
        break;
    case STEP_FREE:
        free_disk(r);
        break;
    case STEP_FREEZE:
        if (atomic_load(&r->page->pid) > 0)
            (void)crash_freeze(r->page, atomic_load(&r->page->pid), run_now_ms() + p->a, kill);
        break;
    case STEP_RS_FREEZE:
        if (r->rsyslogd > 0)
            (void)crash_freeze(r->page, (int32_t)r->rsyslogd, run_now_ms() + p->a, kill);
        break;
    case STEP_N:
        break;
    }
}

static void heal(struct run *r)
{
    atomic_store(&r->page->healed, 1);
    if (r->s.tls) /* certificates hold at their time only */
        atomic_store(&r->page->wall_shift, 0);
    if (r->down || r->bad_cert) {
        run_stop_receiver(r);
        (void)run_start_receiver(r, false);
    }
    run_control(r, "mode", "ok");
    if (r->mounted)
        free_disk(r);
}

/* Every child but the receiver has ended. */
static bool others_ended(struct run *r, int64_t most_ms)
{
    int64_t end = run_now_ms() + most_ms;
    char path[64];

    (void)snprintf(path, sizeof(path), "/proc/self/task/%d/children", (int)getpid());
    for (;;) {
        FILE *f;
        bool any = false;
        int pid;

        run_reap(r);
        f = fopen(path, "re");
        while (f != NULL && fscanf(f, "%d", &pid) == 1)
            any |= pid != r->receiver;
        if (f != NULL)
            (void)fclose(f);
        if (!any || run_now_ms() >= end)
            return !any;
        tick(r);
    }
}

/* Nothing more comes: what is in the journal is delivered. */
static bool last_life(struct run *r)
{
    char shim[600], dir[600], conf[600];
    const char *program = r->s.small ? r->at->small : r->at->program;
    const char *argv[] = {program, "--config", conf, "--shutdown-timeout", "20s", NULL};
    int in[2], out[2], status = -1;
    char answer[64];
    pid_t pid;

    (void)snprintf(shim, sizeof(shim), "LD_PRELOAD=%s", r->at->shim);
    (void)snprintf(dir, sizeof(dir), CRASH_ENV "=%s", r->dir);
    (void)snprintf(conf, sizeof(conf), "%s/oaj.conf", r->dir);
    if (pipe2(in, O_CLOEXEC) < 0 || pipe2(out, O_CLOEXEC) < 0 || (pid = fork()) < 0)
        return false;
    if (pid == 0) {
        char *env[] = {shim, dir, NULL};

        (void)dup2(in[0], STDIN_FILENO);
        (void)dup2(out[1], STDOUT_FILENO);
        (void)execve(program, (char *const *)(uintptr_t)argv, env);
        _exit(127);
    }
    (void)close(in[0]);
    (void)close(in[1]);
    (void)close(out[1]);
    while (read(out[0], answer, sizeof(answer)) > 0)
        ;
    (void)close(out[0]);
    (void)waitpid(pid, &status, 0);
    r->exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
    return true;
}

/* False: somebody is left. */
static bool stop_in_order(struct run *r)
{
    signal_rsyslogd(r, SIGTERM);
    for (int64_t end = run_now_ms() + STOP_MS; r->rsyslogd != 0;) {
        tick(r);
        if (run_now_ms() >= end) {
            run_failed(r, "rsyslogd does not stop");
            signal_rsyslogd(r, SIGKILL);
            break;
        }
    }
    if (others_ended(r, LEAVE_MS))
        return true;
    run_failed(r, "omauditjson does not end");
    signal_child(r, SIGKILL);
    return false;
}

/* rsyslogd starts once more and there is no new record: what an omauditjson left in its journal
 * would wait for one, if the stanza did not have it started. Not drawn: the schedule of a seed
 * stays what it was. */
static bool idle_life(struct run *r)
{
    uint64_t lives = atomic_load(&r->page->lives);
    int64_t end = run_now_ms() + IDLE_MS;

    run_start_rsyslogd(r);
    while (atomic_load(&r->page->lives) == lives && run_now_ms() < end)
        tick(r);
    if (atomic_load(&r->page->lives) == lives)
        run_failed(r,
                   "rsyslogd was started again, no record came, and omauditjson was not started");
    wait_quiet(r, 120, 1200);
    return stop_in_order(r);
}

bool machine_run(struct run *r)
{
    (void)prctl(PR_SET_CHILD_SUBREAPER, 1);
    (void)signal(SIGPIPE, SIG_IGN);
    if (!run_start_receiver(r, false))
        return false;
    setup_write(r);
    run_start_rsyslogd(r);
    for (size_t i = 0; i < r->s.n_steps; i++)
        do_step(r, &r->s.steps[i]);
    wait_quiet(r, 120, 1200);
    heal(r);
    wait_answered(r, WAIT_HEALED_MS,
                  verdict_may_be_unseen(r) > 0 ? STALL_UNSEEN_MS : STALL_HEALED_MS);
    r->no_restart = true;
    if (!stop_in_order(r) || (r->s.seed % 4 == 0 && !idle_life(r)))
        return false;
    if (!last_life(r))
        run_failed(r, "no last life");
    trail_listen(r->trail);
    run_stop_receiver(r);
    return true;
}
