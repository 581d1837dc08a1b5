/* SPDX-License-Identifier: Apache-2.0 */
/* A folder, a script of what rsyslog says, and the program with shim.so in front of it: it plays
 * the script over as many lives as are needed, as omprog does: what got no answer is said again to
 * the next life. Owns the folder and the process; judges only the replies. */
#ifndef TESTS_FAULTS_STAGE_H
#define TESTS_FAULTS_STAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "child.h"

#define STAGE_ARGS 32
#define STAGE_WAIT_MS 20000 /* for a reply or an end that must come */

enum item_kind {
    ITEM_BEGIN,
    ITEM_COMMIT,
    ITEM_LINE,
    ITEM_HUP,
    ITEM_KILL, /* kill -9, and go on with a new process */
    ITEM_END,  /* end of input, wait for the exit, and go on with a new process */
    ITEM_CALL, /* the caller's function */
};

struct item {
    enum item_kind kind;
    char *text;
    bool inside; /* of a transaction */
};

struct script {
    struct item *items;
    size_t n, cap;
    bool inside;
    unsigned long serial; /* of the last event */
};

/* Append: a record of records.c's kinds, with the serial of the last event, or of a new one. */
void script_add(struct script *s, enum item_kind kind, const char *text);
void script_record(struct script *s, const char *kind, unsigned long serial);
void script_done(struct script *s);

enum play {
    PLAY_DONE,    /* every item was answered */
    PLAY_ENDED,   /* the process closed its stdout */
    PLAY_SILENT,  /* no reply came */
    PLAY_GARBAGE, /* what came is no reply, or not the right one: in stage.odd */
};

struct stage {
    char dir[128];
    char *argv[STAGE_ARGS + 1];
    size_t argc;
    struct child child;
    size_t at; /* the next item */
    char odd[256];
    void (*call)(void *ctx, const char *text); /* for ITEM_CALL */
    bool (*lost)(void *ctx);                   /* no reply in time: can there be none? NULL: yes */
    void *ctx;
    /* What the n-th reply of all lives said: lines answered by then, and lines that a COMMIT had
     * covered. */
    struct stage_reply {
        size_t lines, committed;
    } * replies;
    size_t n_replies, cap_replies;
    size_t lines, committed;
};

void stage_init(struct stage *s, const char *program);
void stage_arg(struct stage *s, const char *name, const char *value);
void stage_done(struct stage *s); /* and the folder */

/* "NAME" in the folder; valid until the fourth call from now. */
const char *stage_path(const struct stage *s, const char *name);

/* Start the program with the environment as it is. False: no process. */
bool stage_start(struct stage *s, const char *shim);

/* Take the first reply, then play from s->at on. silent_ms: how long to wait for a reply. */
enum play stage_play(struct stage *s, const struct script *script, const char *shim, int silent_ms);

/* End of input; its exit code, 1000 + signal, or -ETIMEDOUT. */
int stage_finish(struct stage *s, int timeout_ms);

/* Remove a folder with all that is in it. */
void stage_remove(const char *path);

/* A copy of a tree; the zeros of its files become holes. False: errno says why. */
bool stage_copy(const char *from, const char *to);

#endif
