/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "deliver/transport/http.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/conf.h"
#include "base/mem.h"
#include "deliver/transport/http_early.h"
#include "deliver/transport/http_options.h"
#include "deliver/transport/http_wait.h"
#include "deliver/transport/text.h"

/* An answer's body is read on and forgotten this far past answer_max, so that the connection can
 * be kept; then it is cut, and the status counts. */
#define BODY_EXCESS ((size_t)1024 * 1024)

/* Of all headers of one answer: interim ones and trailers too, which libcurl keeps and counts
 * against no limit of its own (7.88; older ones count none of them). */
#define HEADERS_MAX ((size_t)256 * 1024)

#define EXPECT_MS 500L /* for a server that knows no Expect */

struct transfer {
    struct transfer *next; /* idle ones */
    struct http *http;
    CURL *easy;
    unsigned generation; /* of the options that easy was made with */
    struct http_context context;
    struct curl_slist *headers;
    void *user;
    struct buf body;
    size_t sending; /* bytes of the request's body */
    size_t received, header_bytes;
    bool cut, early;
    char retry_after[64];
    char error[CURL_ERROR_SIZE];
};

struct http {
    const struct conf *conf;
    CURLM *multi;
    unsigned generation;
    struct transfer *idle;
    struct transfer *taken; /* whose answer was lent by http_take() */
    struct transfer **busy; /* for http_free(): curl has no list */
    size_t n_busy, cap_busy;
    struct buf error; /* of the request that could not be started */
    struct http_wait wait;
};

/* -- curl's call-backs: they only keep --------------------------------------------------------- */

static size_t on_body(char *data, size_t size, size_t n, void *ctx)
{
    struct transfer *t = ctx;
    size_t room = t->body.max - t->body.len;

    n *= size;
    buf_append(&t->body, data, n < room ? n : room);
    t->received += n;
    if (t->received > t->body.max && t->received - t->body.max > BODY_EXCESS) {
        t->cut = true;
        return 0;
    }
    return n;
}

#if LIBCURL_VERSION_NUM >= 0x075000
static int on_prereq(void *ctx, char *remote, char *local, int remote_port, int local_port)
{
    struct transfer *t = ctx;

    (void)remote;
    (void)local;
    (void)remote_port;
    (void)local_port;
    t->early = !t->http->conf->proxy && http_early_is_answered(t->easy);
    return t->early ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK;
}
#endif

static size_t on_header(char *data, size_t size, size_t n, void *ctx)
{
    static const char name[] = "retry-after:";
    struct transfer *t = ctx;
    size_t len = sizeof(name) - 1, value;

    n *= size;
    t->header_bytes += n;
    if (t->header_bytes > HEADERS_MAX)
        return 0;
    if (n >= 5 && memcmp(data, "HTTP/", 5) == 0) {
        t->retry_after[0] = '\0'; /* the one before was an interim answer */
        t->early = http_early_is_success(data, n) && !http_early_body_has_left(t->easy, t->sending);
        if (t->early)
            return 0;
    }
    if (n <= len || !text_header_is(data, "retry-after"))
        return n;
    while (len < n && (data[len] == ' ' || data[len] == '\t'))
        len++;
    for (value = n; value > len && (unsigned char)data[value - 1] <= ' ';)
        value--;
    if (value - len < sizeof(t->retry_after)) {
        memcpy(t->retry_after, data + len, value - len);
        t->retry_after[value - len] = '\0';
    }
    return n;
}

/* -- transfers --------------------------------------------------------------------------------- */

static void transfer_free(struct transfer *t)
{
    if (!t)
        return;
    curl_easy_cleanup(t->easy);
    conceal_done(&t->context.secrets);
    curl_slist_free_all(t->headers);
    buf_done(&t->body);
    free(t);
}

static CURLcode set_callbacks(struct transfer *t)
{
    CURL *easy = t->easy;
    CURLcode code = CURLE_OK;

    SET(CURLOPT_PRIVATE, t);
    SET(CURLOPT_ERRORBUFFER, t->error);
    SET(CURLOPT_WRITEFUNCTION, on_body);
    SET(CURLOPT_WRITEDATA, t);
    SET(CURLOPT_HEADERFUNCTION, on_header);
    SET(CURLOPT_HEADERDATA, t);
    SET(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L); /* a proxy's answer is none to the request */
    SET(CURLOPT_EXPECT_100_TIMEOUT_MS, EXPECT_MS);
#if LIBCURL_VERSION_NUM >= 0x075000
    SET(CURLOPT_PREREQFUNCTION, on_prereq);
    SET(CURLOPT_PREREQDATA, t);
#endif
    return code;
}

static int transfer_new(struct http *h, struct transfer **ret, struct buf *error)
{
    struct transfer *t = mem_calloc(1, sizeof(*t));
    int r = -ENOTSUP;

    t->http = h;
    t->generation = h->generation;
    t->context.conf = &h->conf;
    buf_init(&t->body, h->conf->answer_max);
    t->easy = curl_easy_init();
    if (t->easy && set_callbacks(t) == CURLE_OK)
        r = http_options_set(t->easy, &t->context, error);
    else
        buf_append_str(error, "curl cannot be initialised");
    if (r < 0) {
        transfer_free(t);
        return r;
    }
    *ret = t;
    return 0;
}

static void drop_idle(struct http *h)
{
    struct transfer *t;

    while ((t = h->idle)) {
        h->idle = t->next;
        transfer_free(t);
    }
}

/* Back to the idle ones, or away when its options are no longer the ones. */
static void recycle(struct http *h, struct transfer *t)
{
    curl_slist_free_all(t->headers);
    t->headers = NULL;
    if (t->generation != h->generation) {
        transfer_free(t);
        return;
    }
    t->next = h->idle;
    h->idle = t;
}

/* The answer that http_take() lent is over. */
static void give_back(struct http *h)
{
    if (h->taken)
        recycle(h, h->taken);
    h->taken = NULL;
}

int http_new(const struct conf *conf, struct http **ret, struct buf *error)
{
    struct transfer *t = NULL;
    struct http *h;
    int r;

    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        buf_append_str(error, "curl cannot be initialised");
        return -ENOTSUP;
    }
    h = mem_calloc(1, sizeof(*h));
    h->conf = conf;
    buf_init(&h->error, 1024);
    h->multi = curl_multi_init();
    if (!h->multi || http_wait_init(&h->wait, h->multi) < 0) {
        curl_multi_cleanup(h->multi);
        free(h);
        curl_global_cleanup();
        buf_append_str(error, "curl cannot be initialised");
        return -ENOTSUP;
    }
    r = transfer_new(h, &t, error); /* what cannot work is said at the start */
    if (r < 0) {
        http_free(h);
        return r;
    }
    recycle(h, t);
    *ret = h;
    return 0;
}

void http_free(struct http *h)
{
    if (!h)
        return;
    for (size_t i = 0; i < h->n_busy; i++) {
        curl_multi_remove_handle(h->multi, h->busy[i]->easy);
        transfer_free(h->busy[i]);
    }
    transfer_free(h->taken);
    drop_idle(h);
    curl_multi_cleanup(h->multi);
    curl_global_cleanup();
    free(h->busy);
    buf_done(&h->error);
    http_wait_done(&h->wait);
    free(h);
}

void http_refresh(struct http *h)
{
    h->generation++;
    drop_idle(h);
}

void http_reconfigure(struct http *h, const struct conf *conf)
{
    h->conf = conf;
    http_refresh(h);
}

/* -- requests ---------------------------------------------------------------------------------- */

static void add_header(struct transfer *t, const char *line)
{
    struct curl_slist *list = curl_slist_append(t->headers, line);

    if (list)
        t->headers = list;
}

/* "name: value" unless the operator configured a header of this name. */
static void add_own_header(struct transfer *t, const char *name, const char *value)
{
    const struct conf_list *configured = &t->http->conf->header;
    char line[256];

    if (!value)
        return;
    for (size_t i = 0; i < configured->n; i++)
        if (text_header_is(configured->item[i], name))
            return;
    snprintf(line, sizeof(line), "%s: %s", name, value);
    add_header(t, line);
}

static void make_headers(struct transfer *t, const struct http_request *request)
{
    const struct conf_list *configured = &t->http->conf->header;

    add_own_header(t, "Content-Type", request->content_type);
    add_own_header(t, "Content-Encoding", request->encoding);
    add_own_header(t, "Idempotency-Key", request->key);
    /* It costs a round trip: only where it is to be seen whether anybody reads. */
    if (request->ask)
        add_own_header(t, "Expect", "100-continue");
    else
        add_header(t, "Expect:");
    for (size_t i = 0; request->headers && i < request->headers->len;) {
        const char *line = request->headers->data + i;
        const char *end = memchr(line, '\n', request->headers->len - i);
        size_t len = end ? (size_t)(end - line) : request->headers->len - i;
        CLEANUP_FREE char *copy = mem_strndup(line, len);

        add_header(t, copy);
        i += len + 1;
    }
    for (size_t i = 0; i < configured->n; i++)
        add_header(t, configured->item[i]);
}

static CURLcode set_request(struct transfer *t, const struct http_request *request)
{
    CURL *easy = t->easy;
    CURLcode code = CURLE_OK;

    SET(CURLOPT_URL, request->url);
    SET(CURLOPT_HTTPHEADER, t->headers);
    SET(CURLOPT_POSTFIELDS, request->body->len ? request->body->data : "");
    SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body->len);
    return code;
}

int http_start(struct http *h, const struct http_request *request, struct answer *failed)
{
    struct transfer *t = NULL;
    CURLcode code;
    int r = 0;

    give_back(h);
    buf_truncate(&h->error, 0);
    if (h->idle) {
        t = h->idle;
        h->idle = t->next;
    } else {
        r = transfer_new(h, &t, &h->error);
    }
    if (r == 0) {
        make_headers(t, request);
        t->user = request->user;
        t->received = t->header_bytes = 0;
        t->cut = t->early = false;
        t->sending = request->body->len;
        t->retry_after[0] = t->error[0] = '\0';
        buf_truncate(&t->body, 0);
        code = set_request(t, request);
        if (code == CURLE_OK && curl_multi_add_handle(h->multi, t->easy) != CURLM_OK)
            code = CURLE_FAILED_INIT;
        if (code == CURLE_OUT_OF_MEMORY)
            mem_exhausted();
        if (code != CURLE_OK) {
            buf_printf(&h->error, "curl: %s", curl_easy_strerror(code));
            transfer_free(t);
            r = -EINVAL;
        }
    }
    if (r < 0) {
        *failed = (struct answer){.kind = ANSWER_SETTINGS, .error = buf_cstr(&h->error)};
        return r;
    }
    if (h->n_busy == h->cap_busy) {
        h->cap_busy = h->cap_busy ? h->cap_busy * 2 : 8;
        h->busy = mem_realloc_array(h->busy, h->cap_busy, sizeof(struct transfer *));
    }
    h->busy[h->n_busy++] = t;
    return 0;
}

/* -- answers ----------------------------------------------------------------------------------- */

static void fill_answer(struct transfer *t, CURLcode code, struct answer *ret)
{
    long connect_status = 0;

    if (code == CURLE_OUT_OF_MEMORY) /* no fault of the receiver, and a retry finds no more */
        mem_exhausted();
    /* Before anybody sees it: there are servers that give a credential back. */
    conceal_apply(&t->context.secrets, t->body.data, t->body.len);
    conceal_apply(&t->context.secrets, t->error, strlen(t->error));
    *ret = (struct answer){.kind = ANSWER_STATUS,
                           .body = t->body.data,
                           .body_len = t->body.len,
                           .cut = t->received > t->body.max};
    curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &ret->status);
    memcpy(ret->retry_after, t->retry_after, sizeof(ret->retry_after));
    if (t->early) {
        ret->kind = ANSWER_NONE;
        ret->error = "the receiver answered before the request was complete";
        return;
    }
    if (code == CURLE_OK || (t->cut && t->header_bytes <= HEADERS_MAX))
        return;
    ret->error = t->header_bytes > HEADERS_MAX ? "the answer's headers are too long"
                 : t->error[0]                 ? t->error
                                               : curl_easy_strerror(code);
    curl_easy_getinfo(t->easy, CURLINFO_HTTP_CONNECTCODE, &connect_status);
    http_options_classify(code, connect_status, ret);
}

void http_run(struct http *h)
{
    give_back(h);
    http_wait_run(&h->wait);
}

void *http_take(struct http *h, struct answer *ret)
{
    const CURLMsg *msg;
    int left;

    give_back(h);
    while ((msg = curl_multi_info_read(h->multi, &left))) {
        CURLcode code = msg->data.result; /* msg dies when the handle is removed */
        CURL *easy = msg->easy_handle;
        char *private = NULL;
        struct transfer *t;

        if (msg->msg != CURLMSG_DONE)
            continue;
        curl_easy_getinfo(easy, CURLINFO_PRIVATE, &private);
        t = (struct transfer *)(void *)private;
        curl_multi_remove_handle(h->multi, easy);
        for (size_t i = 0; i < h->n_busy; i++)
            if (h->busy[i] == t) {
                h->busy[i] = h->busy[--h->n_busy];
                break;
            }
        fill_answer(t, code, ret);
        h->taken = t;
        return t->user;
    }
    return NULL;
}

size_t http_in_flight(const struct http *h)
{
    return h->n_busy;
}

int http_poll(struct http *h, struct pollfd *fds, unsigned n_fds, int timeout_ms)
{
    return http_wait_poll(&h->wait, fds, n_fds, timeout_ms);
}
