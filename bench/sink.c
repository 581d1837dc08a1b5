/* SPDX-License-Identifier: Apache-2.0 */
/* A minimal web server: accepts bodies of JSON lines, counts documents and distinct auditserials,
 * records when each arrived, and answers 200. The receiver of tests/ checks every byte and would
 * dominate a measurement. SIGUSR1: answer 503 from now on; SIGUSR2: accept again; SIGTERM: report
 * and exit. */
#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"

#define BODY_MAX ((size_t)64 << 20)
#define READ_SIZE ((size_t)256 << 10)

struct peer {
    int fd;
    struct buf in;
    bool continued;
};

struct sink {
    const char *report, *times;
    uint64_t want;
    uint64_t documents, distinct, requests, refused, bytes;
    uint64_t first_serial; /* of at[0] */
    int64_t *at;           /* arrival of each serial, ns; 0: none yet */
    size_t n_at;
    int64_t first_ns, last_ns;
    bool reported;
};

static volatile sig_atomic_t refusing, ending;

static void on_signal(int sig)
{
    if (sig == SIGTERM)
        ending = 1;
    else
        refusing = sig == SIGUSR1;
}

static int64_t now_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void report(struct sink *s)
{
    CLEANUP_FREE char *part = mem_alloc(strlen(s->report) + 2);
    FILE *f;

    snprintf(part, strlen(s->report) + 2, "%s~", s->report);
    f = fopen(part, "we");
    if (!f)
        return;
    fprintf(f,
            "{\"documents\": %llu, \"distinct\": %llu, \"requests\": %llu, \"refused\": %llu, "
            "\"bytes\": %llu, \"first_ns\": %lld, \"last_ns\": %lld}\n",
            (unsigned long long)s->documents, (unsigned long long)s->distinct,
            (unsigned long long)s->requests, (unsigned long long)s->refused,
            (unsigned long long)s->bytes, (long long)s->first_ns, (long long)s->last_ns);
    fclose(f);
    rename(part, s->report);
    s->reported = true;
}

static void write_times(const struct sink *s)
{
    FILE *f = s->times ? fopen(s->times, "we") : NULL;

    if (!f)
        return;
    for (size_t i = 0; i < s->n_at; i++) {
        if (s->at[i])
            fprintf(f, "%llu %lld\n", (unsigned long long)(s->first_serial + i),
                    (long long)s->at[i]);
    }
    fclose(f);
}

static void take_serial(struct sink *s, uint64_t serial)
{
    size_t i = (size_t)(serial - s->first_serial);

    if (serial < s->first_serial || i > (size_t)64 << 20)
        return;
    if (i >= s->n_at) {
        size_t n = s->n_at ? s->n_at : 65536;

        while (n <= i)
            n *= 2;
        s->at = mem_realloc_array(s->at, n, sizeof(*s->at));
        memset(s->at + s->n_at, 0, (n - s->n_at) * sizeof(*s->at));
        s->n_at = n;
    }
    if (!s->at[i]) {
        s->at[i] = s->last_ns;
        s->distinct++;
    }
}

static void take_body(struct sink *s, const char *p, size_t len)
{
    static const char key[] = "\"auditserial\":\"";
    const char *end = p + len;

    s->last_ns = now_ns();
    if (!s->first_ns)
        s->first_ns = s->last_ns;
    s->bytes += len;
    while (p < end) {
        const char *lf = memchr(p, '\n', (size_t)(end - p));
        size_t n = lf ? (size_t)(lf - p) : (size_t)(end - p);
        const char *at = memmem(p, n, key, sizeof(key) - 1);

        if (n > 0)
            s->documents++;
        if (at)
            take_serial(s, strtoull(at + sizeof(key) - 1, NULL, 10));
        p += n + 1;
    }
    if (!s->reported && s->want && s->distinct >= s->want)
        report(s);
}

static bool answer(struct peer *c, const char *text)
{
    return send(c->fd, text, strlen(text), MSG_NOSIGNAL) == (ssize_t)strlen(text);
}

/* The value of a header within the head, or NULL. */
static const char *header(const char *head, const char *name)
{
    const char *p = strcasestr(head, name);

    return p ? p + strlen(name) : NULL;
}

/* Handle the complete requests received so far. False: close the connection. */
static bool take_requests(struct sink *s, struct peer *c)
{
    for (;;) {
        const char *head = buf_cstr(&c->in);
        const char *end = strstr(head, "\r\n\r\n"), *length;
        size_t head_len, body_len;
        bool ok;

        if (!end)
            return true;
        head_len = (size_t)(end + 4 - head);
        c->in.data[head_len - 1] = '\0';
        length = header(head, "\r\ncontent-length:");
        body_len = length ? strtoull(length, NULL, 10) : 0;
        if (!c->continued && header(head, "\r\nexpect: 100") &&
            !answer(c, "HTTP/1.1 100 Continue\r\n\r\n"))
            return false;
        c->in.data[head_len - 1] = '\n';
        c->continued = true;
        if (!length || body_len > BODY_MAX)
            return false;
        if (c->in.len < head_len + body_len)
            return true;
        s->requests++;
        s->refused += refusing ? 1 : 0;
        ok = !refusing;
        if (ok)
            take_body(s, c->in.data + head_len, body_len);
        if (!answer(c, ok ? "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
                          : "HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n"))
            return false;
        buf_consume(&c->in, head_len + body_len);
        c->continued = false;
    }
}

static bool read_peer(struct sink *s, struct peer *c)
{
    ssize_t n;

    if (buf_reserve(&c->in, READ_SIZE) < 0)
        return false;
    n = recv(c->fd, c->in.data + c->in.len, READ_SIZE, 0);
    if (n < 0)
        return errno == EAGAIN || errno == EINTR;
    c->in.len += (size_t)n;
    return n > 0 && take_requests(s, c);
}

static void accept_peer(int listener, int ep)
{
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC), one = 1;
    struct epoll_event ev = {.events = EPOLLIN};
    struct peer *c;

    if (fd < 0)
        return;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    c = mem_calloc(1, sizeof(*c));
    c->fd = fd;
    c->in = BUF_INIT(BODY_MAX + READ_SIZE * 2);
    ev.data.ptr = c;
    epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev);
}

static void serve(struct sink *s, int listener)
{
    int ep = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event ev = {.events = EPOLLIN, .data.ptr = NULL}, got[16];

    epoll_ctl(ep, EPOLL_CTL_ADD, listener, &ev);
    while (!ending) {
        int n = epoll_wait(ep, got, 16, 50);

        for (int i = 0; i < n; i++) {
            struct peer *c = got[i].data.ptr;

            if (!c) {
                accept_peer(listener, ep);
            } else if (!read_peer(s, c)) {
                close(c->fd);
                buf_done(&c->in);
                free(c);
            }
        }
    }
    close(ep);
}

static int listen_somewhere(const char *port_file)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(a);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    FILE *f;

    if (fd < 0 || bind(fd, (struct sockaddr *)&a, len) < 0 || listen(fd, 64) < 0 ||
        getsockname(fd, (struct sockaddr *)&a, &len) < 0)
        return -1;
    f = fopen(port_file, "we");
    if (!f)
        return -1;
    fprintf(f, "%u\n", (unsigned)ntohs(a.sin_port));
    fclose(f);
    return fd;
}

int main(int argc, char **argv)
{
    static const struct option options[] = {
        {"port-file", required_argument, NULL, 'p'},    {"report", required_argument, NULL, 'r'},
        {"times", required_argument, NULL, 't'},        {"want", required_argument, NULL, 'w'},
        {"first-serial", required_argument, NULL, 's'}, {0}};
    struct sigaction act = {.sa_handler = on_signal};
    const char *port_file = NULL;
    struct sink s = {0};
    int c, listener;

    while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
        switch (c) {
        case 'p':
            port_file = optarg;
            break;
        case 'r':
            s.report = optarg;
            break;
        case 't':
            s.times = optarg;
            break;
        case 'w':
            s.want = strtoull(optarg, NULL, 10);
            break;
        case 's':
            s.first_serial = strtoull(optarg, NULL, 10);
            break;
        default:
            return 64;
        }
    }
    if (!port_file || !s.report) {
        fprintf(stderr, "usage: sink --port-file FILE --report FILE [--want EVENTS] "
                        "[--first-serial N] [--times FILE]\n");
        return 64;
    }
    sigaction(SIGUSR1, &act, NULL);
    sigaction(SIGUSR2, &act, NULL);
    sigaction(SIGTERM, &act, NULL);
    listener = listen_somewhere(port_file);
    if (listener < 0) {
        perror("sink");
        return 71;
    }
    serve(&s, listener);
    report(&s);
    write_times(&s);
    free(s.at);
    return 0;
}
