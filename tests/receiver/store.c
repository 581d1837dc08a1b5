/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "store.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"

struct store {
    pthread_mutex_t lock;
    int out;
    int requests;
    bool print;
    uint64_t count;
};

static int open_append(const char *path, int *ret)
{
    if (path == NULL)
        return 0;
    *ret = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    return *ret < 0 ? -errno : 0;
}

int store_new(const char *out, const char *requests, bool print, struct store **ret,
              const char **bad)
{
    struct store *s = mem_calloc(1, sizeof *s);
    s->out = s->requests = -1;
    s->print = print;
    (void)pthread_mutex_init(&s->lock, NULL);
    *bad = out;
    int r = open_append(out, &s->out);
    if (r == 0) {
        *bad = requests;
        r = open_append(requests, &s->requests);
    }
    if (r < 0) {
        store_free(s);
        return r;
    }
    *bad = NULL;
    *ret = s;
    return 0;
}

void store_free(struct store *s)
{
    if (s == NULL)
        return;
    if (s->out >= 0)
        (void)close(s->out);
    if (s->requests >= 0)
        (void)close(s->requests);
    (void)pthread_mutex_destroy(&s->lock);
    free(s);
}

static int write_all(int fd, const char *p, size_t len)
{
    while (len > 0) {
        ssize_t n = write(fd, p, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        p += n;
        len -= (size_t)n;
    }
    return 0;
}

static const char *member_text(struct json_object *obj, const char *key)
{
    struct json_object *v = NULL;
    if (!json_object_object_get_ex(obj, key, &v))
        return "-";
    return json_object_get_string(v);
}

/* For a human who looks on: time, host, category, summary; no control characters, one line. */
static void add_print_line(struct buf *text, struct json_object *parsed)
{
    size_t from = text->len;
    (void)buf_printf(text, "%.23s  %-12.20s %-14.20s %.100s", member_text(parsed, "timestamp"),
                     member_text(parsed, "hostname"), member_text(parsed, "category"),
                     member_text(parsed, "summary"));
    for (size_t i = from; i < text->len; i++) {
        unsigned char c = (unsigned char)text->data[i];
        if (c < 0x20 || c >= 0x7f)
            text->data[i] = '?';
    }
    (void)buf_append_char(text, '\n');
}

void store_batch_add(struct store *s, struct buf *batch, struct buf *print_text, const char *doc,
                     size_t len, struct json_object *parsed)
{
    if (memchr(doc, '\n', len) != NULL) {
        doc = json_object_to_json_string_ext(parsed, JSON_C_TO_STRING_PLAIN);
        len = strlen(doc);
    }
    /* batch is as large as the largest body: both appends have room */
    (void)buf_append(batch, doc, len);
    (void)buf_append_char(batch, '\n');
    if (s->print)
        add_print_line(print_text, parsed);
}

int store_documents(struct store *s, const struct buf *batch, const struct buf *print_text,
                    size_t n)
{
    int r = 0;
    (void)pthread_mutex_lock(&s->lock);
    if (s->out >= 0)
        r = write_all(s->out, batch->data, batch->len);
    if (r == 0) {
        s->count += n;
        /* nobody looks on any more: that is no reason to refuse events */
        (void)write_all(STDOUT_FILENO, print_text->data, print_text->len);
    }
    (void)pthread_mutex_unlock(&s->lock);
    return r;
}

int store_request(struct store *s, const struct buf *line)
{
    if (s->requests < 0)
        return 0;
    struct buf whole = BUF_INIT(line->len + 1);
    (void)buf_append(&whole, line->data, line->len);
    (void)buf_append_char(&whole, '\n');
    (void)pthread_mutex_lock(&s->lock);
    int r = write_all(s->requests, whole.data, whole.len);
    (void)pthread_mutex_unlock(&s->lock);
    buf_done(&whole);
    return r;
}

uint64_t store_count(struct store *s)
{
    (void)pthread_mutex_lock(&s->lock);
    uint64_t n = s->count;
    (void)pthread_mutex_unlock(&s->lock);
    return n;
}
