/* SPDX-License-Identifier: Apache-2.0 */
/* Payloads of SEAL and DONE entries, and lineages: any bytes are decoded within bounds or refused,
 * and a decoded value survives encoding and decoding. Input: the first byte selects the kind; the
 * rest: the payload. */
#include "config.h"

#include <errno.h>
#include <string.h>

#include "fuzz.h"
#include "journal/marks.h"
#include "engine/seal.h"

#define SEQS_MAX 4096

struct seqs {
    uint64_t seq[SEQS_MAX];
    size_t n;
};

static int add(void *ctx, uint64_t first, uint64_t count)
{
    struct seqs *s = ctx;

    FUZZ_ASSERT(count > 0 && first + count >= first);
    if (count > SEQS_MAX - s->n)
        return -E2BIG;
    for (uint64_t i = 0; i < count; i++)
        s->seq[s->n++] = first + i;
    return 0;
}

static void check_done(const uint8_t *data, size_t size)
{
    static struct seqs a, b;
    struct marks_reader r = {data, data + size}, again;
    struct buf out = BUF_INIT(1 << 20);
    int e;

    a.n = b.n = 0;
    e = marks_get_seqs(&r, add, &a);
    FUZZ_ASSERT(r.p <= r.end);
    if (e == 0) {
        FUZZ_ASSERT(marks_put_seqs(&out, a.seq, a.n) == 0);
        again = (struct marks_reader){(const unsigned char *)buf_cstr(&out),
                                      (const unsigned char *)buf_cstr(&out) + out.len};
        FUZZ_ASSERT(marks_get_seqs(&again, add, &b) == 0 && again.p == again.end);
        FUZZ_ASSERT(a.n == b.n && memcmp(a.seq, b.seq, a.n * sizeof(a.seq[0])) == 0);
    } else {
        FUZZ_ASSERT(e == -EBADMSG || e == -E2BIG);
    }
    buf_done(&out);
}

/* Every event that can be read, written and read once more. */
static void check_seal(const uint8_t *data, size_t size)
{
    static struct seqs a, b;
    struct marks_reader r = {data, data + size}, again;
    struct seal_recent in = {.n = 0}, out_recent = {.n = 0}, back = {.n = 0};
    struct buf out = BUF_INIT(SEAL_MARK_MAX * 1024 + (1 << 20));
    struct seal_event ev, ev2;

    for (unsigned events = 0; r.p < r.end && events < 64; events++) {
        struct deliver_event d = {0};
        size_t at = out.len;

        a.n = b.n = 0;
        if (seal_get(&r, &in, &ev, add, &a) != 0)
            break;
        FUZZ_ASSERT(r.p <= r.end);
        FUZZ_ASSERT(ev.mark_len <= SEAL_MARK_MAX && (ev.mark_len > 0) == (ev.mark != NULL));
        d.part = ev.part;
        d.complete = ev.complete;
        d.mark = ev.mark;
        d.mark_len = ev.mark_len;
        d.seqs = a.seq;
        d.n_seqs = a.n;
        FUZZ_ASSERT(seal_put(&out, &out_recent, &d) == 0);
        again = (struct marks_reader){(const unsigned char *)buf_cstr(&out) + at,
                                      (const unsigned char *)buf_cstr(&out) + out.len};
        /* the same buffer, so that marks named by their distance are found */
        if (events == 0) {
            FUZZ_ASSERT(seal_get(&again, &back, &ev2, add, &b) == 0 && again.p == again.end);
            FUZZ_ASSERT(ev2.part == ev.part && ev2.complete == ev.complete);
            FUZZ_ASSERT(ev2.mark_len == ev.mark_len &&
                        (ev.mark_len == 0 || memcmp(ev2.mark, ev.mark, ev.mark_len) == 0));
            FUZZ_ASSERT(a.n == b.n && memcmp(a.seq, b.seq, a.n * sizeof(a.seq[0])) == 0);
        }
    }
    buf_done(&out);
}

static void check_lineage(const uint8_t *data, size_t size)
{
    struct buf out = BUF_INIT(1 << 20);
    struct event_lineage l, l2;

    if (seal_get_lineage((const char *)data, size, &l) == 0) {
        FUZZ_ASSERT(l.n <= EVENT_LINEAGE_MAX);
        FUZZ_ASSERT(seal_put_lineage(&out, &l) == 0);
        FUZZ_ASSERT(seal_get_lineage(buf_cstr(&out), out.len, &l2) == 0 && l2.n == l.n);
        for (size_t i = 0; i < l.n; i++) {
            const struct event_process *p = &l.process[i], *q = &l2.process[i];

            FUZZ_ASSERT(p->pid == q->pid && p->start_sec == q->start_sec &&
                        p->start_ms == q->start_ms && p->start_serial == q->start_serial);
            FUZZ_ASSERT(p->comm_len == q->comm_len && p->exe_len == q->exe_len);
            FUZZ_ASSERT(!p->comm == !q->comm && !p->exe == !q->exe);
            FUZZ_ASSERT(!p->comm || memcmp(p->comm, q->comm, p->comm_len) == 0);
            FUZZ_ASSERT(!p->exe || memcmp(p->exe, q->exe, p->exe_len) == 0);
        }
    } else {
        FUZZ_ASSERT(l.n == 0);
    }
    buf_done(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1)
        return 0;
    if (data[0] % 3 == 0)
        check_done(data + 1, size - 1);
    else if (data[0] % 3 == 1)
        check_seal(data + 1, size - 1);
    else
        check_lineage(data + 1, size - 1);
    return 0;
}
