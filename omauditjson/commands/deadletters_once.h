/* SPDX-License-Identifier: Apache-2.0 */
/* Each thing once: knows the entries of the dead letters that are doubles of each other. Private to
 * the command. */
#ifndef OMAUDITJSON_COMMANDS_DEADLETTERS_ONCE_H
#define OMAUDITJSON_COMMANDS_DEADLETTERS_ONCE_H

#include <stdbool.h>
#include <stddef.h>

#include "deliver/deadknown.h"
#include "deliver/deadread.h"

/* The chosen things, by what they are. Zeroed memory has none. */
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

#endif
