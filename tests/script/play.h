/* SPDX-License-Identifier: Apache-2.0 */
/* A transcript that is being played: what talk.c (reading the file, sending, expecting) and
 * commands.c (everything that begins with !) share. The first failure ends the transcript. */
#ifndef TESTS_SCRIPT_PLAY_H
#define TESTS_SCRIPT_PLAY_H

#include <stdbool.h>

#include "base/buf.h"
#include "child.h"
#include "scene.h"

#define PLAY_CHILDREN 2
#define PLAY_LINE_MAX ((size_t)4 << 20)

struct play {
    const char *file;
    unsigned line;
    struct scene scene;
    struct child child[PLAY_CHILDREN];
    struct child *now;  /* the one that is talked to */
    char options[2048]; /* of the starts that follow */
    struct buf out;     /* a line to be sent */
    size_t logins;      /* sent by !logins so far */
    bool failed;
};

/* Say what is wrong, with file and line. */
void play_fail(struct play *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Text for messages; valid until the next call. */
const char *play_answer_text(enum child_answer answer, const char *text);

/* Run "COMMAND ARGS". */
void play_command(struct play *p, const char *line);

#endif
