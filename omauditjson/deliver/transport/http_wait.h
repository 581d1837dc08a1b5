/* SPDX-License-Identifier: Apache-2.0 */
/* Waiting for curl's sockets and timer together with descriptors of ours: one poll() a turn of the
 * loop, and curl is called only when one of its own has something to say. (curl_multi_poll() and
 * curl_multi_perform() cost several system calls a turn, and a turn is a line of rsyslog's.) Owns
 * the list of sockets that curl keeps in it. */
#ifndef OMAUDITJSON_DELIVER_TRANSPORT_HTTP_WAIT_H
#define OMAUDITJSON_DELIVER_TRANSPORT_HTTP_WAIT_H

#include <curl/curl.h>
#include <poll.h>
#include <stddef.h>
#include <stdint.h>

struct http_wait {
    CURLM *multi;           /* borrowed */
    struct pollfd *sockets; /* curl's; revents: what the last poll saw */
    size_t n_sockets, cap_sockets;
    int64_t timer_ms;   /* when curl wants to be called; CLOCK_NEVER */
    struct pollfd *all; /* scratch */
    size_t cap_all;
};

/* Ask multi to keep its sockets and its timer here. 0 or -EINVAL. */
int http_wait_init(struct http_wait *w, CURLM *multi);
void http_wait_done(struct http_wait *w); /* after curl_multi_cleanup() */

/* poll() for fds and curl's own, at most timeout_ms (< 0: no limit); fills fds[].revents. 0 or
 * -errno (-EINTR is 0). */
int http_wait_poll(struct http_wait *w, struct pollfd *fds, unsigned n_fds, int timeout_ms);

/* Let curl do what has become possible since. */
void http_wait_run(struct http_wait *w);

#endif
