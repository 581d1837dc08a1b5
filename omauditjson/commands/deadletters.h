/* SPDX-License-Identifier: Apache-2.0 */
/* The command `deadletter list|show|requeue|drop`: what lies in the dead letters, said, put back to
 * be sent again, or thrown away. Works beside a running program and without one. deadletters.c
 * chooses entries and says them; deadletters_once.c knows doubles; deadletters_requeue.c moves them
 * into state_dir/requeue, whence the program takes them (requeue.h). Run by root it works as the
 * owner of the state directory. */
#ifndef OMAUDITJSON_COMMANDS_DEADLETTERS_H
#define OMAUDITJSON_COMMANDS_DEADLETTERS_H

#include <stdbool.h>
#include <stddef.h>

#include "deliver/deadknown.h"
#include "deliver/deadread.h"

struct conf;

enum deadletters_exit {
    DEADLETTERS_EXIT_OK = 0,
    DEADLETTERS_EXIT_REFUSED = 1, /* some entries are not there, or can't be put back */
    DEADLETTERS_EXIT_USAGE = 64,
    DEADLETTERS_EXIT_STATE = 73, /* no state directory, or not ours */
    DEADLETTERS_EXIT_IO = 74,
    DEADLETTERS_EXIT_AGAIN = 75, /* another one is at work */
};

/* The command's own options. */
struct deadletters_options {
    bool all, yes;
    const char *reason; /* entries whose reason contains this */
    const char *since;  /* as given; entries of this time and later */
    const char *fault;  /* what is wrong with them; NULL: nothing */
};

/* Take these out of argv, for conf_load() knows none of them; only when the command is there. */
void deadletters_options(int *argc, char **argv, struct deadletters_options *ret);

/* args: ACTION [ID...]. Returns an exit code. */
int deadletters_run(const struct conf *conf, const struct deadletters_options *options,
                    char *const *args, int n_args);

/* ---- between the files */

/* The chosen things, by what they are. */
struct deadletters_thing;
struct deadletters_things {
    struct deadletters_thing *at;
    size_t n, cap;
};
enum deadletters_which {
    DEADLETTERS_NOT_CHOSEN,
    DEADLETTERS_FIRST,  /* of its entries */
    DEADLETTERS_DOUBLE, /* another one of something that was met */
};
/* False: an entry that is no other's double, whatever they hold. */
bool deadletters_identity(const struct deadread *entry, struct deadletter_key *ret);
void deadletters_choose(struct deadletters_things *t, const struct deadletter_key *key);
enum deadletters_which deadletters_meet(struct deadletters_things *t,
                                        const struct deadletter_key *key);
void deadletters_things_done(struct deadletters_things *t);

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

/* Counts in d. 0 or -errno. */
int deadletters_requeue(struct deadletters *d);

#endif
