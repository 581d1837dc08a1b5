/* SPDX-License-Identifier: Apache-2.0 */
/* What a receiver is: what it wants (frame) and what its answers mean (judge). Each has a file in
 * this folder, NAME.c, with those two functions and its row; receivers.h lists them. Here is what
 * holds for all of them. Pure: nothing in this folder sends, waits, keeps or logs. No receiver has
 * a code path outside its row's two functions. */
#ifndef OMAUDITJSON_DELIVER_RECEIVERS_RECEIVER_H
#define OMAUDITJSON_DELIVER_RECEIVERS_RECEIVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

struct conf;

/* One event on its way to a receiver. */
struct deliver_event {
    const char *doc; /* one JSON document, no LF */
    size_t doc_len;
    const char *id; /* the event's id, printable ASCII */
    size_t id_len;
    const uint64_t *seqs; /* journal sequence numbers of its records */
    size_t n_seqs;
    uint8_t part;     /* event_source.part, clipped to 255; journalled with the batch */
    uint8_t complete; /* enum event_complete; journalled with the batch */
    const char *mark; /* what else is journalled with the batch: any bytes of the engine's */
    size_t mark_len;
};

/* What an answer means for what was sent. */
enum outcome {
    OUTCOME_DELIVERED,
    OUTCOME_RETRY,  /* the same again, later */
    OUTCOME_SPLIT,  /* in two halves; a single event: as REJECT */
    OUTCOME_REJECT, /* refused: more than one event: as SPLIT, to find the bad one; a single one:
                     * never again, if it is to blame (blame.h) */
    OUTCOME_HOLD,   /* the operator has to act: sent again, at the slowest pace */
};

/* What came of a request before anybody judged it. */
enum answer_kind {
    ANSWER_STATUS,   /* a whole answer with a status */
    ANSWER_NONE,     /* no connection, reset, time-out, disk full: unknown or not taken */
    ANSWER_TLS,      /* no trust */
    ANSWER_SETTINGS, /* the request cannot be made as configured */
};

struct answer {
    enum answer_kind kind;
    long status;      /* with ANSWER_STATUS */
    const char *body; /* its first bytes, any bytes; borrowed */
    size_t body_len;
    bool cut;             /* body goes on beyond answer_max */
    const char *error;    /* a text for the other kinds, and NULL with ANSWER_STATUS; borrowed */
    const char *advice;   /* what to do about it; NULL: nothing special; static */
    char retry_after[64]; /* the header's value, "" when there was none */
};

/* item[] has room for one outcome an event; judge fills it and sets by_item where the answer
 * speaks of each: then only DELIVERED, RETRY and REJECT are used there, and whole says how the
 * receiver itself fares. */
struct verdict {
    enum outcome whole;
    bool by_item;
    enum outcome *item;
    long status;  /* the one that explains whole, where it is not the answer's own; 0: it is */
    size_t known; /* events that the receiver had stored before; item[] has them as DELIVERED */
    const char *fault; /* the answer cannot be judged: why; NULL: it can; static */
    const char
        *advice; /* what to do, where receiver_advice() does not know it; NULL: it does; static */
};

enum receiver_via {
    RECEIVER_VIA_HTTP,
    RECEIVER_VIA_FILE,       /* url is file:///path */
    RECEIVER_VIA_DESCRIPTOR, /* one that was handed in */
};

/* Most bytes that a frame adds to an event, beside twice its id. */
#define RECEIVER_FRAME_MAX 320

struct receiver {
    const char *name; /* the word of option `receiver` */
    enum receiver_via via;
    const char *content_type;
    const char *path;   /* where such a server usually listens; NULL: no usual path */
    bool add_path;      /* path is added to a URL that has none */
    const char *query;  /* goes into the URL as well; NULL: nothing does */
    bool single;        /* one event a request */
    bool compress;      /* may bodies be compressed? */
    bool ambiguous_500; /* a 500 may also mean that the event is at fault */
    bool idempotency;   /* send the batch's id along as Idempotency-Key */
    /* Events into a request's body, at most RECEIVER_FRAME_MAX and twice the id more than the
     * documents; headers takes "Name: value" lines, LF after each, beside the
     * content type. 0 or -errno. */
    int (*frame)(const struct conf *conf, const struct deliver_event *events, size_t n,
                 struct buf *body, struct buf *headers);
    /* Judge an answer of kind ANSWER_STATUS to n events. */
    void (*judge)(const struct answer *a, size_t n, struct verdict *v);
};

/* The rows, each in its file. */
#define RECEIVER(NAME, name, word) extern const struct receiver receiver_##name;
#include "conf/receivers.def"
#undef RECEIVER

/* Judge whatever came of a request with n events. */
void receiver_judge(const struct receiver *row, const struct answer *a, size_t n,
                    struct verdict *v);

/* What an operator can do about an answer of kind ANSWER_STATUS that holds. */
void receiver_advice(const struct receiver *row, const struct answer *a, char *out, size_t size);

#endif
