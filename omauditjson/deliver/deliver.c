/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "deliver/deliver.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/clock.h"
#include "conf/conf.h"
#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "deliver/blame.h"
#include "deliver/reject.h"
#include "deliver/compress.h"
#include "deliver/queue.h"
#include "deliver/receivers/receivers.h"
#include "deliver/sender.h"
#include "deliver/transport/http.h"
#include "deliver/transport/output.h"

#define SEAL_RETRY_MS 1000

static size_t max_events(const struct deliver *d)
{
    return d->row->single || d->conf->batch_events == 0 ? 1 : d->conf->batch_events;
}

/* -- birth, change and death ------------------------------------------------------------------- */

static int check(const struct conf *conf, const struct receiver *row)
{
    CLEANUP_FREE char *path = NULL;

    if (!row) {
        log_error("receiver: unknown receiver");
        return -EINVAL;
    }
    if (row->via != RECEIVER_VIA_DESCRIPTOR && conf->url.n == 0) {
        log_error("url: missing; receiver %s requires one", row->name);
        return -EINVAL;
    }
    if (row->via == RECEIVER_VIA_FILE && !(path = output_path(conf->url.item[0]))) {
        log_error("url: receiver file requires file:///path");
        return -EINVAL;
    }
    if (!compress_available(conf->compress)) {
        log_error("compress: this build has no %s support", compress_encoding(conf->compress));
        return -ENOTSUP;
    }
    return 0;
}

static int open_http(struct deliver *d)
{
    struct buf error = BUF_INIT(1024);
    int r;

    if (d->row->via != RECEIVER_VIA_HTTP || d->http)
        return 0;
    r = http_new(d->conf, &d->http, &error);
    if (r < 0)
        log_error("delivery: %s", buf_cstr(&error));
    buf_done(&error);
    return r;
}

static void make_endpoints(struct deliver *d)
{
    static char name[] = "standard output";
    static char *const no_url[] = {name};
    bool via_url = d->row->via != RECEIVER_VIA_DESCRIPTOR;
    char *const *urls = via_url ? d->conf->url.item : no_url;
    size_t n = via_url ? d->conf->url.n : 1;
    size_t *moved = mem_alloc(d->n_endpoints * sizeof(*moved));
    struct batch *c = d->canary;

    d->endpoints = endpoint_renew(d->endpoints, d->n_endpoints, urls, n, queue_width(d), moved);
    for (struct batch *b = d->first; b; b = b->next)
        if (b->state == BATCH_SENT)
            b->endpoint = b->endpoint < d->n_endpoints ? moved[b->endpoint] : SIZE_MAX;
    if (c && c->state == BATCH_SENT)
        c->endpoint = c->endpoint < d->n_endpoints ? moved[c->endpoint] : SIZE_MAX;
    d->n_endpoints = n;
    free(moved);
}

int deliver_new(const struct conf *conf, struct deadletter *dead, const struct deliver_ops *ops,
                struct deliver **ret)
{
    const struct receiver *row = receiver_get(conf->receiver);
    int r = check(conf, row);
    struct deliver *d;

    if (r < 0)
        return r;
    d = mem_calloc(1, sizeof(*d));
    d->conf = conf;
    d->row = row;
    d->dead = dead;
    d->ops = *ops;
    d->output_fd = -1;
    d->next_ms = CLOCK_NEVER;
    retry_init(&d->dead_retry, 1);
    if (getrandom(&d->rng, sizeof(d->rng), GRND_NONBLOCK) != sizeof(d->rng))
        d->rng = (uint64_t)clock_mono_ms(); /* only jitter hangs on it */
    r = open_http(d);
    if (r < 0) {
        deliver_free(d);
        return r;
    }
    make_endpoints(d);
    *ret = d;
    return 0;
}

void deliver_reconfigure(struct deliver *d, const struct conf *conf)
{
    const struct receiver *row = receiver_get(conf->receiver);

    if (check(conf, row) < 0) /* conf_check() should have refused it */
        log_error("delivery: the configuration cannot be used; trying the receivers anyway");
    d->conf = conf;
    if (row)
        d->row = row;
    if (d->http)
        http_reconfigure(d->http, conf);
    open_http(d);
    make_endpoints(d);
    for (struct batch *b = d->first; b; b = b->next)
        if (b->state != BATCH_SENT)
            batch_unframe(b);
    blame_forget(d);
    d->next_ms = 0;
}

void deliver_free(struct deliver *d)
{
    struct batch *b;

    if (!d)
        return;
    http_free(d->http);
    while ((b = d->first)) {
        d->first = b->next;
        batch_free(b);
    }
    batch_free(d->filling);
    batch_free(d->resuming);
    batch_free(d->canary);
    endpoint_free(d->endpoints, d->n_endpoints);
    free(d->items);
    free(d->fds);
    free(d);
}

void deliver_set_output(struct deliver *d, int fd)
{
    d->output_fd = fd;
    d->next_ms = 0;
}

/* -- batches come in --------------------------------------------------------------------------- */

static void seal(struct deliver *d)
{
    d->filling->no = d->next_no++;
    queue_append(d, d->filling, BATCH_SEALED);
    d->filling = NULL;
    d->flush = false;
}

static bool filling_full(const struct deliver *d)
{
    return d->filling && batch_full(d->filling, max_events(d), d->conf->batch_bytes);
}

/* How many sealed batches may still come: they wait here only to keep the receiver busy, one more
 * than are on their way. Some of the ambiguous ones do not count, for only another batch can say
 * whether they or the receiver is at fault. */
static size_t room(const struct deliver *d)
{
    size_t bound = queue_width(d) + 1 + sender_ambiguous(d);

    return d->n_batches < bound + 1 ? bound + 1 - d->n_batches : 0;
}

static bool may_seal(const struct deliver *d)
{
    return d->filling && room(d) > 1;
}

bool deliver_has_room(const struct deliver *d)
{
    return room(d) > (filling_full(d) ? 1 : 0);
}

void deliver_add(struct deliver *d, const struct deliver_event *ev, int64_t now_ms)
{
    /* The one seal that asks for no room: deliver_has_room() cannot know the event's size. */
    if (d->filling && !batch_fits(d->filling, ev->doc_len, max_events(d), d->conf->batch_bytes))
        seal(d);
    if (!d->filling) {
        d->filling = batch_new(0, now_ms);
        if (now_ms + d->conf->batch_age < d->next_ms)
            d->next_ms = now_ms + d->conf->batch_age;
    }
    batch_add(d->filling, ev);
    if (filling_full(d) && may_seal(d))
        seal(d);
}

void deliver_flush(struct deliver *d)
{
    if (may_seal(d))
        seal(d);
    else
        d->flush = d->filling != NULL;
}

void deliver_resume_begin(struct deliver *d, uint64_t batch_no)
{
    assert(!d->resuming && !d->filling);
    d->resuming = batch_new(batch_no, 0);
}

void deliver_resume_add(struct deliver *d, const struct deliver_event *ev)
{
    batch_add(d->resuming, ev);
}

void deliver_resume_end(struct deliver *d)
{
    if (d->resuming->n)
        queue_append(d, d->resuming, BATCH_READY);
    else
        batch_free(d->resuming);
    d->resuming = NULL;
}

void deliver_set_next_batch(struct deliver *d, uint64_t batch_no)
{
    d->next_no = batch_no;
}

static bool seal_due(struct deliver *d, int64_t now_ms)
{
    if (!may_seal(d) ||
        !(d->flush || filling_full(d) || now_ms - d->filling->first_ms >= d->conf->batch_age))
        return false;
    seal(d);
    return true;
}

/* In order: one that cannot be journalled keeps those behind it waiting. */
static void journal_sealed(struct deliver *d)
{
    int r = 0;

    for (struct batch *b = d->first; b && r == 0; b = b->next) {
        if (b->state != BATCH_SEALED)
            continue;
        r = d->ops.sealed(d->ops.ctx, b->no, b->events, b->n);
        if (r == 0) {
            b->state = BATCH_READY;
            d->counts.batches++;
        }
    }
    if (r < 0 && d->seal_error == 0)
        log_warning("journal: cannot record a batch: %s; pausing delivery", err_text(r));
    d->seal_error = r;
}

/* -- the loop's calls -------------------------------------------------------------------------- */

void deliver_run(struct deliver *d, int64_t now_ms)
{
    int64_t next;

    sender_take(d, now_ms);
    reject_write(d, now_ms);
    for (size_t i = 0; i < d->n_endpoints; i++)
        endpoint_remind(&d->endpoints[i], now_ms);
    if (!d->stopped) {
        do {
            seal_due(d, now_ms);
            journal_sealed(d);
            sender_start(d, now_ms);
        } while (seal_due(d, now_ms)); /* a file takes its batch at once, and so there is room */
    }

    next = sender_next_ms(d);
    if (!d->stopped && may_seal(d) && d->filling->first_ms + d->conf->batch_age < next)
        next = d->filling->first_ms + d->conf->batch_age;
    if (!d->stopped && d->seal_error && now_ms + SEAL_RETRY_MS < next)
        next = now_ms + SEAL_RETRY_MS;
    for (size_t i = 0; i < d->n_endpoints; i++)
        if (endpoint_remind_ms(&d->endpoints[i]) < next)
            next = endpoint_remind_ms(&d->endpoints[i]);
    d->next_ms = next;
}

int64_t deliver_next_ms(const struct deliver *d)
{
    return d->next_ms;
}

static bool is_writing(const struct deliver *d)
{
    for (const struct batch *b = d->first; b; b = b->next)
        if (b->state == BATCH_SENT && b->row->via == RECEIVER_VIA_DESCRIPTOR)
            return true;
    return false;
}

int deliver_poll(struct deliver *d, struct pollfd *fds, unsigned n_fds, int timeout_ms)
{
    unsigned n = n_fds + (is_writing(d) ? 1 : 0);
    int r = 0;

    if (n > d->cap_fds) {
        d->fds = mem_realloc_array(d->fds, n, sizeof(*d->fds));
        d->cap_fds = n;
    }
    for (unsigned i = 0; i < n_fds; i++)
        d->fds[i] = (struct pollfd){.fd = fds[i].fd, .events = fds[i].events};
    if (n > n_fds)
        d->fds[n_fds] = (struct pollfd){.fd = d->output_fd, .events = POLLOUT};
    if (d->http && http_in_flight(d->http) > 0)
        r = http_poll(d->http, d->fds, n, timeout_ms);
    else if (poll(d->fds, n, timeout_ms) < 0 && errno != EINTR)
        r = -errno;
    for (unsigned i = 0; i < n_fds; i++)
        fds[i].revents = d->fds[i].revents;
    return r;
}

bool deliver_idle(const struct deliver *d)
{
    return !d->first && !d->filling && !d->resuming;
}

bool deliver_in_flight(const struct deliver *d)
{
    return d->n_sent > 0;
}

void deliver_stop_sending(struct deliver *d)
{
    d->stopped = true;
    d->next_ms = 0;
}

bool deliver_output_closed(const struct deliver *d)
{
    return d->output_closed;
}

struct deliver_counts deliver_counts(const struct deliver *d)
{
    return d->counts;
}

bool deliver_receiver_up(const struct deliver *d)
{
    for (size_t i = 0; i < d->n_endpoints; i++)
        if (d->endpoints[i].state == ENDPOINT_NEW || d->endpoints[i].state == ENDPOINT_UP)
            return true;
    return false;
}
