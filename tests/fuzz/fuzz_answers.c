/* SPDX-License-Identifier: Apache-2.0 */
/* For any answer: the judge never returns a delivery for a refusal, returns only permitted
 * outcomes, and returns the same twice; the text shown of the answer is clean and has no
 * credential; Retry-After is within bounds. Input: receiver, number of events, two bytes of status,
 * kind, curl's code; a line: the header Retry-After; a line: the credential; the rest: the body, or
 * curl's message. */
#include "config.h"

#include <stdbool.h>
#include <string.h>

#include "conf/conf.h"
#include "base/mem.h"
#include "deliver/transport/conceal.h"
#include "deliver/endpoint.h"
#include "deliver/transport/http_options.h"
#include "deliver/receivers/receivers.h"
#include "deliver/retry.h"
#include "deliver/transport/text.h"
#include "fuzz.h"

#define EVENTS_MAX 8
#define N_RECEIVERS 64 /* more than there are */

struct input {
    const uint8_t *p;
    const uint8_t *end;
};

static uint8_t next(struct input *in)
{
    return in->p < in->end ? *in->p++ : 0;
}

/* A string of its own; caller frees. */
static char *next_line(struct input *in)
{
    size_t left = (size_t)(in->end - in->p), len;
    const uint8_t *stop = left ? memchr(in->p, '\n', left) : NULL;
    char *line;

    len = stop ? (size_t)(stop - in->p) : left;
    line = mem_strndup((const char *)in->p, len);
    in->p += len + (stop ? 1 : 0);
    return line;
}

static void check_clean(const char *text, size_t size)
{
    size_t n = strnlen(text, size);

    FUZZ_ASSERT(n < size);
    for (size_t i = 0, len; i < n; i += len) {
        len = text_utf8_len(text + i, n - i);
        FUZZ_ASSERT(len > 0);
        FUZZ_ASSERT((unsigned char)text[i] >= ' ' && text[i] != 0x7f);
    }
}

static void check_verdict(const struct receiver *row, const struct answer *a, size_t n)
{
    enum outcome item[EVENTS_MAX], again[EVENTS_MAX];
    struct verdict v = {.item = item}, w = {.item = again};

    receiver_judge(row, a, n, &v);
    receiver_judge(row, a, n, &w);
    FUZZ_ASSERT(v.whole == w.whole && v.by_item == w.by_item);
    FUZZ_ASSERT(v.whole <= OUTCOME_HOLD);
    FUZZ_ASSERT(v.whole != (n > 1 ? OUTCOME_REJECT : OUTCOME_SPLIT));
    if (a->kind != ANSWER_STATUS)
        FUZZ_ASSERT(!v.by_item && (v.whole == OUTCOME_RETRY || v.whole == OUTCOME_HOLD));
    if (a->status < 200 || a->status > 299)
        FUZZ_ASSERT(v.whole != OUTCOME_DELIVERED || v.by_item);
    if (a->status != 400 && (a->status < 200 || a->status > 299))
        FUZZ_ASSERT(!v.by_item);
    for (size_t i = 0; v.by_item && i < n; i++) {
        FUZZ_ASSERT(item[i] == again[i]);
        FUZZ_ASSERT(item[i] <= OUTCOME_REJECT && item[i] != OUTCOME_SPLIT);
    }
}

static void check_shown(const struct receiver *row, const struct answer *a)
{
    char text[300], small[16], advice[160];

    endpoint_describe(a, text, sizeof(text));
    if (a->kind == ANSWER_STATUS) {
        check_clean(text, sizeof(text));
        receiver_advice(row, a, advice, sizeof(advice));
        FUZZ_ASSERT(advice[0] && strnlen(advice, sizeof(advice)) < sizeof(advice));
    }
    text_excerpt(a->body, a->body_len, small, sizeof(small));
    check_clean(small, sizeof(small));
}

/* The text as the program shows it, without the credential. */
static void check_concealed(const char *secret, const char *body, size_t len)
{
    struct conceal c = {0};
    char *copy = mem_strndup(body, len), *url;
    char line[64];
    size_t n = strlen(secret);
    struct conf_list none = {0};

    conceal_add(&c, secret, n);
    conceal_add_user(&c, secret, n);
    conceal_apply(&c, copy, len);
    /* stars in its place can form a credential with the text beside them */
    if (n >= CONCEAL_MIN && !strchr(secret, '*'))
        FUZZ_ASSERT(!memmem(copy, len, secret, n));
    conceal_done(&c);
    url = text_url(copy);
    FUZZ_ASSERT(!strpbrk(url, "?#") && strlen(url) <= len);
    free(url);
    if (text_trace_line(&none, body, len, line, sizeof(line)))
        FUZZ_ASSERT(strnlen(line, sizeof(line)) < sizeof(line) && !strchr(line, '?'));
    free(copy);
}

static void check_retry_after(const char *value)
{
    static const int64_t now_s[] = {0, 1700000000, INT64_C(253402300799)};

    for (size_t i = 0; i < 3; i++) {
        int64_t ms = retry_after_ms(value, now_s[i]);
        struct retry_pace pace = {.min_ms = 10, .max_ms = 1000};
        struct retry r;
        uint64_t rng = 1;

        FUZZ_ASSERT(ms >= 0 || ms == RETRY_NO_WISH);
        retry_init(&r, 4);
        retry_failed(&r, &pace, r.epoch, ms, 5000, &rng);
        FUZZ_ASSERT(r.next_ms > 5000 && r.next_ms <= 5000 + RETRY_AFTER_LIMIT * 1000);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = {data, data + size};
    const struct receiver *row = receiver_get(next(&in) % N_RECEIVERS);
    size_t n = 1 + next(&in) % EVENTS_MAX;
    struct answer a = {.kind = ANSWER_STATUS};
    unsigned kind, code;
    char *wish, *secret, *body;

    if (!row || row->via != RECEIVER_VIA_HTTP)
        row = receiver_get(0);
    a.status = next(&in) * 256 + next(&in);
    kind = next(&in) % 4;
    code = next(&in);
    wish = next_line(&in);
    secret = next_line(&in);
    a.body_len = (size_t)(in.end - in.p);
    body = mem_alloc(a.body_len + 1); /* a block of its own, for the sanitizers */
    memcpy(body, in.p, a.body_len);
    body[a.body_len] = '\0';
    a.body = body;
    check_retry_after(wish);
    if (strlen(wish) < sizeof(a.retry_after))
        memcpy(a.retry_after, wish, strlen(wish) + 1);
    if (kind == 1) { /* as http.c: no answer, and curl's message */
        a.error = body;
        http_options_classify((CURLcode)code, a.status, &a);
        FUZZ_ASSERT(a.kind != ANSWER_STATUS);
        FUZZ_ASSERT(!a.advice || (a.advice[0] && strlen(a.advice) < 160));
        a.body_len = 0;
    }
    check_verdict(row, &a, n);
    check_shown(row, &a);
    check_concealed(secret, body, strlen(body));
    free(body);
    free(secret);
    free(wish);
    return 0;
}
