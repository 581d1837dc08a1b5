/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "elastic.h"

#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "strict.h"

#define ANSWER_MAX ((size_t)64 << 20)

struct elastic {
    struct elastic_conf conf;
    pthread_mutex_t lock;
    char **ids; /* "INDEX/ID", sorted */
    size_t n, cap;
    unsigned long items;
};

struct elastic *elastic_new(const struct elastic_conf *conf)
{
    struct elastic *e = mem_calloc(1, sizeof *e);
    e->conf = *conf;
    (void)pthread_mutex_init(&e->lock, NULL);
    return e;
}

void elastic_free(struct elastic *e)
{
    if (e == NULL)
        return;
    for (size_t i = 0; i < e->n; i++)
        free(e->ids[i]);
    free(e->ids);
    (void)pthread_mutex_destroy(&e->lock);
    free(e);
}

/* -- ids --------------------------------------------------------------------------------------- */

/* Where key is or belongs; *found says which. */
static size_t find(const struct elastic *e, const char *key, bool *found)
{
    size_t low = 0;
    size_t high = e->n;
    *found = false;
    while (low < high) {
        size_t mid = (low + high) / 2;
        int r = strcmp(e->ids[mid], key);
        if (r == 0) {
            *found = true;
            return mid;
        }
        if (r < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

static void insert(struct elastic *e, size_t at, const char *key)
{
    if (e->n == e->cap) {
        e->cap = e->cap == 0 ? 1024 : e->cap * 2;
        e->ids = mem_realloc_array(e->ids, e->cap, sizeof *e->ids);
    }
    memmove(e->ids + at + 1, e->ids + at, (e->n - at) * sizeof *e->ids);
    e->ids[at] = mem_strdup(key);
    e->n++;
}

/* -- names ------------------------------------------------------------------------------------- */

static bool index_is_good(const char *name)
{
    size_t len = strlen(name);
    if (len == 0 || len > 255 || strchr("-_+", name[0]) != NULL || strcmp(name, ".") == 0 ||
        strcmp(name, "..") == 0)
        return false;
    for (const char *p = name; *p != '\0'; p++)
        if ((*p >= 'A' && *p <= 'Z') || strchr("\\/*?\"<>| ,#:", *p) != NULL || *p < ' ')
            return false;
    return true;
}

/* "/_bulk" or "/INDEX/_bulk", the index in index (256 bytes; "" without one). */
static bool path_is_bulk(const char *path, char *index)
{
    const char *end = strstr(path, "/_bulk");
    if (end == NULL || end[6] != '\0' || path[0] != '/')
        return false;
    *index = '\0';
    if (end == path)
        return true;
    size_t len = (size_t)(end - path - 1);
    if (len == 0 || len > 255)
        return false;
    memcpy(index, path + 1, len);
    index[len] = '\0';
    return index_is_good(index);
}

/* -- items ------------------------------------------------------------------------------------- */

static const char *text_of(struct json_object *o, const char *key)
{
    struct json_object *v;
    if (!json_object_object_get_ex(o, key, &v) || !json_object_is_type(v, json_type_string))
        return NULL;
    return json_object_get_string(v);
}

static struct json_object *parse(const char *p, size_t len)
{
    const char *repeated;
    size_t repeated_len;
    size_t at;
    if (len > INT_MAX || strict_json_object(p, len, &at, &repeated, &repeated_len) != NULL ||
        repeated != NULL)
        return NULL;
    struct json_tokener *t = json_tokener_new_ex(64);
    struct json_object *o = t != NULL ? json_tokener_parse_ex(t, p, (int)len) : NULL;
    json_tokener_free(t);
    return o;
}

/* An action line, byte for byte as create with an id is written; key is "INDEX/ID". */
static bool action_is_good(const char *line, size_t len, const char *path_index, struct buf *key)
{
    struct json_object *o = parse(line, len);
    struct json_object *create = NULL;
    struct buf want = BUF_INIT(4096);
    bool good = false;
    if (o != NULL && json_object_object_get_ex(o, "create", &create)) {
        const char *index = text_of(create, "_index");
        const char *id = text_of(create, "_id");
        if (id != NULL && *id != '\0' && strlen(id) <= 512 && (index != NULL || *path_index) &&
            (index == NULL || index_is_good(index))) {
            (void)buf_append_str(&want, "{\"create\":{");
            if (index != NULL)
                (void)buf_printf(&want, "\"_index\":\"%s\",", index);
            (void)buf_append_str(&want, "\"_id\":");
            struct json_object *v = json_object_new_string(id);
            (void)buf_append_str(&want,
                                 json_object_to_json_string_ext(v, JSON_C_TO_STRING_NOSLASHESCAPE));
            json_object_put(v);
            (void)buf_append_str(&want, "}}");
            good = want.len == len && memcmp(want.data, line, len) == 0;
            buf_truncate(key, 0);
            (void)buf_printf(key, "%s/%s", index != NULL ? index : path_index, id);
        }
    }
    buf_done(&want);
    json_object_put(o);
    return good;
}

struct take {
    struct elastic *e;
    elastic_event_fn *fn;
    void *ctx;
    bool filtered;
    struct buf *items;
    bool errors;
    long n;
};

static void put_item(struct take *t, const char *key, int status, const char *type,
                     const char *reason)
{
    (void)buf_append_str(t->items, t->n > 0 ? ",{\"create\":{" : "{\"create\":{");
    if (!t->filtered) {
        const char *slash = strchr(key, '/');
        (void)buf_printf(t->items, "\"_index\":\"%.*s\",\"_id\":\"%s\",", (int)(slash - key), key,
                         slash + 1);
        if (status == 201)
            (void)buf_append_str(t->items, "\"_version\":1,\"result\":\"created\",\"_shards\":{"
                                           "\"total\":2,\"successful\":1,\"failed\":0},"
                                           "\"_seq_no\":0,\"_primary_term\":1,");
    }
    if (type != NULL)
        (void)buf_printf(t->items, "\"error\":{\"type\":\"%s\",\"reason\":\"%s\"},", type, reason);
    (void)buf_printf(t->items, "\"status\":%d}}", status);
    t->errors |= status >= 300;
}

static void take_item(struct take *t, const char *key, const char *doc, size_t len)
{
    struct elastic *e = t->e;
    struct json_object *o = parse(doc, len);
    bool found;
    size_t at = find(e, key, &found);
    char type[64];
    int status;
    e->items++;
    if (e->conf.blocked >= e->items) {
        put_item(t, key, 403, "cluster_block_exception",
                 "index [a] blocked by: [TOO_MANY_REQUESTS/12/disk usage exceeded flood-stage "
                 "watermark, index has read-only-allow-delete block];");
    } else if (e->conf.busy != 0 && e->items % e->conf.busy == 0) {
        put_item(t, key, 429, "es_rejected_execution_exception", "rejected execution of ...");
    } else if (o == NULL || (e->conf.reject != NULL &&
                             memmem(doc, len, e->conf.reject, strlen(e->conf.reject)) != NULL)) {
        put_item(t, key, 400, "document_parsing_exception", "[1:9] failed to parse field [x]");
    } else if (found) {
        put_item(t, key, 409, "version_conflict_engine_exception",
                 "[1]: version conflict, document already exists (current version [1])");
    } else if (e->conf.item_fault != NULL &&
               sscanf(e->conf.item_fault, "%d %63s", &status, type) == 2) {
        put_item(t, key, status, type, "as the test wants it");
    } else {
        insert(e, at, key);
        t->fn(t->ctx, doc, len, o);
        put_item(t, key, 201, NULL, NULL);
    }
    t->n++;
    json_object_put(o);
}

/* Elasticsearch reads line by line: what stands before a malformed line is not taken back, but the
 * request is refused before the first event is indexed, as the lines are read first. */
static bool lines_are_good(const struct buf *body, const char *path_index, struct buf *why)
{
    struct buf key = BUF_INIT(1024);
    bool action = true;
    bool good = body->len > 0 && body->data[body->len - 1] == '\n';
    if (!good)
        (void)buf_append_str(why, "The bulk request must be terminated by a newline [\\\\n]");
    for (size_t at = 0, line = 1; good && at < body->len; line++) {
        const char *lf = memchr(body->data + at, '\n', body->len - at);
        size_t to = (size_t)(lf - body->data);
        if (action && !action_is_good(body->data + at, to - at, path_index, &key)) {
            (void)buf_printf(why, "Malformed action/metadata line [%zu]", line);
            good = false;
        }
        action = !action;
        at = to + 1;
    }
    if (good && !action) {
        (void)buf_append_str(why, "the last action has no source");
        good = false;
    }
    buf_done(&key);
    return good;
}

unsigned elastic_take(struct elastic *e, const struct elastic_request *r, elastic_event_fn *fn,
                      void *ctx, struct buf *answer, long *n, struct buf *why)
{
    char index[256];
    unsigned status = 400;
    *n = -1;
    if (!path_is_bulk(r->path, index)) {
        (void)buf_append_str(why, "no handler found for uri");
    } else if (r->type == NULL || strcmp(r->type, "application/x-ndjson") != 0) {
        (void)buf_append_str(why, "Content-Type header is not supported");
        status = 406;
    } else if (lines_are_good(r->body, index, why)) {
        static const char filter[] =
            "errors,items.*.status,items.*.error.type,items.*.error.reason";
        struct buf items = BUF_INIT(ANSWER_MAX);
        struct buf key = BUF_INIT(1024);
        struct take t = {.e = e, .fn = fn, .ctx = ctx, .items = &items};
        t.filtered = r->filter != NULL && strcmp(r->filter, filter) == 0;
        (void)pthread_mutex_lock(&e->lock);
        for (size_t at = 0; at < r->body->len;) {
            const char *lf = memchr(r->body->data + at, '\n', r->body->len - at);
            size_t to = (size_t)(lf - r->body->data);
            (void)action_is_good(r->body->data + at, to - at, index, &key);
            at = to + 1;
            lf = memchr(r->body->data + at, '\n', r->body->len - at);
            to = (size_t)(lf - r->body->data);
            take_item(&t, buf_cstr(&key), r->body->data + at, to - at);
            at = to + 1;
        }
        (void)pthread_mutex_unlock(&e->lock);
        (void)buf_printf(answer, "{\"errors\":%s,%s\"items\":[", t.errors ? "true" : "false",
                         t.filtered ? "" : "\"took\":1,");
        (void)buf_append(answer, items.data, items.len);
        (void)buf_append_str(answer, "]}");
        buf_done(&items);
        buf_done(&key);
        *n = t.n;
        return 200;
    }
    (void)buf_printf(answer,
                     "{\"error\":{\"type\":\"illegal_argument_exception\",\"reason\":\"%s\"},"
                     "\"status\":%u}",
                     buf_cstr(why), status);
    return status;
}
