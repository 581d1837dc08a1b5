/* SPDX-License-Identifier: Apache-2.0 */
/* Detects poison messages. Before a line, record, event or batch is processed, its text
 * is copied to one shared memory page, the file state_dir/scoreboard; afterwards the page is marked
 * empty. These are plain stores without system calls, and the kernel keeps them however the process
 * dies. The owner of the lock owns the page.
 *
 * A start reads what was in process when the previous process died, and the cause, which
 * scoreboard_death.c writes to the page: a crash, no progress, memory exhausted, a library's
 * exit(). Two such deaths with the same item in process, which was not finished in between, make
 * the item poison: the caller quarantines it.
 *
 * SIGKILL leaves no mark and proves nothing: the longer an item is in process, the more kills hit
 * it. But the kernel's OOM killer sends the same signal. So SCOREBOARD_ROW unmarked deaths in a row
 * with one item in process, and no other item at a death in between, start a trial: a child process
 * handles the item first (scoreboard_trial.c). It counts as poison only if three children die while
 * the parent lives. If the parent is killed too, the trial has no verdict; if one child survives,
 * the item is cleared. Without a verdict the item is processed normally.
 *
 * The page also says which records rsyslog has no answer to.
 *
 * Never logs. If the disk fails under the page, only this information is lost. */
#ifndef OMAUDITJSON_JOURNAL_SCOREBOARD_H
#define OMAUDITJSON_JOURNAL_SCOREBOARD_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "journal/scoreboard_page.h"

struct scoreboard {
    struct scoreboard_page *page; /* our own memory when the file cannot be used */
    unsigned n_suspects;          /* 0: nothing to look up */
    size_t bytes;                 /* mapped */
    bool shared;
    int trial_fd; /* in the child of a trial: where it says that it came through; else -1 */
};

/* What the former process died with. */
struct scoreboard_report {
    enum scoreboard_stage
        stage; /* SCOREBOARD_NOTHING: nothing was being processed, or it ended in order */
    enum scoreboard_mark mark;
    int signo;
    unsigned deaths; /* marked ones of this very thing, the last one included */
    unsigned row;    /* or unmarked ones in a row */
    size_t len;
    char text[SCOREBOARD_TEXT_MAX]; /* min(len, SCOREBOARD_TEXT_MAX) bytes */
};

/* Open or make the file. 0 or -errno: h can be used all the same, but will not be remembered. */
int scoreboard_open(struct scoreboard *h, int state_fd, struct scoreboard_report *report);
void scoreboard_close(struct scoreboard *h); /* h may be zeroed memory */

/* Is it poison? To be asked before scoreboard_begin(), which must follow: here the process may
 * be doubled for a trial, and the child goes on until scoreboard_end(). stage is that of
 * scoreboard_begin(). */
bool scoreboard_check(struct scoreboard *h, enum scoreboard_stage stage, const void *text,
                      size_t len);
static inline bool scoreboard_is_poison(struct scoreboard *h, enum scoreboard_stage stage,
                                        const void *text, size_t len)
{
    return h->n_suspects && scoreboard_check(h, stage, text, len);
}
/* The same without a trial: was it? */
bool scoreboard_was_poison(const struct scoreboard *h, enum scoreboard_stage stage,
                           const void *text, size_t len);

static inline void scoreboard_begin(struct scoreboard *h, enum scoreboard_stage stage,
                                    const void *text, size_t len)
{
    struct scoreboard_page *p = h->page;

    p->len = len;
    memcpy(p->text, text, len < SCOREBOARD_TEXT_MAX ? len : SCOREBOARD_TEXT_MAX);
    atomic_signal_fence(memory_order_seq_cst); /* a kill comes between two instructions */
    p->stage = stage;
    p->takes++;
    atomic_signal_fence(memory_order_seq_cst);
}

static inline void scoreboard_set_unanswered(struct scoreboard *h,
                                             struct scoreboard_unanswered unanswered)
{
    struct scoreboard_unanswered *o = &h->page->unanswered;

    o->n = 0;
    atomic_signal_fence(memory_order_seq_cst);
    o->number = unanswered.number;
    o->digest = unanswered.digest;
    atomic_signal_fence(memory_order_seq_cst);
    o->n = unanswered.n;
    atomic_signal_fence(memory_order_seq_cst);
}

static inline struct scoreboard_unanswered scoreboard_unanswered(const struct scoreboard *h)
{
    return h->page->unanswered;
}

static inline void scoreboard_set_between(struct scoreboard *h, bool between)
{
    h->page->between = between;
}

static inline bool scoreboard_is_between(const struct scoreboard *h)
{
    return h->page->between == 1;
}

/* Note who sends (started: 0 when it is not known): is it known that it is not who sent in the
 * former life? */
bool scoreboard_sender_is_new(struct scoreboard *h, uint64_t number, uint64_t started);

/* Finished with what scoreboard_begin() was given: it is no suspect (any more). */
void scoreboard_clear(struct scoreboard *h);
static inline void scoreboard_end(struct scoreboard *h)
{
    atomic_signal_fence(memory_order_seq_cst);
    if (h->n_suspects)
        scoreboard_clear(h);
    h->page->stage = SCOREBOARD_NOTHING;
    atomic_signal_fence(memory_order_seq_cst);
}

/* A poison item is in the dead letters. Lines are better not forgotten: rsyslog may send
 * them again. */
void scoreboard_forget(struct scoreboard *h, enum scoreboard_stage stage, const void *text,
                       size_t len);

#endif
