/* SPDX-License-Identifier: Apache-2.0 */
/* Which entries of the dead letters a command is about: those that are named, or all that the
 * options let through, and with each the doubles of it. Private to the command. */
#ifndef OMAUDITJSON_COMMANDS_DEADLETTERS_CHOOSE_H
#define OMAUDITJSON_COMMANDS_DEADLETTERS_CHOOSE_H

#include <stdbool.h>
#include <stddef.h>

#include "commands/deadletters_once.h"
#include "deliver/deadread.h"

struct conf;

/* The command's own options. */
struct deadletters_options {
    bool all, yes;
    const char *reason; /* entries whose reason contains this */
    const char *since;  /* as given; entries of this time and later */
    const char *fault;  /* what is wrong with them; NULL: nothing */
};

struct deadletters {
    const struct conf *conf;
    const struct deadletters_options *options;
    int state_fd, dead_fd;
    char since[32]; /* options->since as an entry's time is written, or its beginning */
    struct deadletters_id {
        unsigned long long file, number;
        bool found;
    } * ids;
    size_t n_ids;
    size_t n_done, n_refused;
    struct deadletters_things things;
};

/* deadread_walk() over what was chosen: each() gets the first entry of a thing, doubles() (may be
 * NULL) the others. */
int deadletters_walk(struct deadletters *d, deadread_each each, deadread_each doubles, void *ctx);

/* To standard error, with the entry's name. */
void deadletters_refuse(struct deadletters *d, const struct deadread_place *place, const char *why);

#endif
