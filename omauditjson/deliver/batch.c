/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "deliver/batch.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#define XXH_INLINE_ALL /* no library to link, and the state may live on the stack */
#include <xxhash.h>

#include "base/mem.h"
#include "deliver/compress.h"

#define HEADERS_MAX 8192

struct batch *batch_new(uint64_t no, int64_t now_ms)
{
    struct batch *b = mem_calloc(1, sizeof(*b));

    b->no = no;
    b->first_ms = now_ms;
    b->accuser = SIZE_MAX;
    return b;
}

void batch_free(struct batch *b)
{
    if (!b)
        return;
    for (size_t i = 0; i < b->n; i++)
        free((void *)b->events[i].seqs);
    free(b->events);
    buf_done(&b->body);
    buf_done(&b->headers);
    buf_done(&b->answer);
    free(b);
}

static struct deliver_event *add_slot(struct batch *b)
{
    if (b->n == b->cap) {
        b->cap = b->cap ? b->cap * 2 : 4;
        b->events = mem_realloc_array(b->events, b->cap, sizeof(*b->events));
    }
    return &b->events[b->n++];
}

void batch_add(struct batch *b, const struct deliver_event *ev)
{
    struct deliver_event *own = add_slot(b);
    uint64_t *seqs =
        mem_alloc(ev->n_seqs * sizeof(*seqs) + ev->id_len + 1 + ev->doc_len + ev->mark_len);
    char *id = (char *)(seqs + ev->n_seqs);
    char *doc = id + ev->id_len + 1;
    char *mark = doc + ev->doc_len;

    if (ev->n_seqs)
        memcpy(seqs, ev->seqs, ev->n_seqs * sizeof(*seqs));
    memcpy(id, ev->id, ev->id_len);
    id[ev->id_len] = '\0'; /* the dead letters want a string */
    if (ev->doc_len)
        memcpy(doc, ev->doc, ev->doc_len);
    if (ev->mark_len)
        memcpy(mark, ev->mark, ev->mark_len);
    *own = *ev;
    own->seqs = seqs;
    own->id = id;
    own->doc = doc;
    own->mark = mark;
    b->bytes += ev->doc_len;
}

bool batch_full(const struct batch *b, size_t max_events, size_t max_bytes)
{
    return b->n >= max_events || b->bytes >= max_bytes;
}

bool batch_fits(const struct batch *b, size_t doc_len, size_t max_events, size_t max_bytes)
{
    return b->n == 0 ||
           (b->n < max_events && b->bytes < max_bytes && doc_len <= max_bytes - b->bytes);
}

void batch_unframe(struct batch *b)
{
    b->row = NULL;
    b->encoding = NULL;
    b->written = 0;
    buf_done(&b->body);
    buf_done(&b->headers);
}

/* What the refusals of the whole say of a part of it. */
static void inherit(struct batch *part, const struct batch *b)
{
    part->state = b->state;
    part->refusals = b->refusals;
    part->accepted = b->accepted;
    part->started = b->started;
    part->accuser = b->accuser;
    part->accused = b->accused;
    part->last_500 = b->last_500;
}

struct batch *batch_split(struct batch *b)
{
    struct batch *second = batch_new(b->no, b->first_ms);
    size_t keep = (b->n + 1) / 2;

    assert(b->n > 1);
    for (size_t i = keep; i < b->n; i++) {
        *add_slot(second) = b->events[i];
        second->bytes += b->events[i].doc_len;
    }
    b->bytes -= second->bytes;
    b->n = keep;
    b->passed = false;
    inherit(second, b);
    batch_unframe(b);
    second->next = b->next;
    b->next = second;
    return second;
}

struct batch *batch_take(struct batch *b, const enum outcome *want, enum outcome which)
{
    struct batch *taken = NULL;
    size_t left = 0;

    for (size_t i = 0; i < b->n; i++) {
        if (want[i] != which) {
            b->events[left++] = b->events[i];
            continue;
        }
        if (!taken)
            taken = batch_new(b->no, b->first_ms);
        *add_slot(taken) = b->events[i];
        taken->bytes += b->events[i].doc_len;
    }
    if (!taken)
        return NULL;
    b->n = left;
    b->bytes -= taken->bytes;
    inherit(taken, b);
    batch_unframe(b);
    return taken;
}

int batch_frame(struct batch *b, const struct receiver *row, const struct conf *conf, int compress)
{
    size_t max = b->bytes + b->n * RECEIVER_FRAME_MAX + 64;
    struct buf small;
    int r;

    if (b->row == row)
        return 0;
    batch_unframe(b);
    for (size_t i = 0; i < b->n; i++)
        max += 2 * b->events[i].id_len;
    buf_init(&b->body, max);
    buf_init(&b->headers, HEADERS_MAX);
    r = row->frame(conf, b->events, b->n, &b->body, &b->headers);
    if (r < 0) {
        batch_unframe(b);
        return r;
    }
    b->row = row;
    if (!row->compress)
        return 0;
    buf_init(&small, b->body.len);
    if (compress_buf(compress, &b->body, &small) == 0) {
        buf_done(&b->body);
        b->body = small;
        b->encoding = compress_encoding(compress);
    } else {
        buf_done(&small);
    }
    return 0;
}

void batch_id(const struct batch *b, char out[BATCH_ID_SIZE])
{
    XXH64_state_t state;

    XXH64_reset(&state, 0);
    for (size_t i = 0; i < b->n; i++) {
        XXH64_update(&state, b->events[i].id, b->events[i].id_len);
        XXH64_update(&state, "\n", 1);
    }
    snprintf(out, BATCH_ID_SIZE, "%016" PRIx64, (uint64_t)XXH64_digest(&state));
}
