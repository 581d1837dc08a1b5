/* SPDX-License-Identifier: Apache-2.0 */
/* The engine's inside: its state, and the two halves that engine.c drives. intake.c takes a line to
 * its reply (left of the journal); right of it pipeline.c takes journalled records to events,
 * emit.c events to deliver and outcomes back, pipeline_open.c starts and ends all that, resume.c
 * takes up what a former life left. Private to these files. */
#ifndef OMAUDITJSON_ENGINE_PIPELINE_H
#define OMAUDITJSON_ENGINE_PIPELINE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "conf/conf.h"
#include "base/stats.h"
#include "deliver/deadletter.h"
#include "deliver/deliver.h"
#include "engine/confine.h"
#include "engine/engine.h"
#include "event/group.h"
#include "event/lineage.h"
#include "event/parse.h"
#include "event/recent.h"
#include "format/format.h"
#include "input/cutoff.h"
#include "input/lineio.h"
#include "input/linger.h"
#include "input/omprog.h"
#include "input/record.h"
#include "journal/hand.h"
#include "journal/journal.h"
#include "journal/lock.h"
#include "engine/requeue.h"
#include "engine/salvage.h"
#include "engine/seal.h"
#include "engine/state.h"
#include "engine/twice.h"

#define DEAD_SAY_MS 600000 /* between two lines about dead letters that can't be written */
#define RETRY_MS 1000      /* between two tries of a disk that said no */

/* A reply that has to wait: for room in the journal's window, for a disk, for a sync. */
struct hold {
    bool active;
    bool stored; /* the record is in the journal, only its sync is missing */
    enum omprog_action action;
    struct line line;
    int64_t next_dot_ms;
    int64_t next_try_ms; /* a disk that said no; 0: whenever something was delivered */
    int error;           /* last one said to the log */
};

struct engine {
    struct conf *conf;
    struct engine_wire wire;
    engine_reload reload;
    void *reload_ctx;
    int state_fd;
    struct state_watch watch;
    bool state_gone; /* its directory was removed under us */
    struct confine confine;
    struct lock lock;
    bool have_lock;

    struct lineio lineio;
    struct omprog omprog;
    struct linger linger;
    bool replied; /* in this turn */
    struct hold hold;
    struct buf scratch; /* canonical text of the line at hand */
    bool confirming;    /* rsyslog waits for replies (or did, before it went) */
    bool starting;      /* the first reply is not out yet */
    int64_t start_dot_ms;
    struct twice twice;
    bool mixed; /* two transactions at a time are under way */
    uint64_t sender_started;
    bool hung_up; /* rsyslog has gone while a reply was held */
    bool input_ended;
    bool leaving; /* SIGTERM came */
    bool give_up; /* a reply was held for too long, or the system fails us: end without a word */
    bool garbage_logged;
    bool replaced_logged; /* a file that the sandbox has */
    bool cut_logged;
    int said_error;        /* the journal's, last said to the log */
    int64_t said_ms;       /* when */
    int64_t said_again_ms; /* and when "works again" was; starts in the past */

    struct hand hand; /* what is being handled, should we die of it */
    struct journal *journal;
    bool marks_whole; /* no loss of power can have taken a SEAL of the former life's */
    struct journal_cursor cursor;
    bool caught_up; /* the cursor is at the end: a new record goes on from memory */
    struct recent *recent;
    struct group *group;
    struct parser *parser;
    struct format *format;
    struct deadletter *dead;
    struct deliver *deliver;
    struct requeue requeue;    /* dead letters that go out again */
    struct salvage salvage;    /* damaged files of the journal, too */
    struct group_event *stuck; /* settled, but could be put nowhere yet */
    struct buf doc;
    struct buf seal;
    uint64_t sealing; /* the batch whose make-up is being journalled, */
    size_t n_sealed;  /* and how many of its events are */
    struct lineage *processes;
    struct event_lineage lineage; /* of the event at hand */
    struct buf mark;              /* the same for its batch's SEAL */
    struct event_line *lines;     /* scratch for group_source() */
    size_t lines_cap;
    uint64_t *seqs;
    size_t seqs_cap;
    uint64_t consumed_number; /* of the last record that went to its event */
    uint64_t *resumed;        /* numbers of records that went into re-formed batches, sorted */
    size_t n_resumed;
    uint64_t *set_aside; /* garbage lines in the dead letters, not synced yet */
    size_t n_set_aside, set_aside_cap;
    uint64_t dead_losses; /* deadletter_losses() when the first of them was added */
    bool add_again;       /* their sync failed */
    int64_t retry_ms;     /* the dead letters could not be written: not before then */
    int dead_error;
    int64_t dead_said_ms; /* when it was last said */

    /* The input clock: milliseconds in which we were ready for input (engine.c). */
    int64_t input_ms;
    int64_t ticked_ms;
    int64_t consumed_ms; /* what it said when the last consumed record came */

    size_t done_bytes; /* of documents finished with since memory was given back */

    struct stats stats;
    int64_t next_stats_ms;
    bool window_logged;
};

/* ---- intake.c */

/* Take lines from the reader until one has to wait for its reply or none is left. */
void intake_lines(struct engine *e, int64_t now_ms);
/* Try the held reply again; emit a keep-alive dot when it is time. */
void intake_held(struct engine *e, int64_t now_ms);
/* The first reply has to wait: a keep-alive dot when it is time. False: rsyslog has waited enough.
 */
bool intake_starting(struct engine *e, int64_t now_ms);
/* One write() of a whole reply. */
void intake_write(struct engine *e, const char *text, size_t len);
/* End of input: what to do with a line that has no end. */
void intake_ended(struct engine *e, int64_t now_ms);

/* ---- pipeline.c */

/* Build journal, memory, index, parser, writer, deliver; take up what a former life left.
 * 0 or -errno (logged). */
int pipeline_open(struct engine *e);
/* When that process started, in the kernel's ticks; 0: not known. */
uint64_t pipeline_process_start(pid_t pid);
void pipeline_close(struct engine *e);
/* A new configuration is in e->conf. */
void pipeline_reconfigure(struct engine *e);
/* Can a new record go on from memory? Otherwise it is read from the journal later. */
bool pipeline_direct(const struct engine *e);
/* Before a record is appended that will not be consumed directly. */
void pipeline_fall_behind(struct engine *e);
/* The record is in hand (HAND_RECORD) and no longer afterwards. */
void pipeline_consume(struct engine *e, const struct record *rec, uint64_t seq, uint32_t cut);
/* The clock has moved: hand over what has settled by now, before further records come. */
void pipeline_settle(struct engine *e, int64_t now_ms);
/* Move what can move from the journal to deliver. True: there is more to do at once. */
bool pipeline_run(struct engine *e, int64_t now_ms);
/* There is something to move and room for it: deliver may have made some behind pipeline_run(). */
bool pipeline_can_go_on(const struct engine *e);
/* Nothing open, nothing unread, nothing undelivered. */
bool pipeline_idle(const struct engine *e);
/* What the index takes for now. */
int64_t pipeline_clock(const struct engine *e);
void pipeline_gauges(struct engine *e);

/* These records are finished with. */
void pipeline_done_with(struct engine *e, const uint64_t *seqs, size_t n);
/* What names a record's entry among the dead letters. */
struct deadletter_key pipeline_dead_key(const struct engine *e, uint64_t seq, const char *line,
                                        size_t len);
/* These turned out to be repeats: those that are in no event that has gone on are done with. */
void pipeline_take_back(struct engine *e, const uint64_t *seqs, size_t n);
/* The dead letters can't be written: wait and try again. Returns false. */
bool pipeline_dead_failed(struct engine *e, int error, int64_t now_ms);

/* ---- emit.c */

#define PIPELINE_DOC_AROUND (128u << 10) /* message_before and message_after */
#define PIPELINE_DOC_KEEP (256u << 10)   /* scratch beyond this is given back */

enum pipeline_made {
    PIPELINE_MADE_DOCUMENT,
    PIPELINE_MADE_NOTHING, /* it is outside `events` */
    PIPELINE_MADE_TROUBLE,
    PIPELINE_MADE_POISON, /* not touched: we died of it twice */
};

/* The event's document in e->doc and out; out borrows from e. src->lineage
 * is a former life's, or &e->lineage: then it is found out and goes into out->mark. Afterwards the
 * event is in hand, until hand_put(). */
enum pipeline_made pipeline_make_document(struct engine *e, const struct event_source *src,
                                          struct deliver_event *out);
/* A word for the log on what hand_take() was given for an event. */
#define PIPELINE_NAME_SIZE 64
void pipeline_name_event(const char *text, char out[PIPELINE_NAME_SIZE]);
/* The same for a batch. */
void pipeline_name_batch(const char *text, char *out, size_t size);
/* Hand one settled event over. False: not now. Precondition: deliver_has_room(). */
bool pipeline_emit(struct engine *e, const struct group_event *ev, int64_t now_ms);

/* Orders sequence numbers, for qsort() and bsearch(). */
int pipeline_by_number(const void *a, const void *b);

/* What deliver and the journal call back; ctx is the engine. */
int pipeline_on_sealed(void *ctx, uint64_t batch_no, const struct deliver_event *events, size_t n);
void pipeline_on_done(void *ctx, const struct deliver_event *events, size_t n,
                      enum deliver_how how);
bool pipeline_on_sending(void *ctx, const struct deliver_event *events, size_t n, bool compress);
void pipeline_on_sent(void *ctx);
void pipeline_on_removing(void *ctx, uint64_t segment);

#endif
