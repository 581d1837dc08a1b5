/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "deliver/transport/http_wait.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"

static struct pollfd *find(struct http_wait *w, int fd)
{
    for (size_t i = 0; i < w->n_sockets; i++)
        if (w->sockets[i].fd == fd)
            return &w->sockets[i];
    return NULL;
}

/* CURLMOPT_SOCKETFUNCTION */
static int on_socket(CURL *easy, curl_socket_t fd, int what, void *ctx, void *ours)
{
    struct http_wait *w = ctx;
    struct pollfd *s = find(w, fd);

    (void)easy;
    (void)ours;
    if (what == CURL_POLL_REMOVE) {
        if (s)
            *s = w->sockets[--w->n_sockets];
        return 0;
    }
    if (!s) {
        if (w->n_sockets == w->cap_sockets) {
            w->cap_sockets = w->cap_sockets ? w->cap_sockets * 2 : 8;
            w->sockets = mem_realloc_array(w->sockets, w->cap_sockets, sizeof(*w->sockets));
        }
        s = &w->sockets[w->n_sockets++];
        *s = (struct pollfd){.fd = fd};
    }
    s->events = (short)((what & CURL_POLL_IN ? POLLIN : 0) | (what & CURL_POLL_OUT ? POLLOUT : 0));
    return 0;
}

/* CURLMOPT_TIMERFUNCTION; 0 means at once, but not from in here [CURLMOPT_TIMERFUNCTION(3)]. */
static int on_timer(CURLM *multi, long timeout_ms, void *ctx)
{
    struct http_wait *w = ctx;

    (void)multi;
    w->timer_ms = timeout_ms < 0 ? CLOCK_NEVER : clock_mono_ms() + timeout_ms;
    return 0;
}

int http_wait_init(struct http_wait *w, CURLM *multi)
{
    *w = (struct http_wait){.multi = multi, .timer_ms = CLOCK_NEVER};
    if (curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, on_socket) != CURLM_OK ||
        curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, w) != CURLM_OK ||
        curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, on_timer) != CURLM_OK ||
        curl_multi_setopt(multi, CURLMOPT_TIMERDATA, w) != CURLM_OK)
        return -EINVAL;
    return 0;
}

void http_wait_done(struct http_wait *w)
{
    free(w->sockets);
    free(w->all);
    *w = (struct http_wait){0};
}

/* memcpy() of nothing must not have a null pointer. */
static void copy(struct pollfd *to, const struct pollfd *from, size_t n)
{
    if (n)
        memcpy(to, from, n * sizeof(*to));
}

int http_wait_poll(struct http_wait *w, struct pollfd *fds, unsigned n_fds, int timeout_ms)
{
    size_t n = n_fds + w->n_sockets;
    int r = 0;

    if (!w->all || n > w->cap_all) {
        w->cap_all = n + 8;
        w->all = mem_realloc_array(w->all, w->cap_all, sizeof(*w->all));
    }
    copy(w->all, fds, n_fds);
    copy(w->all + n_fds, w->sockets, w->n_sockets);
    if (w->timer_ms != CLOCK_NEVER) {
        int64_t left = w->timer_ms - clock_mono_ms();

        if (left < 0)
            left = 0;
        if (timeout_ms < 0 || left < timeout_ms)
            timeout_ms = left < INT_MAX ? (int)left : INT_MAX;
    }
    for (size_t i = 0; i < n; i++)
        w->all[i].revents = 0;
    if (poll(w->all, n, timeout_ms) < 0 && errno != EINTR)
        r = -errno;
    copy(fds, w->all, n_fds);
    copy(w->sockets, w->all + n_fds, w->n_sockets);
    return r;
}

static int action(short revents)
{
    return (revents & (POLLIN | POLLHUP) ? CURL_CSELECT_IN : 0) |
           (revents & POLLOUT ? CURL_CSELECT_OUT : 0) |
           (revents & (POLLERR | POLLNVAL) ? CURL_CSELECT_ERR : 0);
}

void http_wait_run(struct http_wait *w)
{
    int running;

    /* curl changes the list while it is called: each socket is looked for again. */
    for (size_t i = 0; i < w->n_sockets; i++) {
        struct pollfd *s = &w->sockets[i];
        short revents = s->revents;

        if (!revents)
            continue;
        s->revents = 0;
        (void)curl_multi_socket_action(w->multi, s->fd, action(revents), &running);
        i = (size_t)-1; /* from the beginning */
    }
    if (w->timer_ms != CLOCK_NEVER && w->timer_ms <= clock_mono_ms()) {
        w->timer_ms = CLOCK_NEVER; /* curl sets it anew */
        (void)curl_multi_socket_action(w->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    }
}
