/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "engine/tasks.h"

#define LINE_MESSAGE 8 /* max_line is for a record; a message may be so many times as long */

void tasks_init(struct tasks *t, struct stores *s, struct replies *r, struct admit *a)
{
    t->s = s;
    t->replies = r;
    t->admit = a;
    lineio_init(&t->lineio, LINE_MESSAGE * s->conf->max_line);
    message_init(&t->message, s->conf->max_line);
}

void tasks_done(struct tasks *t)
{
    lineio_done(&t->lineio);
    message_done(&t->message);
}

static void count_cut(struct tasks *t, const struct line *line)
{
    if (!line->cut)
        return;
    t->s->stats.lines_cut++;
    t->s->stats.bytes_cut += line->cut;
}

bool tasks_next_of_line(struct tasks *t, struct task *ret)
{
    if (!message_has_more(&t->message))
        return false;
    *ret = (struct task){.action = OMPROG_RECORD};
    ret->broken = !message_next(&t->message, &ret->line);
    ret->last = !message_has_more(&t->message);
    ret->split = ret->last && message_is_full(&t->message);
    count_cut(t, &ret->line);
    return true;
}

/* Its records are journalled with one write, before its reply. */
static void begin_message(struct tasks *t, const struct line *line, struct task *ret)
{
    t->s->stats.messages++;
    message_begin(&t->message, line);
    journal_set_holding(t->s->journal, true);
    (void)tasks_next_of_line(t, ret);
    if (ret->last && omprog_is_wakeup(ret->line.data, ret->line.len))
        ret->action = OMPROG_WAKEUP;
}

void tasks_begin(struct tasks *t, const struct line *line, struct task *ret)
{
    size_t max = t->s->conf->max_line;
    bool message;

    *ret = (struct task){.action = replies_line(t->replies, line->data, line->len), .last = true};
    message = ret->action == OMPROG_RECORD && message_is(line);
    t->s->stats.lines++;
    admit_line(t->admit, ret->action, line, message);
    if (message) {
        begin_message(t, line, ret);
        return;
    }
    ret->line = *line;
    if (line->len > max) {
        ret->line.len = max;
        ret->line.cut += line->len - max;
    }
    count_cut(t, &ret->line);
}

bool tasks_next(struct tasks *t, struct task *ret)
{
    struct line line;

    if (tasks_next_of_line(t, ret))
        return true;
    if (!lineio_next(&t->lineio, &line))
        return false;
    tasks_begin(t, &line, ret);
    return true;
}
