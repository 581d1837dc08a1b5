/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "rig.h"

#include <check.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"

#define TURNS_MAX 100000

static void sink(void *ctx, enum log_level level, const char *line)
{
    struct rig *r = ctx;
    size_t n = strlen(r->log);

    (void)level;
    snprintf(r->log + n, sizeof(r->log) - n, "%s\n", line);
}

static unsigned number_of(const struct deliver_event *ev)
{
    unsigned n;

    ck_assert_int_eq(sscanf(ev->id, "e%u", &n), 1);
    ck_assert_uint_lt(n, RIG_EVENTS);
    return n;
}

static int on_sealed(void *ctx, uint64_t no, const struct deliver_event *events, size_t n)
{
    struct rig *r = ctx;

    ck_assert_uint_gt(n, 0);
    for (size_t i = 1; i < n; i++)
        ck_assert_uint_eq(number_of(&events[i]), number_of(&events[0]) + i);
    if (r->sealed_result < 0)
        return r->sealed_result;
    r->sealed_events[r->n_sealed] = (unsigned)n;
    r->sealed[r->n_sealed++] = no;
    return 0;
}

static void on_done(void *ctx, const struct deliver_event *events, size_t n, enum deliver_how how)
{
    struct rig *r = ctx;

    for (size_t i = 0; i < n; i++) {
        unsigned e = number_of(&events[i]);

        ck_assert_uint_eq(events[i].n_seqs, 2);
        ck_assert_uint_eq(events[i].seqs[0], 2 * e);
        r->done[e]++;
        ck_assert_msg(r->done[e] == 1, "event %u was reported %u times", e, r->done[e]);
        r->how[e] = (unsigned char)how;
        r->order[r->n_done++] = e;
    }
}

void rig_init(struct rig *r, int receiver)
{
    memset(r, 0, sizeof(*r));
    signal(SIGPIPE, SIG_IGN);
    snprintf(r->dir, sizeof(r->dir), "/tmp/deliver.XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(r->dir));
    r->conf = (struct conf){.receiver = receiver,
                            .url.item = r->urls,
                            .header.item = r->headers,
                            .batch_events = 1,
                            .batch_bytes = 1000000,
                            .batch_age = 1000,
                            .in_flight = 1,
                            .timeout = 20000,
                            .connect_timeout = 10000,
                            .retry_min = 1000,
                            .retry_max = 8000,
                            .tls_verify = true,
                            .answer_max = 4096};
    log_set_sink(sink, r);
}

void rig_url(struct rig *r, unsigned port, const char *path)
{
    char url[200];

    snprintf(url, sizeof(url), "http://127.0.0.1:%u%s", port, path);
    r->urls[r->conf.url.n++] = strdup(url);
}

const char *rig_path(struct rig *r, const char *name)
{
    snprintf(r->path, sizeof(r->path), "%s/%s", r->dir, name);
    return r->path;
}

void rig_start(struct rig *r)
{
    struct deliver_ops ops = {.sealed = on_sealed, .done = on_done, .ctx = r};

    ck_assert_int_eq(deadletter_new(rig_path(r, "dead"), 1000000, 4, &r->dead), 0);
    ck_assert_int_eq(deliver_new(&r->conf, r->dead, &ops, &r->d), 0);
    r->d->rng = 1;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

void rig_done(struct rig *r)
{
    deliver_free(r->d);
    deadletter_free(r->dead);
    for (size_t i = 0; i < 4; i++) {
        free(r->urls[i]);
        free(r->headers[i]);
    }
    log_set_sink(NULL, NULL);
    ck_assert_int_eq(nftw(r->dir, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
}

int64_t rig_now(const struct rig *r)
{
    return clock_mono_ms() + r->skew;
}

bool rig_add(struct rig *r, const char *text)
{
    char doc[600], id[20];
    uint64_t seqs[2] = {2 * (uint64_t)r->added, 2 * (uint64_t)r->added + 1};
    struct deliver_event ev = {.doc = doc, .id = id, .seqs = seqs, .n_seqs = 2, .part = 1};

    if (!deliver_has_room(r->d))
        return false;
    snprintf(doc, sizeof(doc), "{\"n\":%u,\"t\":\"%s\"}", r->added, text);
    snprintf(id, sizeof(id), "e%u", r->added);
    ev.doc_len = strlen(doc);
    ev.id_len = strlen(id);
    deliver_add(r->d, &ev, rig_now(r));
    r->added++;
    return true;
}

bool rig_turn(struct rig *r)
{
    int64_t next, now = rig_now(r);

    deliver_run(r->d, now);
    next = deliver_next_ms(r->d);
    if (deliver_in_flight(r->d)) {
        ck_assert_int_eq(deliver_poll(r->d, NULL, 0, next <= now ? 0 : 50), 0);
        return true;
    }
    if (next == CLOCK_NEVER)
        return false;
    if (next > now)
        r->skew += next - now;
    return true;
}

void rig_finish(struct rig *r)
{
    deliver_flush(r->d);
    for (unsigned i = 0; !deliver_idle(r->d); i++) {
        ck_assert_msg(i < TURNS_MAX, "no end:\n%s", r->log);
        ck_assert_msg(rig_turn(r) || deliver_idle(r->d), "stuck:\n%s", r->log);
    }
    for (unsigned i = 0; i < r->added; i++)
        ck_assert_msg(r->done[i] == 1, "event %u was not finished with", i);
}

void rig_until_done(struct rig *r, unsigned n)
{
    for (unsigned i = 0; r->n_done < n; i++) {
        ck_assert_msg(i < TURNS_MAX, "no end:\n%s", r->log);
        ck_assert_msg(rig_turn(r) || r->n_done >= n, "stuck:\n%s", r->log);
    }
}

unsigned rig_logged(const struct rig *r, const char *text)
{
    unsigned n = 0;

    for (const char *p = r->log; (p = strstr(p, text)); p++)
        n++;
    return n;
}

const char *rig_dead(const struct rig *r)
{
    static char text[65536];
    char path[128];
    ssize_t n = 0;
    int fd;

    snprintf(path, sizeof(path), "%s/dead/0000000001.json", r->dir);
    fd = open(path, O_RDONLY);
    if (fd >= 0) {
        n = read(fd, text, sizeof(text) - 1);
        close(fd);
    }
    text[n > 0 ? n : 0] = '\0';
    return text;
}

/* -- servers and files --------------------------------------------------------------------------
 */

void rig_in_turn(void *ctx, size_t index, const struct httpd_request *r, struct httpd_answer *a)
{
    const struct rig_turns *turns = ctx;

    (void)r;
    if (index < turns->n)
        *a = turns->a[index];
}

void rig_gated(void *ctx, size_t index, const struct httpd_request *r, struct httpd_answer *a)
{
    const atomic_int *open = ctx;

    (void)index;
    (void)r;
    a->gate = !open || !atomic_load(open);
}

unsigned rig_count_events(const struct httpd_request *r)
{
    unsigned n = 0;

    for (const char *p = r->body; (p = strstr(p, "{\"n\":")); p++)
        n++;
    return n;
}

void rig_by_content(void *ctx, size_t index, const struct httpd_request *r, struct httpd_answer *a)
{
    const unsigned *most = ctx;

    (void)index;
    if (most && rig_count_events(r) > *most)
        a->status = 413;
    else if (strstr(r->body, "BAD")) {
        a->status = 400;
        a->body = "mapper_parsing_exception \"x\"";
    } else if (strstr(r->body, "POISON")) {
        a->status = 500;
        a->body = "json decoding failed";
    }
}

void rig_write_file(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
}

struct httpd *rig_serve(struct rig *r, int receiver, httpd_script script, void *ctx)
{
    struct httpd *h = httpd_new(script, ctx, NULL, NULL);

    rig_init(r, receiver);
    rig_url(r, httpd_port(h), "/events");
    return h;
}
