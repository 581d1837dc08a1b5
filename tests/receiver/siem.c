/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "siem.h"

#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "strict.h"

static const struct kind {
    const char *name;
    unsigned (*take)(struct siem_take *t);
} kinds[] = {
    {"splunk-hec", siem_hec_take},
};

struct siem {
    struct siem_conf conf;
    const struct kind *kind;
    pthread_mutex_t lock;
    unsigned long requests;
};

struct siem *siem_new(const struct siem_conf *conf)
{
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (strcmp(kinds[i].name, conf->name) != 0)
            continue;
        struct siem *s = mem_calloc(1, sizeof *s);
        s->conf = *conf;
        s->kind = &kinds[i];
        (void)pthread_mutex_init(&s->lock, NULL);
        return s;
    }
    return NULL;
}

void siem_free(struct siem *s)
{
    if (s == NULL)
        return;
    (void)pthread_mutex_destroy(&s->lock);
    free(s);
}

unsigned siem_take(struct siem *s, const struct siem_request *r, siem_event_fn *fn, void *ctx,
                   struct buf *answer, long *n, struct buf *why)
{
    struct siem_take t = {
        .conf = &s->conf, .request = r, .fn = fn, .ctx = ctx, .answer = answer, .why = why};
    (void)pthread_mutex_lock(&s->lock);
    s->requests++;
    t.busy = s->conf.busy != 0 && s->requests % s->conf.busy == 0;
    unsigned status = s->kind->take(&t);
    (void)pthread_mutex_unlock(&s->lock);
    *n = t.n;
    return status;
}

bool siem_refuses(const struct siem_take *t, const char *doc, size_t len)
{
    const char *text = t->conf->reject;
    return text != NULL && memmem(doc, len, text, strlen(text)) != NULL;
}

bool siem_literal(struct siem_scan *s, const char *text)
{
    size_t n = strlen(text);
    if ((size_t)(s->end - s->p) < n || memcmp(s->p, text, n) != 0)
        return false;
    s->p += n;
    return true;
}

bool siem_digits(struct siem_scan *s, size_t *len)
{
    const char *from = s->p;
    while (s->p < s->end && *s->p >= '0' && *s->p <= '9')
        s->p++;
    *len = (size_t)(s->p - from);
    return *len > 0;
}

/* The value at the place, as json-c delimits it, which is no judge of it. */
static struct json_object *next_value(struct siem_scan *s, const char **text, size_t *len)
{
    struct json_tokener *t = json_tokener_new_ex(64);
    size_t left = (size_t)(s->end - s->p);
    struct json_object *o = NULL;
    if (t != NULL && left <= INT_MAX)
        o = json_tokener_parse_ex(t, s->p, (int)left);
    *text = s->p;
    *len = t != NULL && o != NULL ? json_tokener_get_parse_end(t) : 0;
    s->p += *len;
    json_tokener_free(t);
    return o;
}

struct json_object *siem_object(struct siem_scan *s, const char **text, size_t *len)
{
    const char *repeated = NULL;
    size_t repeated_len;
    size_t at;
    if (s->p == s->end || *s->p != '{')
        return NULL;
    struct json_object *o = next_value(s, text, len);
    if (o == NULL || strict_json_object(*text, *len, &at, &repeated, &repeated_len) != NULL ||
        repeated != NULL) {
        json_object_put(o);
        return NULL;
    }
    return o;
}

bool siem_string(struct siem_scan *s, struct buf *out)
{
    const char *from = s->p;
    buf_truncate(out, 0);
    if (s->p == s->end || *s->p != '"')
        return false;
    for (s->p++; s->p < s->end && *s->p != '"'; s->p++)
        if (*s->p == '\\' && s->p + 1 < s->end)
            s->p++;
    if (s->p == s->end)
        return false;
    s->p++;
    /* strictly: as the value of an object */
    struct buf whole = BUF_INIT((size_t)(s->p - from) + 8);
    const char *repeated;
    size_t repeated_len;
    size_t at;
    (void)buf_append_str(&whole, "{\"v\":");
    (void)buf_append(&whole, from, (size_t)(s->p - from));
    (void)buf_append_char(&whole, '}');
    bool good = strict_json_object(whole.data, whole.len, &at, &repeated, &repeated_len) == NULL;
    struct json_object *v = NULL;
    struct json_object *o = good ? json_tokener_parse(buf_cstr(&whole)) : NULL;
    good = o != NULL && json_object_object_get_ex(o, "v", &v) &&
           buf_append(out, json_object_get_string(v), (size_t)json_object_get_string_len(v)) == 0;
    json_object_put(o);
    buf_done(&whole);
    return good;
}
