/* SPDX-License-Identifier: Apache-2.0 */
/* Detects poison messages. Before a line, record, event or batch is processed ("in hand"), its text
 * is copied to one shared memory page, the file state_dir/hand; afterwards the page is marked
 * empty. These are plain stores without system calls, and the kernel keeps them however the process
 * dies. The owner of the lock owns the page.
 *
 * A start reads what was in hand when the previous process died, and the cause, which hand_death.c
 * writes to the page: a crash, no progress, memory exhausted, a library's exit(). Two such deaths
 * with the same item in hand, which was not finished in between, condemn it: the caller quarantines
 * it.
 *
 * SIGKILL leaves no mark and proves nothing: the longer an item is in hand, the more kills hit it.
 * But the kernel's OOM killer sends the same signal. So HAND_ROW unmarked deaths in a row with one
 * item in hand, and no other item at a death in between, start a trial: a child process handles the
 * item first (hand_trial.c). It is condemned only if three children die while the parent lives. If
 * the parent is killed too, the trial has no verdict; if one child survives, the item is acquitted.
 * Without a verdict the item is processed normally.
 *
 * The page also says which records rsyslog has no answer to.
 *
 * Never logs. If the disk fails under the page, only this information is lost. */
#ifndef OMAUDITJSON_JOURNAL_HAND_H
#define OMAUDITJSON_JOURNAL_HAND_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "journal/hand_page.h"

struct hand {
    struct hand_page *page; /* our own memory when the file cannot be used */
    unsigned n_suspects;    /* 0: nothing to look up */
    size_t bytes;           /* mapped */
    bool shared;
    int trial_fd; /* in the child of a trial: where it says that it came through; else -1 */
};

/* What the former process died with. */
struct hand_report {
    enum hand_stage stage; /* HAND_NOTHING: with empty hands, or in order */
    enum hand_mark mark;
    int signo;
    unsigned deaths; /* marked ones of this very thing, the last one included */
    unsigned row;    /* or unmarked ones in a row */
    size_t len;
    char text[HAND_TEXT_MAX]; /* min(len, HAND_TEXT_MAX) bytes */
};

/* Open or make the file. 0 or -errno: h can be used all the same, but will not be remembered. */
int hand_open(struct hand *h, int state_fd, struct hand_report *report);
void hand_close(struct hand *h); /* h may be zeroed memory */

/* Is it condemned? To be asked before hand_take(), which must follow: here the process may be
 * doubled for a trial, and the child goes on until hand_put(). stage is that of hand_take(). */
bool hand_condemned_slowly(struct hand *h, enum hand_stage stage, const void *text, size_t len);
static inline bool hand_condemned(struct hand *h, enum hand_stage stage, const void *text,
                                  size_t len)
{
    return h->n_suspects && hand_condemned_slowly(h, stage, text, len);
}
/* The same without a trial: was it? */
bool hand_was_condemned(const struct hand *h, enum hand_stage stage, const void *text, size_t len);

static inline void hand_take(struct hand *h, enum hand_stage stage, const void *text, size_t len)
{
    struct hand_page *p = h->page;

    p->len = len;
    memcpy(p->text, text, len < HAND_TEXT_MAX ? len : HAND_TEXT_MAX);
    atomic_signal_fence(memory_order_seq_cst); /* a kill comes between two instructions */
    p->stage = stage;
    p->takes++;
    atomic_signal_fence(memory_order_seq_cst);
}

static inline void hand_owe(struct hand *h, struct hand_owed owed)
{
    struct hand_owed *o = &h->page->owed;

    o->n = 0;
    atomic_signal_fence(memory_order_seq_cst);
    o->number = owed.number;
    o->digest = owed.digest;
    atomic_signal_fence(memory_order_seq_cst);
    o->n = owed.n;
    atomic_signal_fence(memory_order_seq_cst);
}

static inline struct hand_owed hand_owed(const struct hand *h)
{
    return h->page->owed;
}

static inline void hand_set_between(struct hand *h, bool between)
{
    h->page->between = between;
}

static inline bool hand_is_between(const struct hand *h)
{
    return h->page->between == 1;
}

/* Note who sends (started: 0 when it is not known): is it known that it is not who sent in the
 * former life? */
bool hand_sender_is_new(struct hand *h, uint64_t number, uint64_t started);

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
