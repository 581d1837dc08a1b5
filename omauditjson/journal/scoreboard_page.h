/* SPDX-License-Identifier: Apache-2.0 */
/* Layout of the page described in scoreboard.h: the item in process, the cause of the last death,
 * and the suspects. Plain memory; scoreboard.c evaluates it, scoreboard_death.c writes the cause.
 */
#ifndef OMAUDITJSON_JOURNAL_SCOREBOARD_PAGE_H
#define OMAUDITJSON_JOURNAL_SCOREBOARD_PAGE_H

#include <stdint.h>

#include "journal/tally.h"

#define SCOREBOARD_TEXT_MAX 3072u /* a longer text: its beginning and its length */
#define SCOREBOARD_SUSPECTS 16u
#define SCOREBOARD_TWICE 8u
#define SCOREBOARD_ROW 8u /* unmarked deaths before a trial */

enum scoreboard_stage {
    SCOREBOARD_NOTHING,
    SCOREBOARD_EVENT, /* an event on its way to its document; text: what names it */
    SCOREBOARD_LINE, /* a line of rsyslog's, before it is in the journal; so are all that follow: */
    SCOREBOARD_RECORD,  /* on its way to its event */
    SCOREBOARD_REREAD,  /* at a start, for the memory of repeats */
    SCOREBOARD_RESUMED, /* at a start, part of an event of an unfinished batch */
    SCOREBOARD_BATCH,   /* a batch on its way to libcurl; text: what names it */
};

/* What a process died of. */
enum scoreboard_mark {
    SCOREBOARD_UNMARKED,  /* SIGKILL, or the machine went down */
    SCOREBOARD_CRASHED,   /* a signal raised by the process itself, such as SIGSEGV */
    SCOREBOARD_LOOPED,    /* too much CPU time without progress */
    SCOREBOARD_EXHAUSTED, /* memory exhausted */
    SCOREBOARD_EXITED,    /* a library called exit() */
};

struct scoreboard_suspect {
    uint64_t digest; /* of kind (event, batch or line), length and text; 0: a free place */
    uint64_t since;  /* scoreboard_page.deaths when it became one */
    uint32_t stage;  /* of the last death: only that stage's success clears it */
    uint32_t deaths;
};

/* What rsyslog sends again should we die now: the youngest records stored, so many, the last of
 * which has that digest (event/recent.h says how that is used). number: that of the one record in
 * the journal, should it have got there; 0: it has. */
struct scoreboard_unanswered {
    uint64_t n, number, digest;
};

/* The file. */
struct scoreboard_page {
    uint64_t magic, seed;
    uint64_t deaths;                                         /* ever: the suspects' clock */
    struct scoreboard_suspect suspects[SCOREBOARD_SUSPECTS]; /* by marked deaths */
    struct scoreboard_suspect row;                           /* unmarked deaths, the last ones */
    uint32_t stage;
    uint32_t mark, signo; /* enum scoreboard_mark, and the signal that crashed us */
    uint32_t reserved;
    uint64_t takes; /* grows with each scoreboard_begin(): what the watchdog looks at */
    uint64_t len;   /* of the whole text */
    char text[SCOREBOARD_TEXT_MAX];
    struct journal_tally tally; /* the journal's own */
    struct scoreboard_unanswered unanswered;
    uint64_t sender[2]; /* rsyslogd: its number, and when it started */
    uint64_t
        twice[SCOREBOARD_TWICE]; /* digests of lines that come once more (engine/twice.h), or 0 */
    uint64_t between;            /* a transaction has ended and none begun */
};

#endif
