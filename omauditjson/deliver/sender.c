/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "deliver/sender.h"

#include <string.h>

#include "base/clock.h"
#include "conf/conf.h"
#include "deliver/blame.h"
#include "deliver/conclude.h"
#include "deliver/transport/http.h"
#include "deliver/transport/output.h"

#define AMBIGUOUS_BATCHES 8 /* batches of ambiguous events that deliver_has_room() leaves out */
#define AMBIGUOUS_MAX 256   /* or so many small ones of the same size together */
#define URL_MORE 1024       /* bytes that a row may add to a URL */
#define AMBIGUOUS_COST 512  /* bytes of a batch beside its documents */

/* -- answers come back ------------------------------------------------------------------------- */

void sender_take(struct deliver *d, int64_t now_ms)
{
    struct answer a;
    struct batch *b;

    if (d->http) {
        http_run(d->http);
        while ((b = http_take(d->http, &a)))
            conclude_answer(d, b, &a, now_ms);
    }
    for (b = d->first; b; b = b->next)
        if (b->state == BATCH_SENT && b->row->via == RECEIVER_VIA_DESCRIPTOR)
            break;
    if (b && output_write(d->output_fd, &b->body, &b->written, &a) != 0) {
        d->output_closed = a.kind == ANSWER_SETTINGS;
        conclude_answer(d, b, &a, now_ms);
    }
}

/* -- sending ----------------------------------------------------------------------------------- */

/* May ep be sent something now; what, if it matters, is blame_choose()'s. */
static bool is_usable(const struct deliver *d, const struct endpoint *ep, int64_t now_ms)
{
    struct batch *b;

    return retry_may_start(&ep->retry, ep->in_flight, now_ms) &&
           (!blame_choose(d, ep, now_ms, &b) || b);
}

static struct endpoint *usable_endpoint(const struct deliver *d, int64_t now_ms)
{
    for (size_t i = 0; i < d->n_endpoints; i++)
        if (is_usable(d, &d->endpoints[i], now_ms))
            return &d->endpoints[i];
    for (size_t i = 0; i < d->n_endpoints; i++)
        if (blame_may_ask(d, &d->endpoints[i]))
            return &d->endpoints[i];
    return NULL;
}

size_t sender_ambiguous(const struct deliver *d)
{
    size_t n = 0, bytes = 0;

    for (const struct batch *b = d->first; b && n < AMBIGUOUS_MAX; b = b->next) {
        if (!blame_is_suspect(b) && !(d->row->ambiguous_500 && queue_is_ambiguous(d, b)))
            continue;
        bytes += b->bytes + AMBIGUOUS_COST;
        if (n >= AMBIGUOUS_BATCHES && bytes > AMBIGUOUS_BATCHES * d->conf->batch_bytes)
            break;
        n++;
    }
    return n;
}

/* The first batch that is ready; but every other time, an ambiguous one lets the next one go
 * before it: if that is taken, we know. */
static struct batch *pick(const struct deliver *d, const struct endpoint *ep, int64_t now_ms)
{
    struct batch *ambiguous = NULL, *b;

    if (blame_choose(d, ep, now_ms, &b))
        return b;
    for (b = d->first; b; b = b->next) {
        if (b->state != BATCH_READY)
            continue;
        if (!queue_is_ambiguous(d, b) || b->passed)
            break;
        if (!ambiguous)
            ambiguous = b;
    }
    if (!b)
        return ambiguous;
    for (struct batch *p = d->first; p != b; p = p->next)
        p->passed = p->state == BATCH_READY && queue_is_ambiguous(d, p);
    return b;
}

/* Each event a batch of its own. */
static void scatter(struct deliver *d, struct batch *b)
{
    while (b->n > 1) {
        scatter(d, queue_split(d, b));
    }
}

static bool may_send(const struct deliver *d, const struct batch *b, bool compress)
{
    return !d->ops.sending || d->ops.sending(d->ops.ctx, b->events, b->n, compress);
}

/* A batch that we died of goes uncompressed the next time; when that does not help, its events go
 * one by one; one that kills alone goes to the dead letters. False: b is not to be sent. */
static bool take_up(struct deliver *d, struct batch *b, int *compress, int64_t now_ms)
{
    static const struct answer none = {.kind = ANSWER_SETTINGS, .error = "not sent again"};

    *compress = d->row->compress && b->row != d->row ? d->conf->compress : CONF_COMPRESS_NONE;
    if (*compress != CONF_COMPRESS_NONE && may_send(d, b, true))
        return true;
    *compress = CONF_COMPRESS_NONE;
    if (may_send(d, b, false))
        return true;
    if (b == d->canary) {
        blame_canary_back(d, false);
    } else if (b->n > 1) {
        scatter(d, b);
        d->counts.splits++;
    } else {
        conclude_settle(d, b, OUTCOME_REJECT, "the process died twice while sending this event",
                        &none, now_ms);
    }
    return false;
}

/* Has the URL nothing behind the host but perhaps a slash? *len is without it. */
static bool url_ends_with_host(const char *url, size_t *len)
{
    const char *host = strstr(url, "://");

    host = host ? host + 3 : url;
    *len = (size_t)(host - url) + strcspn(host, "/?#");
    return url[*len] == '\0' || (url[*len] == '/' && url[*len + 1] == '\0');
}

/* The URL as configured, with what the row adds to it. */
static int put_url(struct buf *url, const struct endpoint *ep, const struct receiver *row)
{
    size_t len;
    int r;

    if (row->add_path && url_ends_with_host(ep->url, &len)) {
        r = buf_append(url, ep->url, len);
        r = r == 0 ? buf_append_str(url, row->path) : r;
    } else {
        r = buf_append_str(url, ep->url);
    }
    if (r == 0 && row->query)
        r = buf_printf(url, "%c%s", strchr(ep->url, '?') ? '&' : '?', row->query);
    return r;
}

static int start_http(struct deliver *d, struct batch *b, const struct endpoint *ep,
                      struct answer *a)
{
    struct buf url = BUF_INIT(strlen(ep->url) + URL_MORE);
    char id[BATCH_ID_SIZE];
    struct http_request request = {.user = b,
                                   .content_type = b->row->content_type,
                                   .encoding = b->encoding,
                                   .headers = &b->headers,
                                   .body = &b->body,
                                   .ask = ep->state != ENDPOINT_UP};

    int r = put_url(&url, ep, b->row);

    if (r == 0) {
        batch_id(b, id);
        request.url = buf_cstr(&url);
        request.key = b->row->idempotency ? id : NULL;
        r = http_start(d->http, &request, a);
    }
    buf_done(&url);
    return r;
}

static void start(struct deliver *d, struct batch *b, struct endpoint *ep, int compress,
                  int64_t now_ms)
{
    struct answer a = {.kind = ANSWER_SETTINGS, .error = "the batch cannot be framed"};
    int r = batch_frame(b, d->row, d->conf, compress);
    bool framed = r == 0;

    if (framed && b->row->via == RECEIVER_VIA_HTTP)
        r = start_http(d, b, ep, &a);
    if (d->ops.sent)
        d->ops.sent(d->ops.ctx);
    blame_sending(d, ep, b);
    b->state = BATCH_SENT;
    b->started = ++d->requests;
    b->endpoint = (size_t)(ep - d->endpoints);
    b->epoch = ep->retry.epoch;
    b->passed = false;
    ep->in_flight++;
    d->n_sent++;
    d->counts.requests++;
    if (!framed) {
        b->row = d->row;
        conclude_answer(d, b, &a, now_ms);
        b->row = NULL;
        return;
    }
    switch (b->row->via) {
    case RECEIVER_VIA_HTTP:
        if (r < 0)
            conclude_answer(d, b, &a, now_ms);
        break;
    case RECEIVER_VIA_FILE:
        output_append(ep->url, &b->body, &a);
        conclude_answer(d, b, &a, now_ms);
        break;
    case RECEIVER_VIA_DESCRIPTOR:
        if (output_write(d->output_fd, &b->body, &b->written, &a) != 0) {
            d->output_closed = a.kind == ANSWER_SETTINGS;
            conclude_answer(d, b, &a, now_ms);
        }
        break;
    }
}

void sender_start(struct deliver *d, int64_t now_ms)
{
    struct endpoint *ep;
    struct batch *b;
    int compress;

    while (d->n_sent < queue_width(d) && (ep = usable_endpoint(d, now_ms)) &&
           (b = pick(d, ep, now_ms))) {
        if (d->row->single && b->n > 1) { /* sealed for another receiver */
            queue_split(d, b);
            continue;
        }
        if (take_up(d, b, &compress, now_ms))
            start(d, b, ep, compress, now_ms);
    }
}

int64_t sender_next_ms(const struct deliver *d)
{
    int64_t next = CLOCK_NEVER;
    bool ready = false, dead = false;

    for (const struct batch *b = d->first; b; b = b->next) {
        ready |= b->state == BATCH_READY;
        dead |= b->state == BATCH_DEAD;
    }
    if (dead)
        next = d->dead_retry.next_ms;
    if (!ready || d->stopped || d->n_sent >= queue_width(d))
        return next;
    for (size_t i = 0; i < d->n_endpoints; i++) {
        const struct endpoint *ep = &d->endpoints[i];

        if (ep->in_flight < ep->retry.window && ep->retry.next_ms < next &&
            is_usable(d, ep, ep->retry.next_ms))
            next = ep->retry.next_ms;
    }
    return next;
}
