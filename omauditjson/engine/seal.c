/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "engine/seal.h"

#include <errno.h>
#include <string.h>

/* -- the marks of a payload -------------------------------------------------------------------- */

static void remember(struct seal_recent *seen, const char *mark, size_t len)
{
    seen->data[seen->n % SEAL_RECENT] = mark;
    seen->len[seen->n % SEAL_RECENT] = len;
    seen->n++;
}

/* 1: the last one; 0: not among the last SEAL_RECENT. */
static size_t find(const struct seal_recent *seen, const char *mark, size_t len)
{
    for (size_t back = 1; back <= SEAL_RECENT && back <= seen->n; back++) {
        size_t at = (seen->n - back) % SEAL_RECENT;

        if (seen->len[at] == len && memcmp(seen->data[at], mark, len) == 0)
            return back;
    }
    return 0;
}

static int put_mark(struct buf *out, struct seal_recent *seen, const char *mark, size_t len)
{
    size_t back = len ? find(seen, mark, len) : 0;
    int r;

    if (len == 0 || len > SEAL_MARK_MAX)
        return marks_put(out, 0);
    if (back)
        return marks_put(out, back);
    r = marks_put(out, len + SEAL_RECENT + 1);
    if (r == 0)
        r = buf_append(out, mark, len);
    if (r == 0)
        remember(seen, mark, len);
    return r;
}

static int get_mark(struct marks_reader *r, struct seal_recent *seen, struct seal_event *ret)
{
    uint64_t n;

    ret->mark = NULL;
    ret->mark_len = 0;
    if (marks_get(r, &n) < 0)
        return -EBADMSG;
    if (n == 0)
        return 0;
    if (n <= SEAL_RECENT) {
        size_t at = (size_t)(seen->n - n) % SEAL_RECENT;

        if (n > seen->n)
            return -EBADMSG;
        ret->mark = seen->data[at];
        ret->mark_len = seen->len[at];
        return 0;
    }
    n -= SEAL_RECENT + 1;
    if (n == 0 || n > SEAL_MARK_MAX || n > (size_t)(r->end - r->p))
        return -EBADMSG;
    ret->mark = (const char *)r->p;
    ret->mark_len = (size_t)n;
    r->p += n;
    remember(seen, ret->mark, ret->mark_len);
    return 0;
}

int seal_put(struct buf *out, struct seal_recent *seen, const struct deliver_event *ev)
{
    int r = marks_put(out, ev->part);

    if (r == 0)
        r = marks_put(out, ev->complete);
    if (r == 0)
        r = put_mark(out, seen, ev->mark, ev->mark_len);
    if (r == 0)
        r = marks_put_seqs(out, ev->seqs, ev->n_seqs);
    return r;
}

int seal_get(struct marks_reader *r, struct seal_recent *seen, struct seal_event *ret,
             int (*each)(void *ctx, uint64_t first, uint64_t count), void *ctx)
{
    uint64_t part, complete;

    if (marks_get(r, &part) < 0 || marks_get(r, &complete) < 0 || get_mark(r, seen, ret) < 0)
        return -EBADMSG;
    ret->part = (uint8_t)part;
    ret->complete = (uint8_t)complete;
    return marks_get_seqs(r, each, ctx);
}

/* -- the lineage ------------------------------------------------------------------------------- */

/* A process packed without its strings: six varints. */
#define PROCESS_MAX (6 * MARKS_VARINT_MAX)

/* Length + 1, so that an empty string is not none. */
static unsigned char *put_string(unsigned char *p, const char *text, size_t n)
{
    p = marks_encode(p, text ? n + 1 : 0);
    if (text)
        memcpy(p, text, n);
    return text ? p + n : p;
}

static int get_string(struct marks_reader *r, const char **ret, size_t *ret_len)
{
    uint64_t n;

    *ret = NULL;
    *ret_len = 0;
    if (marks_get(r, &n) < 0 || (n > 0 && n - 1 > (size_t)(r->end - r->p)))
        return -EBADMSG;
    if (n > 0) {
        *ret = (const char *)r->p;
        *ret_len = (size_t)(n - 1);
        r->p += n - 1;
    }
    return 0;
}

int seal_put_lineage(struct buf *out, const struct event_lineage *l)
{
    unsigned char packed[SEAL_MARK_MAX], *at = packed;

    for (size_t i = 0; i < l->n; i++) {
        const struct event_process *p = &l->process[i];

        if ((size_t)(packed + sizeof(packed) - at) < PROCESS_MAX + p->comm_len + p->exe_len)
            return -EMSGSIZE;
        at = marks_encode(at, p->pid);
        at = marks_encode(at, (uint64_t)p->start_sec);
        at = marks_encode(at, p->start_ms);
        at = marks_encode(at, p->start_serial);
        at = put_string(at, p->comm, p->comm_len);
        at = put_string(at, p->exe, p->exe_len);
    }
    return buf_append(out, packed, (size_t)(at - packed));
}

static int get_process(struct marks_reader *r, struct event_process *p)
{
    uint64_t pid, sec, ms;

    *p = (struct event_process){0};
    if (marks_get(r, &pid) < 0 || pid > UINT32_MAX || marks_get(r, &sec) < 0 ||
        marks_get(r, &ms) < 0 || ms > 999 || marks_get(r, &p->start_serial) < 0)
        return -EBADMSG;
    p->pid = (uint32_t)pid;
    p->start_sec = (int64_t)sec;
    p->start_ms = (unsigned)ms;
    if (get_string(r, &p->comm, &p->comm_len) < 0)
        return -EBADMSG;
    return get_string(r, &p->exe, &p->exe_len);
}

int seal_get_lineage(const char *mark, size_t len, struct event_lineage *ret)
{
    struct marks_reader r = {(const unsigned char *)mark, (const unsigned char *)mark};

    ret->n = 0;
    if (len > 0)
        r.end += len;
    while (r.p < r.end) {
        if (ret->n == EVENT_LINEAGE_MAX || get_process(&r, &ret->process[ret->n]) < 0) {
            ret->n = 0;
            return -EBADMSG;
        }
        ret->n++;
    }
    return 0;
}
