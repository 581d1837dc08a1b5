/* SPDX-License-Identifier: Apache-2.0 */
/* What was taken lately: digests of records, so that a record which rsyslog sends again is
 * recognised, and of events, so that a late record is known to be late. Two rings of fixed size;
 * the oldest is forgotten first. What belongs to journal segments that are gone is kept in the file
 * state_dir/recent; the rest is read from the journal at start. So each item knows its segment.
 *
 * A record that is known counts as a repeat, with one exception: kinds of which the kernel may
 * write several equal ones in an event (OBJ_PID, AVC) are taken as often as they come in a row. A
 * file that rsyslog reads again brings whole events in their order, so there an equal record is not
 * its own neighbour. */
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

/* Is it a repeat? Says so, and counts this coming. type is the record's. */
bool recent_is_repeat(struct recent *r, uint64_t digest, int type);

/* Can an event hold no two equal records of this type? [linux kernel/auditsc.c: one SYSCALL, CWD,
 * EXECVE piece, SOCKADDR, PROCTITLE and EOE an event, PATHs numbered by item; user space: one
 * record a serial] */
bool recent_type_is_single(int type);

/* It was stored now (in the journal, in that segment; never before that). */
void recent_stored(struct recent *r, uint64_t digest, uint64_t segment);

/* At start, for every record in the journal in order: settled says that it is done with. */
void recent_replay(struct recent *r, uint64_t digest, uint64_t segment, bool settled);

/* Its event has settled. */
void recent_settled(struct recent *r, uint64_t digest);

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
