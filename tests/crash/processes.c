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
#include <unistd.h>

#define RETRY_MS 3

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

bool run_start_receiver(struct run *r, bool bad_cert)
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
            (void)poll(NULL, 0, RETRY_MS);
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

void run_stop_receiver(struct run *r)
{
    if (r->receiver > 0) {
        (void)kill(r->receiver, SIGTERM);
        (void)waitpid(r->receiver, NULL, 0);
    }
    r->receiver = 0;
    r->down = true;
}

void run_control(struct run *r, const char *what, const char *text)
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

void run_start_rsyslogd(struct run *r)
{
    char conf[600];
    const char *argv[] = {"rsyslogd", "-n", "-f", conf, "-iNONE", NULL};

    (void)snprintf(conf, sizeof(conf), "%s/rsyslog.conf", r->dir);
    r->rsyslogd = start(r, argv, "rsyslogd.err");
    atomic_store(&r->page->rsyslogd, (int32_t)r->rsyslogd);
    r->out.rsyslogds++;
}

void run_look_at_child(struct run *r)
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
void run_reap(struct run *r)
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
        run_start_rsyslogd(r);
}

/* 'T' of a stopped one; 0: it is gone. */
static char state_of(int32_t pid)
{
    char path[64], text[256];
    const char *p = NULL;
    FILE *f;

    (void)snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
    f = fopen(path, "re");
    if (f != NULL && fgets(text, sizeof(text), f) != NULL)
        p = strrchr(text, ')');
    if (f != NULL)
        (void)fclose(f);
    return p != NULL && p[1] == ' ' ? p[2] : '\0';
}

void run_wake(struct run *r)
{
    bool healed = atomic_load(&r->page->healed) != 0;

    for (size_t i = 0; i < CRASH_FROZEN; i++) {
        struct crash_frozen *f = &r->page->frozen[i];
        int32_t pid = atomic_load(&f->pid);
        char state;

        if (pid <= 0 || (!healed && run_now_ms() < atomic_load(&f->wake_ms)))
            continue;
        state = state_of(pid);
        if (state != 'T' && state != '\0' && state != 'Z')
            continue; /* it is about to be */
        (void)kill(pid, SIGCONT);
        atomic_store(&f->pid, 0);
    }
}
