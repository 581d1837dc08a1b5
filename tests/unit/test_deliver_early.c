/* SPDX-License-Identifier: Apache-2.0 */
/* Answers that come before the request has left: 2xx is none then, whatever it says. */
#include "config.h"

#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "rig.h"
#include "unit.h"

#define LARGE ((size_t)24 << 20) /* more than the buffers of two sockets take */

enum way { WELL, AT_ACCEPT, AFTER_HEADER, IN_THE_MIDDLE };

/* The first bad requests are answered in a bad way, and nothing more is read of them; all others
 * are read. */
static struct server {
    int fd;
    unsigned port;
    enum way way;
    unsigned skip; /* requests that go well before the bad ones */
    unsigned bad;
    const char *status;
    atomic_uint n_bad, n_read, n_asked;
    pthread_t thread;
} server;

static struct rig rig;

static void say(int fd, const char *text)
{
    (void)!send(fd, text, strlen(text), MSG_NOSIGNAL);
}

static void say_status(int fd, const char *status)
{
    char text[200];

    snprintf(text, sizeof(text), "HTTP/1.1 %s\r\nContent-Length: 0\r\n\r\n", status);
    say(fd, text);
}

/* The header alone, byte by byte; false: the peer has gone. */
static bool read_header(int fd, char *header, size_t size, size_t *body)
{
    const char *length;
    size_t n = 0;

    do {
        if (n + 1 == size || recv(fd, header + n, 1, 0) != 1)
            return false;
        header[++n] = '\0';
    } while (n < 4 || strcmp(header + n - 4, "\r\n\r\n") != 0);
    length = strstr(header, "Content-Length: ");
    *body = length ? strtoul(length + 16, NULL, 10) : 0;
    return true;
}

static bool read_body(int fd, size_t n)
{
    static char block[65536];

    while (n > 0) {
        ssize_t got = recv(fd, block, n < sizeof(block) ? n : sizeof(block), 0);

        if (got <= 0)
            return false;
        n -= (size_t)got;
    }
    return true;
}

static void wait_for_the_end(int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLRDHUP};

    while (!(p.revents & (POLLRDHUP | POLLHUP | POLLERR)))
        if (poll(&p, 1, 10000) <= 0)
            break;
}

/* One connection; true: answer the next one at once. */
static void converse(int fd)
{
    char header[4096];
    size_t body = 0;

    for (;;) {
        bool bad = server.skip == 0 && atomic_load(&server.n_bad) < server.bad;

        if (bad && server.way == AT_ACCEPT)
            say_status(fd, server.status);
        else if (!read_header(fd, header, sizeof(header), &body))
            return;
        if (bad && server.way != AT_ACCEPT) {
            if (server.way == IN_THE_MIDDLE) {
                say(fd, "HTTP/1.1 100 Continue\r\n\r\n");
                (void)read_body(fd, body / 100);
            }
            say_status(fd, server.status);
        }
        if (bad) {
            atomic_fetch_add(&server.n_bad, 1);
            wait_for_the_end(fd);
            return;
        }
        if (strstr(header, "Expect: 100-continue")) {
            atomic_fetch_add(&server.n_asked, 1);
            say(fd, "HTTP/1.1 100 Continue\r\n\r\n");
        }
        if (!read_body(fd, body))
            return;
        atomic_fetch_add(&server.n_read, 1);
        server.skip -= server.skip > 0;
        say_status(fd, "200 OK");
    }
}

static void *serve(void *arg)
{
    int fd;

    (void)arg;
    while ((fd = accept(server.fd, NULL, NULL)) >= 0) {
        converse(fd);
        close(fd);
    }
    return NULL;
}

static void begin(enum way way, const char *status, unsigned bad, unsigned skip)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(at);

    memset(&server, 0, sizeof(server));
    server.way = way;
    server.status = status;
    server.bad = bad;
    server.skip = skip;
    server.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ck_assert_int_eq(bind(server.fd, (struct sockaddr *)&at, sizeof(at)), 0);
    ck_assert_int_eq(listen(server.fd, 5), 0);
    ck_assert_int_eq(getsockname(server.fd, (struct sockaddr *)&at, &len), 0);
    server.port = ntohs(at.sin_port);
    rig_init(&rig, CONF_RECEIVER_NDJSON);
    rig_url(&rig, server.port, "/events");
    rig.conf.batch_bytes = 2 * LARGE;
    rig_start(&rig);
    ck_assert_int_eq(pthread_create(&server.thread, NULL, serve, NULL), 0);
}

static void end(void)
{
    rig_done(&rig);
    shutdown(server.fd, SHUT_RDWR);
    ck_assert_int_eq(pthread_join(server.thread, NULL), 0);
    close(server.fd);
}

static void add_large(void)
{
    char *doc = malloc(LARGE);
    uint64_t seqs[2] = {2 * (uint64_t)rig.added, 2 * (uint64_t)rig.added + 1};
    char id[20];
    struct deliver_event ev = {
        .doc = doc, .doc_len = LARGE, .id = id, .seqs = seqs, .n_seqs = 2, .part = 1};

    memset(doc, 'x', LARGE);
    snprintf(id, sizeof(id), "e%u", rig.added);
    ev.id_len = strlen(id);
    deliver_add(rig.d, &ev, rig_now(&rig));
    rig.added++;
    free(doc);
}

/* Nothing is known of it: it is asked, and not believed. */
START_TEST(a_first_answer_that_is_early)
{
    static const char *const statuses[] = {"200 OK", "202 Accepted", "204 No Content"};
    static const enum way ways[] = {AT_ACCEPT, AFTER_HEADER};

    for (size_t k = 0; k < 6; k++) {
        begin(ways[k % 2], statuses[k / 2], 5, 0);
        rig_add(&rig, "x");
        rig_finish(&rig);
        ck_assert_uint_eq(rig.how[0], DELIVER_DELIVERED);
        ck_assert_uint_eq(atomic_load(&server.n_bad), 5);
        ck_assert_uint_eq(atomic_load(&server.n_read), 1);
        ck_assert_uint_eq(deliver_counts(rig.d).retries, 5);
        ck_assert_uint_eq(rig_logged(&rig, "the receiver answered before the request was complete"),
                          1);
        rig_add(&rig, "y"); /* now it is up: no round trip for that any more */
        rig_finish(&rig);
        ck_assert_uint_eq(atomic_load(&server.n_read), 2);
        ck_assert_uint_eq(atomic_load(&server.n_asked), 1);
        end();
    }
}
END_TEST

START_TEST(in_the_middle_of_a_large_body)
{
    begin(IN_THE_MIDDLE, "200 OK", 3, 0);
    add_large();
    rig_finish(&rig);
    ck_assert_uint_eq(rig.how[0], DELIVER_DELIVERED);
    ck_assert_uint_eq(atomic_load(&server.n_bad), 3);
    ck_assert_uint_eq(atomic_load(&server.n_read), 1);
    end();
}
END_TEST

/* Of one that is up, on a connection that is kept: it is not asked, the body is on its way. */
START_TEST(one_that_was_good_before)
{
    static const enum way ways[] = {AFTER_HEADER, IN_THE_MIDDLE};

    for (size_t k = 0; k < 2; k++) {
        begin(ways[k], "200 OK", 1, 2);
        for (int i = 0; i < 2; i++) {
            rig_add(&rig, "x");
            rig_finish(&rig);
        }
        add_large();
        rig_finish(&rig);
        ck_assert_uint_eq(rig.how[2], DELIVER_DELIVERED);
        ck_assert_uint_eq(atomic_load(&server.n_bad), 1);
        ck_assert_uint_eq(atomic_load(&server.n_read), 3);
        ck_assert_uint_eq(deliver_counts(rig.d).retries, 1);
        end();
    }
}
END_TEST

/* An error may come early: the length stands in the header. */
START_TEST(an_early_error_is_one)
{
    begin(AFTER_HEADER, "413 Content Too Large", 2, 0);
    for (int i = 0; i < 2; i++)
        rig_add(&rig, "x");
    rig.conf.batch_events = 2;
    while (!rig_logged(&rig, "accepted nothing"))
        rig_turn(&rig);
    ck_assert_uint_eq(rig_logged(&rig, "last: 413"), 1);
    ck_assert_uint_eq(rig_logged(&rig, "down since"), 0);
    rig_finish(&rig);
    ck_assert_str_eq(rig_dead(&rig), "");
    end();
}
END_TEST

UNIT_MAIN("deliver_early", a_first_answer_that_is_early, in_the_middle_of_a_large_body,
          one_that_was_good_before, an_early_error_is_one)
