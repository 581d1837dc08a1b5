/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "deliver/endpoint.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "deliver/transport/text.h"

#define EXCERPT_SIZE 200
#define REMIND_MS 600000

static void take_over(struct endpoint *ep, const struct endpoint *old)
{
    struct endpoint fresh = *ep;

    *ep = *old;
    ep->url = fresh.url;
    ep->text = fresh.text;
    if (ep->retry.failures == 0)
        ep->retry.window = fresh.retry.window;
}

struct endpoint *endpoint_renew(struct endpoint *old, size_t n_old, char *const *urls, size_t n,
                                size_t in_flight, size_t *moved)
{
    struct endpoint *list = mem_calloc(n, sizeof(*list));

    for (size_t k = 0; k < n_old; k++)
        moved[k] = SIZE_MAX;
    for (size_t i = 0; i < n; i++) {
        list[i].url = mem_strdup(urls[i]);
        list[i].text = text_url(urls[i]);
        retry_init(&list[i].retry, in_flight);
        for (size_t k = 0; k < n_old; k++)
            if (moved[k] == SIZE_MAX && strcmp(old[k].url, urls[i]) == 0) {
                take_over(&list[i], &old[k]);
                moved[k] = i;
                break;
            }
    }
    endpoint_free(old, n_old);
    return list;
}

void endpoint_free(struct endpoint *list, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        free(list[i].url);
        free(list[i].text);
    }
    free(list);
}

void endpoint_describe(const struct answer *a, char *out, size_t size)
{
    char excerpt[EXCERPT_SIZE];

    if (a->kind != ANSWER_STATUS) {
        snprintf(out, size, "%s", a->error ? a->error : "no answer");
        return;
    }
    text_excerpt(a->body, a->body_len, excerpt, sizeof(excerpt));
    snprintf(out, size, "%ld%s%s", a->status, excerpt[0] ? ": " : "", excerpt);
}

static void stamp(int64_t s, char out[CLOCK_STAMP_SIZE])
{
    clock_stamp(s, 0, out);
    out[19] = 'Z'; /* whole seconds will do in a log */
    out[20] = '\0';
}

void endpoint_succeeded(struct endpoint *ep, unsigned epoch, size_t in_flight)
{
    char since[CLOCK_STAMP_SIZE];

    if (!retry_succeeded(&ep->retry, epoch, in_flight) && ep->state != ENDPOINT_NEW)
        return;
    if (ep->state == ENDPOINT_NEW) {
        log_info("receiver %s up", ep->text);
    } else {
        stamp(ep->since_s, since);
        log_notice("receiver %s up again; it was %s since %s, %u tries", ep->text,
                   ep->state == ENDPOINT_HELD ? "held" : "down", since, ep->tries);
    }
    ep->state = ENDPOINT_UP;
    ep->tries = 0;
}

static void say_held(struct endpoint *ep, int64_t pace_ms, int64_t now_ms)
{
    char since[CLOCK_STAMP_SIZE];

    stamp(ep->since_s, since);
    log_error("receiver %s has accepted nothing since %s, %u %s, last: %s; to fix it: %s; retrying "
              "every %" PRId64 " s",
              ep->text, since, ep->tries, ep->tries == 1 ? "try" : "tries", ep->last,
              ep->advice[0] ? ep->advice : "see the message", (pace_ms + 999) / 1000);
    ep->pace_ms = pace_ms;
    ep->said_ms = now_ms;
}

void endpoint_failed(struct endpoint *ep, unsigned epoch, enum outcome outcome,
                     const struct receiver *row, const struct answer *a,
                     const struct retry_pace *pace, int64_t now_ms, uint64_t *rng)
{
    char since[CLOCK_STAMP_SIZE], advice[sizeof(ep->advice)] = "";
    int64_t wall_s = clock_wall_s();

    if (outcome == OUTCOME_HOLD)
        retry_held(&ep->retry, pace, epoch, now_ms, rng);
    else
        retry_failed(&ep->retry, pace, epoch,
                     a->retry_after[0] ? retry_after_ms(a->retry_after, wall_s) : RETRY_NO_WISH,
                     now_ms, rng);
    if (ep->tries++ == 0)
        ep->since_s = wall_s;
    endpoint_describe(a, ep->last, sizeof(ep->last));

    if (outcome != OUTCOME_HOLD) {
        stamp(ep->since_s, since);
        if (ep->state != ENDPOINT_DOWN)
            log_warning("receiver %s down since %s, %u %s, last: %s; retrying", ep->text, since,
                        ep->tries, ep->tries == 1 ? "try" : "tries", ep->last);
        ep->state = ENDPOINT_DOWN;
        return;
    }
    if (a->advice)
        snprintf(advice, sizeof(advice), "%s", a->advice);
    else if (a->kind == ANSWER_STATUS)
        receiver_advice(row, a, advice, sizeof(advice));
    /* Held for another reason is another state: there is something else to do. */
    if (ep->state != ENDPOINT_HELD || strcmp(ep->advice, advice) != 0) {
        memcpy(ep->advice, advice, sizeof(advice));
        say_held(ep, pace->max_ms, now_ms);
    }
    ep->state = ENDPOINT_HELD;
}

void endpoint_remind(struct endpoint *ep, int64_t now_ms)
{
    if (now_ms >= endpoint_remind_ms(ep))
        say_held(ep, ep->pace_ms, now_ms);
}

int64_t endpoint_remind_ms(const struct endpoint *ep)
{
    return ep->state == ENDPOINT_HELD ? ep->said_ms + REMIND_MS : CLOCK_NEVER;
}

void endpoint_try_anew(struct endpoint *ep)
{
    ep->retry.next_ms = 0;
    ep->accepted = ep->refused = 0;
    ep->refusals = 0;
    ep->refusing = ep->canary_sent = ep->ask_other = false;
}
