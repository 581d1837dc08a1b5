/* SPDX-License-Identifier: Apache-2.0 */
/* Answers that have no end where libcurl counts nothing. The measure is what the receiver got rid
 * of before we hung up; the rest of it is buffers of sockets. */
#include "config.h"

#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "rig.h"
#include "unit.h"

#define ENOUGH ((size_t)64 << 20)

static struct rig rig;

static struct flood {
    int fd;
    unsigned port;
    const char *head, *again;
    size_t sent; /* of the first answer */
    pthread_t thread;
} flood;

static bool send_all(int fd, const char *data, size_t n)
{
    while (n > 0) {
        ssize_t done = send(fd, data, n, MSG_NOSIGNAL);

        if (done <= 0)
            return false;
        data += done;
        n -= (size_t)done;
    }
    return true;
}

/* Two small writes: the body comes when it is asked for. */
static void read_request(int fd)
{
    char request[65536];

    (void)!recv(fd, request, sizeof(request), 0);
    if (send_all(fd, "HTTP/1.1 100 Continue\r\n\r\n", 25))
        (void)!recv(fd, request, sizeof(request), 0);
}

/* The first request gets the flood, every other one a good answer. */
static void *serve(void *arg)
{
    static const char good[] = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    char block[65536];
    size_t filled = 0, n = strlen(flood.again);
    int fd;

    (void)arg;
    while (filled + n <= sizeof(block)) {
        memcpy(block + filled, flood.again, n);
        filled += n;
    }
    for (int i = 0; i < 2; i++) {
        fd = accept(flood.fd, NULL, NULL);
        if (fd < 0)
            break;
        read_request(fd);
        if (i == 0 && send_all(fd, flood.head, strlen(flood.head)))
            while (flood.sent < ENOUGH && send_all(fd, block, filled))
                flood.sent += filled;
        else
            (void)send_all(fd, good, strlen(good));
        close(fd);
    }
    return NULL;
}

static void no_end_of(const char *head, const char *again)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(at);

    flood = (struct flood){.head = head, .again = again};
    flood.fd = socket(AF_INET, SOCK_STREAM, 0);
    ck_assert_int_eq(bind(flood.fd, (struct sockaddr *)&at, sizeof(at)), 0);
    ck_assert_int_eq(listen(flood.fd, 5), 0);
    ck_assert_int_eq(getsockname(flood.fd, (struct sockaddr *)&at, &len), 0);
    rig_init(&rig, CONF_RECEIVER_NDJSON);
    rig_url(&rig, ntohs(at.sin_port), "/events");
    ck_assert_int_eq(pthread_create(&flood.thread, NULL, serve, NULL), 0);
    rig_start(&rig);
    rig_add(&rig, "x");
    rig_finish(&rig);
    ck_assert_int_eq(pthread_join(flood.thread, NULL), 0);
    ck_assert_uint_eq(rig.how[0], DELIVER_DELIVERED);
    ck_assert_uint_eq(deliver_counts(rig.d).requests, 2);
    ck_assert_uint_eq(rig_logged(&rig, "the answer's headers are too long"), 1);
    ck_assert_uint_lt(flood.sent, ENOUGH);
    rig_done(&rig);
    close(flood.fd);
}

START_TEST(headers)
{
    no_end_of("HTTP/1.1 200 OK\r\n", "X-Flood: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n");
}
END_TEST

START_TEST(interim_answers)
{
    no_end_of("", "HTTP/1.1 103 Early Hints\r\nLink: </x>; rel=preload\r\n\r\n");
}
END_TEST

/* The body was whole and said yes; the answer is not. */
START_TEST(trailers)
{
    no_end_of("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n",
              "X-Flood: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n");
}
END_TEST

UNIT_MAIN("deliver_flood", headers, interim_answers, trailers)
