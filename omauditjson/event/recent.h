/* SPDX-License-Identifier: Apache-2.0 */
/* The memory of repeats: digests of recent records in the order in which they were stored, to
 * recognise what rsyslog sends again, and of recent events, to recognise late records. Two rings of
 * fixed size. Digests of removed journal segments are in the file state_dir/recent; the others are
 * read from the journal at the start.
 *
 * A log may hold equal records, in one event, of any type, in any order, and each is delivered: a
 * record that equals an earlier one is not necessarily a repeat. If that is uncertain, the record
 * is kept. Two cases are certain:
 *
 * 1. Unanswered. rsyslog sends again what it got no reply to: the line in process when one of the
 * two processes died, or the transaction whose COMMIT was in process. These are the youngest
 * records in memory. Their number is in the shared page (journal/scoreboard.h), set before a record
 * is appended and cleared before its reply is written. A record that equals one of them is a
 *    repeat, once for each: of n equal records that were acknowledged, n are stored. What a
 *    transaction contained before its COMMIT does not count as unanswered: rsyslog continues after
 * it [omprog.md 2.2]. Nor is a line whose reply was being written at the kill: rsyslog may have
 *    read it.
 *
 * 2. A stretch. When rsyslog loses its position (it was killed, a file is read again) it sends a
 *    part of the log again, in order. Known records that arrive in memory's order are candidates:
 *    they are stored, acknowledged and kept in their event, and their numbers are noted. It is
 *    proven
 *      - by at least 16 records that memory has once, when these and the ends of events among them,
 *        which count 16 each, add up to 96: about five events of five records, or 96 records of one
 *        event. Equal records at a shorter distance (A A, A B A B, A B B A, an event twice) never
 *        reach that: a record counts once, and a stretch ends where its own copies begin;
 *      - by reaching a record that is unanswered: rsyslog continues from before that one;
 *      - by reaching memory's end, if it began with the first line of a new rsyslogd and has 4
 *        records, and the ends of 2 events, that memory has once.
 *    Then the candidates are taken out of the events that are open, and what follows is a repeat
 *    as long as it follows memory; new records may come between (64), a known one ends it. Eight
 *    are followed at a time (two workers, two files). What is never proven is delivered twice: up
 *    to 15 records that a killed rsyslogd had replies for, and what was delivered before the
 *    proof.
 *
 * A third, the line that rsyslog sends twice when an idle child has died, is engine/twice.h's. */
#ifndef OMAUDITJSON_EVENT_RECENT_H
#define OMAUDITJSON_EVENT_RECENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct recent;

struct record;

/* More than an audit.log of auditd's default size (8 MiB) has records: that may be read again whole
 * when imfile's state is lost. */
#define RECENT_RECORDS (64u << 10)
#define RECENT_EVENTS (32u << 10)

/* Sizes are powers of two. */
struct recent *recent_new(size_t records, size_t events);
void recent_free(struct recent *r);

/* Digest of a record (its raw text with node and header) and of its event (node, time, serial).
 * Seeded: an outsider cannot make two that are equal. */
uint64_t recent_record_digest(const struct recent *r, const struct record *rec);
uint64_t recent_event_digest(const struct recent *r, const struct record *rec);
uint64_t recent_digest(const struct recent *r, const char *data, size_t len); /* of any bytes */

/* Is it a repeat? If so, do not store it; this arrival is counted. False changes nothing until
 * recent_stored() is called, so a record may be asked for again. */
bool recent_is_repeat(struct recent *r, const struct record *rec, uint64_t digest);

/* Numbers of records that the last recent_is_repeat() has proven to be repeats, too, after they
 * were stored. Borrowed until the next one; ascending. */
size_t recent_taken_back(const struct recent *r, const uint64_t **seqs);

/* Call after the record was stored in the journal, with that number, in that segment. */
void recent_stored(struct recent *r, const struct record *rec, uint64_t digest, uint64_t seq,
                   uint64_t segment);

/* At start, for every record in the journal in order. */
void recent_replay(struct recent *r, uint64_t digest, uint64_t segment);

/* Then: the youngest n records are unanswered, of which the last has that digest (if not, none is).
 * And: whoever sends is not who sent in the former life. */
void recent_set_unanswered(struct recent *r, size_t n, uint64_t last);
void recent_new_sender(struct recent *r);

/* How many of the youngest are unanswered still, without a gap, and the digest of the last of all.
 */
size_t recent_unanswered(const struct recent *r);
uint64_t recent_last(const struct recent *r);

/* What rsyslog sends again as a whole when it gets no reply. */
enum recent_unit {
    RECENT_LINE, /* a line: one record, or the records of a message */
    RECENT_TRANSACTION,
    RECENT_UNITS
};

/* One begins; how many of the youngest records are what came since, repeats of what was unanswered
 * included: 0 when they are not all of it, or others are among them. */
void recent_open(struct recent *r, enum recent_unit unit);
size_t recent_open_records(const struct recent *r, enum recent_unit unit);

/* How many parts of this event have settled (0: none that we remember); note that one more has,
 * whose first record is in that segment (any number where nothing is saved). */
unsigned recent_parts(const struct recent *r, uint64_t event_digest);
void recent_add_part(struct recent *r, uint64_t event_digest, unsigned part, uint64_t segment);

/* The file. load: what is there, before anything else is remembered; -errno when there is nothing
 * usable (the memory is then empty and has a new seed). save: this segment and those before it
 * leave the journal; what fails is tried again with the next. Failures cost recognition, no data.
 */
int recent_load(struct recent *r, int dir_fd);
int recent_save(struct recent *r, uint64_t segment);

#endif
