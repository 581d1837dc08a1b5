/* SPDX-License-Identifier: Apache-2.0 */
/* What is in hand: before a line, a record, an event or a batch is handled, its text is copied into
 * one shared page of the file state_dir/hand, and the page is marked empty afterwards. These are
 * plain stores, no system calls, and the kernel keeps them however we die. A start finds what the
 * former process died with; what was in hand at two deaths without being finished in between is
 * condemned: its handler sets it aside instead of touching it again. One owner (the lock's). Never
 * logs; a disk that fails under the page costs this memory, not the process. */
#ifndef OMAUDITJSON_JOURNAL_HAND_H
#define OMAUDITJSON_JOURNAL_HAND_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define HAND_TEXT_MAX 3072u /* of a longer text its beginning and its length tell it apart */
#define HAND_SUSPECTS 16u

enum hand_stage {
    HAND_NOTHING,
    HAND_EVENT,   /* an event on its way to its document; text: what names it */
    HAND_LINE,    /* a line of rsyslog's, before it is in the journal; so are all that follow: */
    HAND_RECORD,  /* on its way to its event */
    HAND_REREAD,  /* at a start, for the memory of repeats */
    HAND_RESUMED, /* at a start, part of an event of an unfinished batch */
    HAND_BATCH,   /* a batch on its way to libcurl; text: what names it */
};

struct hand_suspect {
    uint64_t digest; /* of kind (event, batch or line), length and text; 0: a free place */
    uint64_t since;  /* hand_page.deaths when it became one */
    uint32_t stage;  /* of the last death: only that stage's success acquits */
    uint32_t deaths;
};

/* The file. */
struct hand_page {
    uint64_t magic, seed;
    uint64_t deaths; /* ever: the suspects' clock */
    struct hand_suspect suspects[HAND_SUSPECTS];
    uint32_t stage;
    uint32_t reserved;
    uint64_t len; /* of the whole text */
    char text[HAND_TEXT_MAX];
};

struct hand {
    struct hand_page *page; /* our own memory when the file cannot be used */
    unsigned n_suspects;
    bool shared;
};

/* What the former process died with. */
struct hand_report {
    enum hand_stage stage; /* HAND_NOTHING: with empty hands, or in order */
    unsigned deaths;       /* of this very thing, the last one included */
    size_t len;
    char text[HAND_TEXT_MAX]; /* min(len, HAND_TEXT_MAX) bytes */
};

/* Open or make the file. 0 or -errno: h can be used all the same, but will not be remembered. */
int hand_open(struct hand *h, int state_fd, struct hand_report *report);
void hand_close(struct hand *h); /* h may be zeroed memory */

/* Is it condemned? To be asked before hand_take(). */
bool hand_condemned_slowly(const struct hand *h, enum hand_stage stage, const void *text,
                           size_t len);
static inline bool hand_condemned(const struct hand *h, enum hand_stage stage, const void *text,
                                  size_t len)
{
    return h->n_suspects && hand_condemned_slowly(h, stage, text, len);
}

static inline void hand_take(struct hand *h, enum hand_stage stage, const void *text, size_t len)
{
    struct hand_page *p = h->page;

    p->len = len;
    memcpy(p->text, text, len < HAND_TEXT_MAX ? len : HAND_TEXT_MAX);
    atomic_signal_fence(memory_order_seq_cst); /* a kill comes between two instructions */
    p->stage = stage;
    atomic_signal_fence(memory_order_seq_cst);
}

/* Finished with what hand_take() was given: it is no suspect (any more). */
void hand_acquit(struct hand *h);
static inline void hand_put(struct hand *h)
{
    atomic_signal_fence(memory_order_seq_cst);
    if (h->n_suspects)
        hand_acquit(h);
    h->page->stage = HAND_NOTHING;
    atomic_signal_fence(memory_order_seq_cst);
}

/* A condemned one has been set aside for good. Lines are better not forgotten: rsyslog may send
 * them again. */
void hand_forget(struct hand *h, enum hand_stage stage, const void *text, size_t len);

#endif
