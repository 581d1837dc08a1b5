/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "commands/convert.h"

#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <linux/audit.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "conf/conf.h"
#include "base/err.h"
#include "base/mem.h"
#include "event/group.h"
#include "event/lineage.h"
#include "event/parse.h"
#include "event/recent.h"
#include "format/format.h"
#include "input/cutoff.h"
#include "input/lineio.h"
#include "input/record.h"
#include "commands/progress.h"

#define LINE_EXTRA 1024
#define OUT_FLUSH (256u << 10)
#define OUT_EXTRA (128u << 10) /* message_before, message_after, LF */
#define COMPLAINTS 10

struct convert {
    const struct conf *conf;
    struct lineio lineio;
    struct buf scratch;
    struct buf out;
    struct group *group;
    struct recent *recent;
    struct parser *parser;
    struct lineage *processes;
    struct event_lineage lineage; /* of the event being processed */
    struct format *format;
    struct event_line *lines;
    size_t lines_cap;
    struct buf doc; /* of one event, when it is to be laid out for eyes */
    struct progress progress;
    unsigned long long n_garbage;
    bool write_failed;
};

/* A message on standard error; not into the line that shows the progress. */
__attribute__((format(printf, 2, 3))) static void say(struct convert *c, const char *format, ...)
{
    va_list args;

    progress_wipe(&c->progress);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
}

static void flush(struct convert *c)
{
    size_t done = 0;

    while (done < c->out.len && !c->write_failed) {
        ssize_t n = write(STDOUT_FILENO, c->out.data + done, c->out.len - done);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            say(c, "omauditjson: standard output: cannot be written: %s\n", strerror(errno));
            c->write_failed = true;
        } else {
            done += (size_t)n;
        }
    }
    c->out.len = 0;
}

/* The document laid out for eyes; as it is when the texts around it make it something else. */
static int append_pretty(struct convert *c)
{
    struct json_object *o = json_tokener_parse(buf_cstr(&c->doc));
    size_t len;
    const char *text;
    int r;

    if (!o)
        return buf_append(&c->out, c->doc.data, c->doc.len);
    text = json_object_to_json_string_length(
        o, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED | JSON_C_TO_STRING_NOSLASHESCAPE,
        &len);
    r = buf_append(&c->out, text, len);
    json_object_put(o);
    return r;
}

static int append_event(struct convert *c, const struct event *ev)
{
    int r;

    if (!c->conf->pretty)
        return format_write(c->format, ev, &c->out);
    c->doc.len = 0;
    r = format_write(c->format, ev, &c->doc);
    return r == 0 ? append_pretty(c) : r;
}

static void write_event(struct convert *c, const struct group_event *ev)
{
    struct event_source src;
    const struct event *parsed;
    int r;

    if (ev->n_lines > c->lines_cap) {
        c->lines_cap = ev->n_lines * 2;
        c->lines = mem_realloc_array(c->lines, c->lines_cap, sizeof(*c->lines));
    }
    group_source(ev, c->lines, &src);
    src.lineage = &c->lineage;
    if (c->out.len > OUT_FLUSH)
        flush(c);
    r = parse_event(c->parser, &src, &parsed);
    if (r == 0) {
        lineage_take(c->processes, parsed, &c->lineage);
        r = append_event(c, parsed);
    }
    if (r == 0)
        r = buf_append_char(&c->out, '\n');
    c->progress.events += r == 0;
    if (r < 0) {
        say(c, "omauditjson: event %lld.%03u:%llu cannot be written: %s\n", (long long)ev->sec,
            ev->ms, (unsigned long long)ev->serial, err_text(r));
        c->n_garbage += ev->n_lines;
    }
}

/* No time passes here: an event ends by its records, by those of others, or at the end. */
static void write_settled(struct convert *c, bool all)
{
    struct group_event *ev;

    while ((ev = group_take(c->group, 0, all))) {
        struct record key = group_key(ev);

        recent_add_part(c->recent, recent_event_digest(c->recent, &key), ev->part, 0);
        write_event(c, ev);
        group_release(c->group, ev);
    }
}

static void take_line(struct convert *c, const struct line *line, const char *name,
                      unsigned long long number)
{
    struct record rec;
    enum record_fault fault = record_parse(line->data, line->len, &c->scratch, &rec);
    unsigned part = 1;

    if (fault == RECORD_EMPTY)
        return;
    if (fault != RECORD_OK) {
        if (c->n_garbage++ < COMPLAINTS)
            say(c, "omauditjson: %s:%llu: %s\n", name, number, record_fault_text(fault));
        return;
    }
    if (!group_has(c->group, &rec)) {
        if (rec.type == AUDIT_EOE)
            return; /* of an event that is written already */
        part = recent_parts(c->recent, recent_event_digest(c->recent, &rec)) + 1;
    }
    group_add(c->group, &rec, 0, cutoff_of(&rec, line->len, line->cut), part, 0);
    write_settled(c, false);
}

/* 0, or -errno (said). */
static int convert_file(struct convert *c, const char *name)
{
    bool standard = strcmp(name, "-") == 0;
    int fd = standard ? STDIN_FILENO : open(name, O_RDONLY | O_CLOEXEC);
    unsigned long long number = 0;
    struct stat st = {0};
    struct line line;
    ssize_t n = -1;

    if (fd >= 0) {
        progress_file(&c->progress, standard ? "standard input" : name,
                      fstat(fd, &st) == 0 && S_ISREG(st.st_mode) ? (uint64_t)st.st_size : 0);
        while ((n = lineio_read(&c->lineio, fd)) != 0 && !c->write_failed) {
            if (n < 0 && n != -EAGAIN)
                break;
            progress_add(&c->progress, n > 0 ? (uint64_t)n : 0, clock_mono_ms());
            while (lineio_next(&c->lineio, &line))
                take_line(c, &line, name, ++number);
        }
        if (lineio_rest(&c->lineio, &line))
            take_line(c, &line, name, ++number);
        if (!standard)
            close(fd);
        errno = n < 0 ? (int)-n : 0;
    }
    if (fd < 0 || n < 0) {
        say(c, "omauditjson: %s: %s\n", name, strerror(errno));
        return -errno;
    }
    return 0;
}

int convert_run(const struct conf *conf, char *const *files, int n_files)
{
    struct group_conf limits;
    struct convert c = {.conf = conf};
    bool failed = false;

    group_limits(conf, &limits);
    if (!limits.settle_ms) /* an end record behind the last one is part of its event all the same */
        limits.settle_ms = 1;
    lineio_init(&c.lineio, conf->max_line);
    c.scratch = BUF_INIT(conf->max_line + LINE_EXTRA);
    /* laid out, a document grows by its indentation */
    c.out = BUF_INIT(OUT_FLUSH + (conf->max_event + OUT_EXTRA) * (conf->pretty ? 8 : 1));
    c.doc = BUF_INIT(conf->max_event + OUT_EXTRA);
    progress_init(&c.progress, STDOUT_FILENO, STDERR_FILENO);
    c.group = group_new(&limits);
    c.recent = recent_new(RECENT_RECORDS, RECENT_EVENTS);
    c.parser = parser_new();
    c.processes = lineage_new(conf->processes);
    c.format = format_new(conf);
    if (n_files == 0)
        failed = convert_file(&c, "-") < 0;
    for (int i = 0; i < n_files && !c.write_failed; i++)
        failed |= convert_file(&c, files[i]) < 0;
    write_settled(&c, true);
    group_end_all(c.group, EVENT_BY_SHUTDOWN, 0);
    write_settled(&c, true);
    flush(&c);
    progress_wipe(&c.progress);
    if (c.n_garbage)
        say(&c, "omauditjson: %llu lines rejected: not audit records\n", c.n_garbage);
    format_free(c.format);
    parser_free(c.parser);
    lineage_free(c.processes);
    recent_free(c.recent);
    group_free(c.group);
    buf_done(&c.out);
    buf_done(&c.doc);
    buf_done(&c.scratch);
    lineio_done(&c.lineio);
    free(c.lines);
    if (failed || c.write_failed)
        return CONVERT_EXIT_IO;
    return c.n_garbage ? CONVERT_EXIT_GARBAGE : CONVERT_EXIT_OK;
}
