/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "power.h"
#include "records.h"

#define SPEED "10"
#define BIG_LINE 500000

/* ---- a random script ------------------------------------------------------------------------- */

static void add_big(struct script *s, unsigned long serial)
{
    struct buf line = BUF_INIT(BIG_LINE + 1000);

    records_put(&line, "login", serial);
    buf_append_str(&line, " text=");
    for (unsigned i = 0; i < BIG_LINE; i++)
        buf_append_char(&line, (char)('a' + (serial + i * 7) % 26));
    script_add(s, ITEM_LINE, buf_cstr(&line));
    buf_done(&line);
}

static void add_line(struct script *s, uint64_t *random, bool big)
{
    static const char *const inner[] = {"syscall", "execve", "cwd", "path"};
    char text[64];
    uint64_t what = model_below(random, 20);
    /* Most often the last event or the one before it goes on. */
    unsigned long serial = s->serial > 2 ? s->serial - (model_below(random, 4) == 0) : s->serial;

    if (s->serial == 0 || what < 5) {
        script_record(s, inner[0], ++s->serial);
    } else if (what < 8) {
        script_record(s, "login", ++s->serial);
    } else if (what < 13) {
        script_record(s, inner[1 + what % 3], serial);
    } else if (what < 16) {
        script_record(s, "proctitle", serial);
    } else if (what < 17) {
        script_record(s, "eoe", serial);
    } else if (what < 18) {
        snprintf(text, sizeof(text), "no record, number %zu", s->n);
        script_add(s, ITEM_LINE, text);
    } else if (big) {
        add_big(s, ++s->serial);
    } else if (s->n && s->items[s->n - 1].kind == ITEM_LINE &&
               strncmp(s->items[s->n - 1].text, "type=", 5) == 0) {
        script_add(s, ITEM_LINE, s->items[s->n - 1].text); /* again */
    }
}

static void write_script(struct script *s, uint64_t *random)
{
    bool big = model_below(random, 3) == 0;
    size_t items = 40 + model_below(random, 80);

    s->serial = 0;
    while (s->n < items) {
        uint64_t what = model_below(random, 24);

        if (what < 8) {
            script_add(s, ITEM_BEGIN, NULL);
            for (uint64_t n = 1 + model_below(random, 8); n; n--) {
                add_line(s, random, big);
                if (model_below(random, 40) == 0)
                    script_add(s, ITEM_KILL, NULL);
            }
            script_add(s, ITEM_COMMIT, NULL);
        } else if (what < 18) {
            add_line(s, random, big);
        } else if (what < 20) {
            script_add(s, ITEM_CALL, NULL); /* the receiver goes, or comes back */
        } else if (what < 21) {
            script_add(s, ITEM_KILL, NULL);
        } else if (what < 22) {
            script_add(s, ITEM_END, NULL);
        } else if (what < 23) {
            script_add(s, ITEM_HUP, NULL);
        }
    }
}

/* ---- the recording --------------------------------------------------------------------------- */

static void receiver_turns(void *ctx, const char *text)
{
    struct session *ss = ctx;
    const char *up = stage_path(&ss->s, "root/sink"), *down = stage_path(&ss->s, "root/off");

    (void)text;
    if (rename(ss->down ? down : up, ss->down ? up : down) == 0)
        ss->down = !ss->down;
}

static bool read_trace(struct session *ss)
{
    struct trace_op op;
    const char *path, *path2, *data;
    struct stat st;
    size_t at = 0;
    int fd = open(stage_path(&ss->s, "trace"), O_RDONLY | O_CLOEXEC);
    bool good = fd >= 0 && fstat(fd, &st) == 0;

    if (good) {
        ss->trace_len = (size_t)st.st_size;
        ss->trace = mem_alloc(ss->trace_len + 1);
        for (size_t got = 0; good && got < ss->trace_len;) {
            ssize_t n = read(fd, ss->trace + got, ss->trace_len - got);

            good = n > 0;
            got += good ? (size_t)n : 0;
        }
    }
    if (fd >= 0)
        close(fd);
    while (good && session_next(ss, &at, &op, &path, &path2, &data))
        ss->n_ops++;
    return good;
}

bool session_next(const struct session *ss, size_t *at, struct trace_op *op, const char **path,
                  const char **path2, const char **data)
{
    if (ss->trace_len - *at < sizeof(*op))
        return false;
    memcpy(op, ss->trace + *at, sizeof(*op));
    *at += sizeof(*op);
    *path = ss->trace + *at;
    *path2 = *path + op->path_len;
    *data = *path2 + op->path2_len;
    *at += (size_t)op->path_len + op->path2_len + op->data_len;
    return *at <= ss->trace_len;
}

static bool write_conf(const struct session *ss, const char *name, const char *sink, bool after)
{
    FILE *f = fopen(stage_path(&ss->s, name), "we");

    if (!f)
        return false;
    fprintf(f,
            "receiver = file\nurl = file://%s/%s/out.json\nsync = %s\nbatch_age = 20ms\n"
            "retry_max = 1s\nend_of_event_timeout = 300ms\nshutdown_timeout = %s\n",
            ss->s.dir, sink, ss->always ? "always" : "commit", after ? "5m" : "1s");
    return fclose(f) == 0;
}

bool session_record(struct session *ss, const char *program, const char *builddir, uint64_t seed)
{
    uint64_t random = seed;
    enum play p;
    int code;

    *ss = (struct session){.always = model_below(&random, 3) == 0};
    snprintf(ss->shim, sizeof(ss->shim), "%s/tests/faults/shim.so", builddir);
    write_script(&ss->script, &random);
    stage_init(&ss->s, program);
    ss->s.call = receiver_turns;
    ss->s.ctx = ss;
    stage_arg(&ss->s, "--config", stage_path(&ss->s, "conf"));
    stage_arg(&ss->s, "--state-dir", stage_path(&ss->s, "root/state"));
    stage_arg(&ss->s, "--log", stage_path(&ss->s, "log"));
    stage_arg(&ss->s, "--hostname", "host");
    if (mkdir(stage_path(&ss->s, "root"), 0700) < 0 ||
        mkdir(stage_path(&ss->s, "root/sink"), 0700) < 0 ||
        !write_conf(ss, "conf", "root/sink", false) ||
        !write_conf(ss, "conf-after", "after", true)) {
        perror(ss->s.dir);
        return false;
    }
    setenv("OAJ_SPEED", SPEED, 1);
    setenv("OAJ_TRACE", stage_path(&ss->s, "trace"), 1);
    setenv("OAJ_ROOT", stage_path(&ss->s, "root"), 1);
    p = stage_start(&ss->s, ss->shim) ? stage_play(&ss->s, &ss->script, ss->shim, STAGE_WAIT_MS)
                                      : PLAY_ENDED;
    code = p == PLAY_DONE ? stage_finish(&ss->s, STAGE_WAIT_MS) : 0;
    unsetenv("OAJ_TRACE");
    unsetenv("OAJ_ROOT");
    if (p != PLAY_DONE || code != 0) {
        printf("seed %llu: the session itself fails at item %zu: play %d, exit %d %s\n",
               (unsigned long long)seed, ss->s.at, (int)p, code, ss->s.odd);
        return false;
    }
    return read_trace(ss);
}

void session_done(struct session *ss)
{
    free(ss->trace);
    script_done(&ss->script);
    stage_done(&ss->s);
}
