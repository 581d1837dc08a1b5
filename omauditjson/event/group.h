/* SPDX-License-Identifier: Apache-2.0 */
/* The index of open events: gathers the records of each event under its key (node, time, serial)
 * until it is complete and has settled. Owns the open events and copies of their lines. Never looks
 * at a wall clock and never compares events with each other, so that no event waits for another
 * and a line costs the same however many events are open.
 *
 * Complete: an EOE record, PROCTITLE, a type that libaudit sends alone, age, or a bound. Then it
 * settles for a moment (kernels send records after PROCTITLE, user space shares serials). */
#ifndef OMAUDITJSON_EVENT_GROUP_H
#define OMAUDITJSON_EVENT_GROUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "event/event.h"
#include "input/cutoff.h"
#include "input/record.h"

struct conf;
struct group;

struct group_conf {
    int64_t timeout_ms;     /* end_of_event_timeout */
    int64_t settle_ms;      /* settle */
    size_t settle_records;  /* records of other events after which a complete event has settled */
    size_t max_event_bytes; /* of an event's lines */
    size_t max_records;     /* in an event */
    size_t max_events;      /* open */
    size_t max_bytes;       /* of all open events' lines */
};

#define GROUP_SETTLE_RECORDS 64

/* The bounds that the configuration means. An event's lines may be four times as large as its
 * document; all open ones together 32 MiB, or two such events. */
void group_limits(const struct conf *conf, struct group_conf *ret);

/* A record in an open event. */
struct group_line {
    size_t offset; /* into group_event.text */
    uint32_t len;
    uint32_t body;
    uint32_t raw_len;
    int type;
    uint64_t seq; /* journal */
    uint32_t cut; /* what is missing of it (input/cutoff.h) */
};

struct group_event {
    /* key */
    uint64_t hash;
    int64_t sec;
    uint64_t serial;
    unsigned ms;
    size_t node_len; /* the node is the first node_len bytes of text */
    /* what it has */
    char *text;
    size_t text_len, text_cap;
    struct group_line *lines;
    size_t n_lines, lines_cap;
    size_t cut_bytes, cut_before;
    unsigned part;
    enum event_complete complete;
    bool is_complete;
    bool linked;                     /* findable under its key */
    int64_t last_ms;                 /* of its last record, or of its completion */
    uint64_t records_then;           /* group's count of records when it completed */
    struct group_event *prev, *next; /* in the list of open or of settling events */
    struct group_event *chain;       /* next with the same bucket */
};

struct group *group_new(const struct group_conf *conf);
void group_free(struct group *g);
void group_set_conf(struct group *g, const struct group_conf *conf);

/* Add a record. part is what a new event gets (1, or more when its key has settled before); cut
 * what is missing of its line (input/cutoff.h); now_ms the input clock. */
void group_add(struct group *g, const struct record *rec, uint64_t seq, uint32_t cut, unsigned part,
               int64_t now_ms);

/* Is there an open event with this record's key? */
bool group_has(struct group *g, const struct record *rec);

/* Take these records (journal numbers, ascending) out of the events that are there; one that has no
 * other is gone. Those that were found are put into found; how many. */
size_t group_take_out(struct group *g, const uint64_t *seqs, size_t n, uint64_t *found);

/* The next event that has settled, in the order of completion, or NULL. all: do not wait for
 * settling (end of input). The caller gives it back with group_release(). */
struct group_event *group_take(struct group *g, int64_t now_ms, bool all);
void group_release(struct group *g, struct group_event *ev);

/* End every open event with this reason (convert's end of input). */
void group_end_all(struct group *g, enum event_complete why, int64_t now_ms);

/* When group_take() may next have something because of time alone; CLOCK_NEVER: never. */
int64_t group_next_ms(const struct group *g);

size_t group_open(const struct group *g);  /* events not yet taken */
size_t group_bytes(const struct group *g); /* memory of their lines */

/* Its key as a record has it: for recent_event_digest(). Borrows from ev. */
struct record group_key(const struct group_event *ev);

/* View ev as the parser wants it; lines is filled with ev->n_lines items (caller's memory). */
void group_source(const struct group_event *ev, struct event_line *lines, struct event_source *out);

/* Does a record of this type end its event when nothing else does? [libaudit's ranges, libauparse
 * auparse.c: au_check_events] */
bool group_type_is_alone(int type);

#endif
