/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "engine/parts.h"

#include <unistd.h>

#include "engine/resume.h"

static void make(struct parts *p, int in_fd)
{
    struct stores *s = &p->stores;

    p->setaside = setaside_new(s);
    p->emitter = emit_new(s, p->setaside);
    p->requeue = requeue_new(s);
    p->outcomes = outcomes_new(s, p->requeue);
    p->pipeline = pipeline_new(s, p->emitter, p->setaside, &p->clock);
    p->intake = intake_new(s, p->pipeline, &p->replies, &p->clock, in_fd);
    p->salvage = salvage_new(s, p->pipeline);
}

/* The two belong together: what the page says of a line that comes twice is of one sender. */
static void know_sender(struct parts *p, uint64_t started)
{
    struct stores *s = &p->stores;
    bool is_new = scoreboard_sender_is_new(&s->scoreboard, (uint64_t)getppid(), started);

    if (is_new)
        recent_new_sender(s->recent);
    intake_start(p->intake, !is_new);
}

static int take_up(struct parts *p, bool marks_whole)
{
    struct resumed resumed;
    int r = resume_run(&p->stores, p->emitter, marks_whole, &resumed);

    pipeline_skip(p->pipeline, resumed.seqs, resumed.n);
    input_clock_resume(&p->clock, resumed.arrival_ms);
    return r;
}

int parts_open(struct parts *p, const struct parts_wire *wire)
{
    struct stores *s = &p->stores;
    struct deliver_ops ops;
    bool marks_whole;
    int r = stores_open(s);

    if (r < 0)
        return r;
    make(p, wire->in_fd);
    know_sender(p, wire->sender_started);
    ops = outcomes_ops(p->outcomes);
    r = stores_open_journal(s, &p->replies, &marks_whole);
    if (r == 0)
        r = stores_open_deliver(s, requeue_is_used(s->state_fd), &ops, wire->doc_fd);
    if (r == 0)
        r = take_up(p, marks_whole);
    stores_started(s);
    return r;
}

void parts_close(struct parts *p)
{
    salvage_free(p->salvage);
    intake_free(p->intake);
    requeue_free(p->requeue);
    pipeline_free(p->pipeline);
    emit_free(p->emitter);
    setaside_free(p->setaside);
    stores_close(&p->stores);
    outcomes_free(p->outcomes); /* deliver has borrowed it */
    replies_done(&p->replies);
}

void parts_reconfigure(struct parts *p, struct conf *conf)
{
    stores_reconfigure(&p->stores, conf);
    pipeline_reconfigure(p->pipeline);
    emit_reconfigure(p->emitter);
}

bool parts_are_idle(const struct parts *p)
{
    return pipeline_is_empty(p->pipeline) && setaside_is_synced(p->setaside) &&
           deliver_idle(p->stores.deliver) && !requeue_can_go_on(p->requeue);
}
