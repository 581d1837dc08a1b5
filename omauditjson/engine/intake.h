/* SPDX-License-Identifier: Apache-2.0 */
/* Left of the journal: a line of rsyslog's to its reply. The reply goes out after the record is in
 * the journal, never before, and is never an error: where the journal can't take the record yet,
 * the reply is held and dots keep rsyslog waiting. That is all of back-pressure. Owns the reader,
 * the held reply, and what is known of the input's end. Part of the engine. */
#ifndef OMAUDITJSON_ENGINE_INTAKE_H
#define OMAUDITJSON_ENGINE_INTAKE_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/input_clock.h"
#include "engine/pipeline.h"
#include "engine/replies.h"
#include "engine/stores.h"

struct intake;

/* in_fd: rsyslog's lines. All are borrowed. */
struct intake *intake_new(struct stores *s, struct pipeline *p, struct replies *r,
                          const struct input_clock *clock, int in_fd);
void intake_free(struct intake *in);
/* The stores' scoreboard is open. same_sender: this rsyslogd may have sent to the former life. */
void intake_start(struct intake *in, bool same_sender);

/* Take one read() from rsyslog; its end is noticed. False: it fails, start again. */
bool intake_read(struct intake *in, int64_t now_ms);
/* Take lines from the reader until one has to wait for its reply or none is left. */
void intake_lines(struct intake *in, int64_t now_ms);
/* Try the held reply again; emit a keep-alive dot when it is time. False: rsyslog has waited
 * enough (logged). */
bool intake_held(struct intake *in, int64_t now_ms);
/* End of input: what to do with a line that has no end. */
void intake_end(struct intake *in, int64_t now_ms);
/* rsyslog has gone. */
void intake_hang_up(struct intake *in, int64_t now_ms);
/* SIGTERM came. */
void intake_leave(struct intake *in);

/* Are lines to be read? Is there somebody whose going would be news? */
bool intake_reads(const struct intake *in);
bool intake_watches(const struct intake *in);
bool intake_is_held(const struct intake *in);
bool intake_has_ended(const struct intake *in);
/* Before a sleep: rsyslog has just got a reply and lines follow closely, so wait awake for a
 * moment. True: there is something to read. */
bool intake_lingers(struct intake *in, bool sleeps);
/* When intake_held() must be called next; CLOCK_NEVER: not because of time. */
int64_t intake_next_ms(const struct intake *in);

#endif
