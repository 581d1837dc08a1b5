/* SPDX-License-Identifier: Apache-2.0 */
/* Layout of the page described in hand.h: the item in hand, the cause of the last death, and the
 * suspects. Plain memory; hand.c evaluates it, hand_death.c writes the cause. */
#ifndef OMAUDITJSON_JOURNAL_HAND_PAGE_H
#define OMAUDITJSON_JOURNAL_HAND_PAGE_H

#include <stdint.h>

#include "journal/tally.h"

#define HAND_TEXT_MAX 3072u /* of a longer text its beginning and its length tell it apart */
#define HAND_SUSPECTS 16u
#define HAND_TWICE 8u
#define HAND_ROW 8u /* unmarked deaths before a trial */

enum hand_stage {
    HAND_NOTHING,
    HAND_EVENT,   /* an event on its way to its document; text: what names it */
    HAND_LINE,    /* a line of rsyslog's, before it is in the journal; so are all that follow: */
    HAND_RECORD,  /* on its way to its event */
    HAND_REREAD,  /* at a start, for the memory of repeats */
    HAND_RESUMED, /* at a start, part of an event of an unfinished batch */
    HAND_BATCH,   /* a batch on its way to libcurl; text: what names it */
};

/* What a process died of. */
enum hand_mark {
    HAND_UNMARKED,  /* SIGKILL, or the machine went down */
    HAND_CRASHED,   /* a signal raised by the process itself, such as SIGSEGV */
    HAND_LOOPED,    /* too much CPU time without progress */
    HAND_EXHAUSTED, /* memory exhausted */
    HAND_EXITED,    /* a library called exit() */
};

struct hand_suspect {
    uint64_t digest; /* of kind (event, batch or line), length and text; 0: a free place */
    uint64_t since;  /* hand_page.deaths when it became one */
    uint32_t stage;  /* of the last death: only that stage's success acquits */
    uint32_t deaths;
};

/* What rsyslog sends again should we die now: the youngest records stored, so many, the last of
 * which has that digest (event/recent.h says how that is used). number: that of the one record in
 * the journal, should it have got there; 0: it has. */
struct hand_owed {
    uint64_t n, number, digest;
};

/* The file. */
struct hand_page {
    uint64_t magic, seed;
    uint64_t deaths;                             /* ever: the suspects' clock */
    struct hand_suspect suspects[HAND_SUSPECTS]; /* by marked deaths */
    struct hand_suspect row;                     /* unmarked deaths, the last ones */
    uint32_t stage;
    uint32_t mark, signo; /* enum hand_mark, and the signal that crashed us */
    uint32_t reserved;
    uint64_t takes; /* grows with each hand_take(): what the watchdog looks at */
    uint64_t len;   /* of the whole text */
    char text[HAND_TEXT_MAX];
    struct journal_tally tally; /* the journal's own */
    struct hand_owed owed;
    uint64_t sender[2];         /* rsyslogd: its number, and when it started */
    uint64_t twice[HAND_TWICE]; /* digests of lines that come once more (engine/twice.h), or 0 */
    uint64_t between;           /* a transaction has ended and none begun */
};

#endif
