/* SPDX-License-Identifier: Apache-2.0 */
/* The test receiver's judgement on a request's body, and its log of requests. */
#include "config.h"

#include "server_internal.h"

#include <gnutls/gnutls.h>
#include <string.h>

#include "base/mem.h"
#include "body.h"

static const char *header(struct MHD_Connection *c, const char *name)
{
    return MHD_lookup_connection_value(c, MHD_HEADER_KIND, name);
}

/* -- the log of requests --------------------------------------------------------------------- */

static enum MHD_Result add_header(void *cls, enum MHD_ValueKind kind, const char *key,
                                  const char *value)
{
    (void)kind;
    CLEANUP_FREE char *name = mem_strdup(key);
    for (char *p = name; *p != '\0'; p++)
        if (*p >= 'A' && *p <= 'Z')
            *p = (char)(*p - 'A' + 'a');
    json_object_object_add(cls, name, json_object_new_string(value != NULL ? value : ""));
    return MHD_YES;
}

void take_log(struct server *s, struct MHD_Connection *c, struct request *q, const char *method,
              const char *url, long events, const char *answered, const char *why)
{
    struct json_object *o = json_object_new_object();
    json_object_object_add(o, "n", json_object_new_int64((int64_t)q->n));
    json_object_object_add(o, "connection", json_object_new_int64((int64_t)q->connection));
    json_object_object_add(o, "in_flight", json_object_new_int64(q->in_flight));
    json_object_object_add(o, "method", json_object_new_string(method));
    json_object_object_add(o, "path", json_object_new_string(url));
    json_object_object_add(o, "bytes", json_object_new_int64((int64_t)q->body.len));
    json_object_object_add(o, "events", json_object_new_int64(events));
    json_object_object_add(o, "status", json_object_new_int64(q->how.status));
    json_object_object_add(o, "answered", json_object_new_string(answered));
    if (why != NULL && *why != '\0')
        json_object_object_add(o, "why", json_object_new_string(why));
    struct json_object *headers = json_object_new_object();
    (void)MHD_get_connection_values(c, MHD_HEADER_KIND, add_header, headers);
    json_object_object_add(o, "headers", headers);
    struct buf line = BUF_INIT(SERVER_BODY_MAX);
    (void)buf_append_str(&line, json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN));
    json_object_put(o);
    (void)store_request(s->store, &line);
    buf_done(&line);
}

/* -- the body -------------------------------------------------------------------------------- */

/* With --client-ca only a peer whose certificate that CA signed is heard. */
static bool client_is_known(struct server *s, struct MHD_Connection *c)
{
    if (s->conf.client_ca == NULL)
        return true;
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(c, MHD_CONNECTION_INFO_GNUTLS_SESSION);
    unsigned status = 0;
    return info != NULL && info->tls_session != NULL &&
           gnutls_certificate_verify_peers2(info->tls_session, &status) == 0 && status == 0;
}

static bool header_is_there(struct server *s, struct MHD_Connection *c)
{
    if (s->conf.require == NULL)
        return true;
    size_t len = strcspn(s->conf.require, ":");
    CLEANUP_FREE char *name = mem_strndup(s->conf.require, len);
    const char *want = s->conf.require + len;
    want += strspn(want, ": ");
    const char *got = header(c, name);
    return got != NULL && strcmp(got, want) == 0;
}

struct taken {
    struct store *store;
    size_t events;
    struct buf batch;
    struct buf print;
};

static int take_document(void *ctx, const char *doc, size_t len, struct json_object *parsed)
{
    struct taken *t = ctx;
    store_batch_add(t->store, &t->batch, &t->print, doc, len, parsed);
    t->events++;
    return 0;
}

static void take_event(void *ctx, const char *doc, size_t len, struct json_object *parsed)
{
    (void)take_document(ctx, doc, len, parsed);
}

/* The documents of a decoded body, whose framing is right. */
static long take_elastic(struct server *s, struct MHD_Connection *c, struct request *q,
                         const char *url, const struct buf *plain, struct taken *t, struct buf *why)
{
    struct elastic_request r = {
        .path = url,
        .type = header(c, MHD_HTTP_HEADER_CONTENT_TYPE),
        .filter = MHD_lookup_connection_value(c, MHD_GET_ARGUMENT_KIND, "filter_path"),
        .body = plain};
    long n;
    q->how.status = elastic_take(s->elastic, &r, take_event, t, &q->answer, &n, why);
    return n;
}

static long take_siem(struct server *s, struct MHD_Connection *c, struct request *q,
                      const char *url, const struct buf *plain, struct taken *t, struct buf *why)
{
    struct siem_request r = {.path = url,
                             .type = header(c, MHD_HTTP_HEADER_CONTENT_TYPE),
                             .authorization = header(c, MHD_HTTP_HEADER_AUTHORIZATION),
                             .body = plain};
    long n;
    q->how.status = siem_take(s->siem, &r, take_event, t, &q->answer, &n, why);
    return n;
}

long take_body(struct server *s, struct MHD_Connection *c, struct request *q, const char *url,
               struct buf *why)
{
    struct buf plain = BUF_INIT(SERVER_BODY_MAX);
    struct taken t = {.store = s->store,
                      .batch = BUF_INIT(4 * SERVER_BODY_MAX),
                      .print = BUF_INIT(SERVER_BODY_MAX)};
    const char *type = header(c, MHD_HTTP_HEADER_CONTENT_TYPE);
    long n = body_decode(header(c, MHD_HTTP_HEADER_CONTENT_ENCODING), &q->body, &plain, why);
    bool wanted = q->how.status >= 200 && q->how.status < 300;
    if (n == 0 && s->elastic == NULL && s->siem == NULL)
        n = body_split(body_find_framing(url, type, &plain), &plain, take_document, &t, why);

    if (!wanted) {
        ; /* the plan has decided */
    } else if (!client_is_known(s, c) || !header_is_there(s, c)) {
        q->how.status = client_is_known(s, c) ? 401 : 403;
    } else if (q->too_large || (s->conf.max_bytes != 0 && q->body.len > s->conf.max_bytes) ||
               (s->conf.max_events != 0 && n > (long)s->conf.max_events)) {
        q->how.status = 413;
    } else if (n < 0) {
        q->how.status = 400;
    } else if (s->elastic != NULL || s->siem != NULL) {
        n = s->siem != NULL ? take_siem(s, c, q, url, &plain, &t, why)
                            : take_elastic(s, c, q, url, &plain, &t, why);
        if (t.batch.len > 0 && store_documents(s->store, &t.batch, &t.print, t.events) < 0)
            q->how.status = 507;
    } else if (s->conf.reject != NULL && plain.len > 0 &&
               memmem(plain.data, plain.len, s->conf.reject, strlen(s->conf.reject)) != NULL) {
        q->how.status = 400;
        (void)buf_append_str(why, "this event cannot be indexed");
    } else if (store_documents(s->store, &t.batch, &t.print, (size_t)n) < 0) {
        q->how.status = 507;
    }
    if (n < 0) {
        (void)pthread_mutex_lock(&s->lock);
        s->bad++;
        (void)pthread_mutex_unlock(&s->lock);
    }
    buf_done(&plain);
    buf_done(&t.batch);
    buf_done(&t.print);
    return n;
}
