/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "commands/deadletters_choose.h"

#include <stdio.h>
#include <string.h>

struct choosing {
    struct deadletters *d;
    deadread_each each, doubles;
    void *ctx;
};

static bool is_chosen(struct deadletters *d, const struct deadread_place *place,
                      const struct deadread *entry)
{
    bool named = d->n_ids == 0;

    for (size_t i = 0; i < d->n_ids; i++)
        if (d->ids[i].file == place->file && d->ids[i].number == place->number)
            named = d->ids[i].found = true;
    return named &&
           !(d->options->reason && !(entry && strstr(entry->reason, d->options->reason))) &&
           !(d->options->since &&
             !(entry && strncmp(entry->time, d->since, strlen(d->since)) >= 0));
}

static int choose(void *ctx, const struct deadread_place *place, const char *line,
                  const struct deadread *entry)
{
    struct deadletters *d = ctx;
    struct deadletter_key key;

    (void)line;
    if (is_chosen(d, place, entry) && deadletters_identity(entry, &key))
        deadletters_choose(&d->things, &key);
    return 0;
}

static int visit_entry(void *ctx, const struct deadread_place *place, const char *line,
                       const struct deadread *entry)
{
    struct choosing *c = ctx;
    struct deadletter_key key;

    if (!deadletters_identity(entry, &key))
        return is_chosen(c->d, place, entry) ? c->each(c->ctx, place, line, entry) : 0;
    switch (deadletters_meet(&c->d->things, &key)) {
    case DEADLETTERS_FIRST:
        return c->each(c->ctx, place, line, entry);
    case DEADLETTERS_DOUBLE:
        return c->doubles ? c->doubles(c->ctx, place, line, entry) : 0;
    case DEADLETTERS_NOT_CHOSEN:
        break;
    }
    return 0;
}

int deadletters_walk(struct deadletters *d, deadread_each each, deadread_each doubles, void *ctx)
{
    struct choosing c = {d, each, doubles, ctx};
    int r = deadread_walk(d->dead_fd, choose, d);

    if (r == 0)
        r = deadread_walk(d->dead_fd, visit_entry, &c);
    deadletters_things_done(&d->things);
    return r;
}

void deadletters_refuse(struct deadletters *d, const struct deadread_place *place, const char *why)
{
    fprintf(stderr, "omauditjson: %llu.%llu: %s\n", (unsigned long long)place->file,
            (unsigned long long)place->number, why);
    d->n_refused++;
}
