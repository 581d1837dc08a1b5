/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"

static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

/* In the new process, up to exec. */
static void become(char *const argv[], int in, int out, int err)
{
    static const int back_to_default[] = {SIGPIPE, SIGTERM, SIGHUP, SIGCHLD, SIGALRM};
    sigset_t none;

    if (dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(err, 2) < 0 || chdir("/") < 0)
        _exit(126);
    for (int fd = 3; fd < 1024; fd++)
        close(fd);
    for (size_t i = 0; i < sizeof(back_to_default) / sizeof(back_to_default[0]); i++)
        signal(back_to_default[i], SIG_DFL);
    signal(SIGINT, SIG_IGN);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    execv(argv[0], argv);
    _exit(127);
}

int child_start(struct child *c, char *const argv[], enum child_wire wire, const char *stderr_path)
{
    int in[2] = {-1, -1}, out[2] = {-1, -1};
    int err = open(stderr_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

    *c = (struct child){.in = -1, .out = -1, .packets = true};
    if (err < 0 || null < 0 || pipe2(in, O_CLOEXEC) < 0)
        goto fail;
    if (wire == CHILD_CONFIRMING && pipe2(out, O_CLOEXEC | O_DIRECT) < 0) {
        c->packets = false;
        if (pipe2(out, O_CLOEXEC) < 0)
            goto fail;
    }
    c->pid = fork();
    if (c->pid < 0)
        goto fail;
    if (c->pid == 0)
        become(argv, in[0],
               wire == CHILD_CONFIRMING      ? out[1]
               : wire == CHILD_SILENT_OUTPUT ? err
                                             : null,
               err);
    close(in[0]);
    close_fd(&out[1]);
    close(err);
    close(null);
    c->in = in[1];
    c->out = out[0];
    if (fcntl(c->in, F_SETFL, O_NONBLOCK) < 0 ||
        (c->out >= 0 && fcntl(c->out, F_SETFL, O_NONBLOCK) < 0))
        return -errno;
    return 0;
fail:
    err = -errno;
    c->pid = 0;
    return err;
}

void child_done(struct child *c)
{
    if (c->pid > 0) {
        kill(c->pid, SIGKILL);
        waitpid(c->pid, NULL, 0);
    }
    if (c->pid) {
        close_fd(&c->in);
        close_fd(&c->out);
    }
    c->pid = 0;
}

int child_send(struct child *c, const void *data, size_t len)
{
    const char *p = data;
    int64_t until = clock_mono_ms() + CHILD_TIMEOUT_MS;

    while (len) {
        ssize_t n = write(c->in, p, len);
        struct pollfd pfd = {.fd = c->in, .events = POLLOUT};

        if (n > 0) {
            p += n;
            len -= (size_t)n;
            continue;
        }
        if (errno == EPIPE)
            return -EPIPE;
        if (errno != EAGAIN && errno != EINTR)
            return -errno;
        if (clock_mono_ms() >= until || poll(&pfd, 1, CHILD_TIMEOUT_MS) == 0)
            return -ETIMEDOUT;
    }
    return 0;
}

int child_try_send(struct child *c, const void *data, size_t len, int timeout_ms)
{
    int64_t until = clock_mono_ms() + timeout_ms;

    /* The pipe can be writable and yet have no room for the whole line. */
    while (write(c->in, data, len) != (ssize_t)len) {
        if (errno != EAGAIN && errno != EINTR)
            return -errno;
        if (clock_mono_ms() >= until)
            return -EAGAIN;
        poll(NULL, 0, 1);
    }
    return 0;
}

/* Without packets: a byte at a time, to the end of a dot or a line. */
static ssize_t read_stream(struct child *c, char *text, size_t size)
{
    size_t n = 0;

    while (n < size) {
        struct pollfd pfd = {.fd = c->out, .events = POLLIN};
        ssize_t got = read(c->out, text + n, 1);

        if (got == 1) {
            n++;
            if (text[n - 1] == '\n' || (n == 1 && text[0] == '.'))
                break;
        } else if (got == 0 || (errno != EAGAIN && errno != EINTR) ||
                   poll(&pfd, 1, CHILD_TIMEOUT_MS) == 0) {
            break;
        }
    }
    return (ssize_t)n;
}

enum child_answer child_answer(struct child *c, int timeout_ms, char *text, size_t size)
{
    struct pollfd pfd = {.fd = c->out, .events = POLLIN};
    int64_t until = clock_mono_ms() + timeout_ms;
    ssize_t n;
    int r;

    text[0] = '\0';
    do {
        int64_t left = until - clock_mono_ms();

        r = poll(&pfd, 1, left > 0 ? (int)left : 0);
    } while (r < 0 && errno == EINTR);
    if (r == 0)
        return CHILD_NOTHING;
    n = c->packets ? read(c->out, text, size - 1) : read_stream(c, text, size - 1);
    if (n <= 0)
        return CHILD_END;
    text[n] = '\0';
    if (strcmp(text, ".") == 0)
        return CHILD_DOT;
    if (n < 2 || strlen(text) != (size_t)n || strchr(text, '\n') != text + n - 1)
        return CHILD_BROKEN;
    text[n - 1] = '\0';
    return CHILD_REPLY;
}

enum child_answer child_reply(struct child *c, int timeout_ms, char *text, size_t size)
{
    int64_t until = clock_mono_ms() + timeout_ms;
    enum child_answer answer;

    c->dots = 0;
    for (;;) {
        int64_t left = until - clock_mono_ms();

        answer = child_answer(c, left > 0 ? (int)left : 0, text, size);
        if (answer != CHILD_DOT)
            return answer;
        c->dots++;
    }
}

void child_close_input(struct child *c)
{
    close_fd(&c->in);
}

void child_close_output(struct child *c)
{
    close_fd(&c->out);
}

int child_wait(struct child *c, int timeout_ms)
{
    int64_t until = clock_mono_ms() + timeout_ms;
    int status;

    while (waitpid(c->pid, &status, WNOHANG) == 0) {
        if (clock_mono_ms() >= until)
            return -ETIMEDOUT;
        poll(NULL, 0, 5);
    }
    c->pid = -1; /* gone, but what it wrote can still be read */
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

static long cpu_ticks(const struct child *c)
{
    char path[64], text[1024];
    unsigned long user = 0, sys = 0;
    FILE *f;

    snprintf(path, sizeof(path), "/proc/%d/stat", (int)c->pid);
    f = fopen(path, "re");
    if (f && fgets(text, sizeof(text), f) && strrchr(text, ')'))
        sscanf(strrchr(text, ')') + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu",
               &user, &sys);
    if (f)
        fclose(f);
    return (long)(user + sys);
}

bool child_rests(const struct child *c)
{
    int64_t until = clock_mono_ms() + CHILD_TIMEOUT_MS;

    while (clock_mono_ms() < until) {
        long before = cpu_ticks(c);

        poll(NULL, 0, 200);
        if (cpu_ticks(c) <= before + 1)
            return true;
    }
    return false;
}

long child_hwm_kib(const struct child *c)
{
    char path[64], line[256];
    long kib = -1;
    FILE *f;

    snprintf(path, sizeof(path), "/proc/%d/status", (int)c->pid);
    f = fopen(path, "re");
    while (f && fgets(line, sizeof(line), f)) {
        if (strncmp(line, "VmHWM:", 6) == 0)
            kib = strtol(line + 6, NULL, 10);
    }
    if (f)
        fclose(f);
    return kib;
}
