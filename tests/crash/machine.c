/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "run.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
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

int64_t run_now_ms(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* -- processes -----------------------------------------------------------------------------------
 */

static pid_t start(struct run *r, const char *const *argv, const char *err)
{
    char path[1024];
    pid_t pid = fork();

    if (pid != 0)
        return pid;
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    (void)snprintf(path, sizeof(path), "%s/%s", r->dir, err);
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);
    int null = open("/dev/null", O_RDWR);

    (void)dup2(null, STDIN_FILENO);
    (void)dup2(null, STDOUT_FILENO);
    (void)dup2(fd, STDERR_FILENO);
    (void)close(fd);
    (void)close(null);
    (void)execvp(argv[0], (char *const *)(uintptr_t)argv);
    _exit(127);
}

static bool start_receiver(struct run *r, bool bad_cert)
{
    char port[16], port_file[600], out[600], requests[600], cert[600], key[600], max[16];
    const char *argv[24] = {r->at->receiver, "--port", port,         "--port-file", port_file,
                            "--out",         out,      "--requests", requests};
    size_t n = 9;
    int64_t end = run_now_ms() + 15000;
    FILE *f = NULL;

    (void)snprintf(port, sizeof(port), "%u", r->port);
    (void)snprintf(port_file, sizeof(port_file), "%s/port", r->dir);
    (void)snprintf(out, sizeof(out), "%s/out.json", r->dir);
    (void)snprintf(requests, sizeof(requests), "%s/requests.json", r->dir);
    if (r->s.tls) {
        (void)snprintf(cert, sizeof(cert), "%s/%s-server.pem", r->at->work,
                       bad_cert ? "other" : "ca");
        (void)snprintf(key, sizeof(key), "%s/%s-server.key", r->at->work,
                       bad_cert ? "other" : "ca");
        argv[n++] = "--tls";
        argv[n++] = cert;
        argv[n++] = key;
    }
    if (r->s.reject != NULL) {
        argv[n++] = "--reject";
        argv[n++] = r->s.reject;
    }
    if (r->s.max_events != 0) {
        (void)snprintf(max, sizeof(max), "%u", r->s.max_events);
        argv[n++] = "--max-events";
        argv[n++] = max;
    }
    argv[n] = NULL;
    /* its old port may still be in somebody's hands for a moment */
    for (;;) {
        int status;

        (void)unlink(port_file);
        r->receiver = start(r, argv, "receiver.err");
        while (waitpid(r->receiver, &status, WNOHANG) == 0 && run_now_ms() < end &&
               (f = fopen(port_file, "re")) == NULL)
            (void)poll(NULL, 0, TICK_MS);
        if (f != NULL)
            break;
        if (run_now_ms() >= end) {
            run_failed(r, "the receiver does not start");
            return false;
        }
        (void)poll(NULL, 0, 50);
    }
    if (fscanf(f, "%u", &r->port) != 1)
        run_failed(r, "the receiver has no port");
    (void)fclose(f);
    r->down = false;
    r->bad_cert = bad_cert;
    return true;
}

static void stop_receiver(struct run *r)
{
    if (r->receiver > 0) {
        (void)kill(r->receiver, SIGTERM);
        (void)waitpid(r->receiver, NULL, 0);
    }
    r->receiver = 0;
    r->down = true;
}

static void control(struct run *r, const char *what, const char *text)
{
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)r->port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct buf b = BUF_INIT(4096);
    char answer[512];
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (r->down || r->s.tls) {
        (void)close(fd);
        return;
    }
    (void)buf_printf(&b, "GET /_control?%s=", what);
    for (const char *p = text; *p != '\0'; p++)
        if (*p == '+')
            (void)buf_append_str(&b, "%2B");
        else
            (void)buf_append_char(&b, *p);
    (void)buf_append_str(&b, " HTTP/1.0\r\n\r\n");
    if (connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0 &&
        write(fd, b.data, b.len) == (ssize_t)b.len)
        while (read(fd, answer, sizeof(answer)) > 0)
            ;
    (void)close(fd);
    buf_done(&b);
}

static void start_rsyslogd(struct run *r)
{
    char conf[600];
    const char *argv[] = {"rsyslogd", "-n", "-f", conf, "-iNONE", NULL};

    (void)snprintf(conf, sizeof(conf), "%s/rsyslog.conf", r->dir);
    r->rsyslogd = start(r, argv, "rsyslogd.err");
    atomic_store(&r->page->rsyslogd, (int32_t)r->rsyslogd);
    r->out.rsyslogds++;
}

static void look_at_child(struct run *r)
{
    char path[64], line[256];
    pid_t pid = atomic_load(&r->page->pid);
    unsigned kib, fds = 0;
    FILE *f;

    if (pid <= 0)
        return;
    (void)snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
    f = fopen(path, "re");
    while (f != NULL && fgets(line, sizeof(line), f) != NULL) {
        if (sscanf(line, "VmHWM: %u", &kib) == 1 && kib > r->out.rss_kib)
            r->out.rss_kib = kib;
        if (sscanf(line, "FDSize: %u", &fds) == 1 && fds > r->out.fds)
            r->out.fds = fds;
    }
    if (f != NULL)
        (void)fclose(f);
}

/* Whoever has ended; rsyslogd comes back. */
static void reap(struct run *r)
{
    pid_t pid;
    int status;

    while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
        if (pid == r->rsyslogd) {
            r->rsyslogd = 0;
            atomic_store(&r->page->rsyslogd, 0);
        } else if (pid == r->receiver) {
            r->receiver = 0;
            run_failed(r, "the receiver ended by itself");
        }
    }
    if (r->rsyslogd == 0 && !r->no_restart)
        start_rsyslogd(r);
}

static void tick(struct run *r)
{
    static unsigned n;

    reap(r);
    trail_push(r->trail);
    trail_listen(r->trail);
    if (n++ % 8 == 0)
        look_at_child(r);
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
        control(r, "mode", p->text);
        break;
    case STEP_PLAN:
        control(r, "plan", p->text);
        break;
    case STEP_DOWN:
        stop_receiver(r);
        break;
    case STEP_UP:
        stop_receiver(r);
        (void)start_receiver(r, false);
        break;
    case STEP_BAD_CERT:
        stop_receiver(r);
        (void)start_receiver(r, true);
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
        stop_receiver(r);
        (void)start_receiver(r, false);
    }
    control(r, "mode", "ok");
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

        reap(r);
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

bool machine_run(struct run *r)
{
    (void)prctl(PR_SET_CHILD_SUBREAPER, 1);
    (void)signal(SIGPIPE, SIG_IGN);
    if (!start_receiver(r, false))
        return false;
    setup_write(r);
    start_rsyslogd(r);
    for (size_t i = 0; i < r->s.n_steps; i++)
        do_step(r, &r->s.steps[i]);
    wait_quiet(r, 120, 1200);
    heal(r);
    wait_answered(r, WAIT_HEALED_MS,
                  verdict_may_be_unseen(r) > 0 ? STALL_UNSEEN_MS : STALL_HEALED_MS);
    r->no_restart = true;
    signal_rsyslogd(r, SIGTERM);
    for (int64_t end = run_now_ms() + STOP_MS; r->rsyslogd != 0;) {
        tick(r);
        if (run_now_ms() >= end) {
            run_failed(r, "rsyslogd does not stop");
            signal_rsyslogd(r, SIGKILL);
            break;
        }
    }
    if (!others_ended(r, LEAVE_MS)) {
        run_failed(r, "omauditjson does not end");
        signal_child(r, SIGKILL);
        return false;
    }
    if (!last_life(r))
        run_failed(r, "no last life");
    trail_listen(r->trail);
    stop_receiver(r);
    return true;
}
