/* SPDX-License-Identifier: Apache-2.0 */
/* The right-hand side: documents in, batches to a receiver over HTTP (or to a file, or to standard
 * output's stand-in), outcomes out. Owns the batches from deliver_add() until every event of them
 * was reported through ops.done. Never writes the journal itself: the engine does, when called. */
#ifndef OMAUDITJSON_DELIVER_DELIVER_H
#define OMAUDITJSON_DELIVER_DELIVER_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "deliver/deliver_ops.h"
#include "deliver/receivers/receiver.h"

struct conf;
struct deliver;
struct deadletter;

/* conf is borrowed and must outlive the deliver. dead is borrowed. Logs on failure.
 * 0 or -errno. */
int deliver_new(const struct conf *conf, struct deadletter *dead, const struct deliver_ops *ops,
                struct deliver **ret);
void deliver_free(struct deliver *d); /* requests in flight are dropped: their outcome is unknown */

/* May deliver_add() be called? False when the batches in memory have reached their bound: at most
 * in_flight + 2 sealed and unfinished ones (halves of a split one count as two), 8 more (or as many
 * bytes of smaller ones) with events that the receiver refused and that are not rejected yet, and
 * the one being filled, each of batch_bytes or of a single larger document; those that were sent
 * are in memory a second time, framed. So 2 * (in_flight + 11) * max(batch_bytes, max_event) and
 * the journal numbers at the very most. Batches of a former life may pass it once. */
bool deliver_has_room(const struct deliver *d);

/* Take an event; doc, id, seqs and mark are copied. Precondition: deliver_has_room(). now_ms is
 * clock_mono_ms(). */
void deliver_add(struct deliver *d, const struct deliver_event *ev, int64_t now_ms);

/* Re-form a batch that a former life had sealed and not finished: begin, add ..., end. It keeps
 * its number, is not passed to ops.sealed again and goes out before everything else. Only before
 * the first deliver_add(). */
void deliver_resume_begin(struct deliver *d, uint64_t batch_no);
void deliver_resume_add(struct deliver *d, const struct deliver_event *ev);
void deliver_resume_end(struct deliver *d);

/* First number for new batches; call once before the first deliver_add(). */
void deliver_set_next_batch(struct deliver *d, uint64_t batch_no);

/* Seal the batch being filled, whatever its age (end of input, transaction idle); when the bound is
 * reached, as soon as another one is finished. */
void deliver_flush(struct deliver *d);

/* Move everything that can move: transfers, timers, sealing by age. Never blocks but on the disk:
 * the dead letters and receiver `file` sync. */
void deliver_run(struct deliver *d, int64_t now_ms);

/* When deliver_run() must be called next at the latest, as clock_mono_ms(); CLOCK_NEVER: only
 * descriptors matter. */
int64_t deliver_next_ms(const struct deliver *d);

/* Wait for the given descriptors and the transfers' own, at most timeout_ms; fills fds[].revents.
 * Uses plain poll() when nothing is in flight. 0 or -errno (-EINTR is 0). */
int deliver_poll(struct deliver *d, struct pollfd *fds, unsigned n_fds, int timeout_ms);

bool deliver_idle(const struct deliver *d);      /* nothing held, nothing in flight */
bool deliver_in_flight(const struct deliver *d); /* a request is on the wire */

/* Stop starting new requests (shutdown, hand-over to a successor); those in flight go on. */
void deliver_stop_sending(struct deliver *d);

/* A new configuration after SIGHUP: all that is not in flight goes by it; what is in flight goes on
 * as it began. The old conf may be freed afterwards. */
void deliver_reconfigure(struct deliver *d, const struct conf *conf);

/* Receiver `stdout`: where the lines go. Not owned. Until it is called nothing is written. */
void deliver_set_output(struct deliver *d, int fd);
bool deliver_output_closed(const struct deliver *d); /* nobody reads it any more */

struct deliver_counts deliver_counts(const struct deliver *d);

/* Is there one that is neither down nor held? One that was never asked counts as up. */
bool deliver_receiver_up(const struct deliver *d);

#endif
