/* SPDX-License-Identifier: Apache-2.0 */
/* Each thing once. A dead letter has a key of the record or event it is; entries with one key are
 * doubles: of a life that was killed while it wrote (older versions wrote all of them again),
 * or of a sync that failed. The first one counts, the others share its fate. Entries of those
 * versions have no key: a document is known by its id, a record by its text; two records of one
 * event that are equal count as one then. A line that is no record is always its own. */
#include "config.h"
#include "commands/deadletters_once.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

struct deadletters_thing {
    struct deadletter_key key;
    bool met; /* its first entry was handed on */
};

bool deadletters_identity(const struct deadread *entry, struct deadletter_key *ret)
{
    static const char stamp[] = "audit(";
    const char *key;

    if (!entry)
        return false;
    key = deadread_key(entry);
    if (key && deadletter_key_parse(key, strlen(key), ret))
        return true;
    if (entry->is_document)
        *ret = deadletter_key_of_event(entry->id);
    else if (memmem(entry->text, entry->text_len, stamp, sizeof(stamp) - 1))
        *ret = deadletter_key_of_record(0, 0, entry->text, entry->text_len);
    else
        return false;
    return true;
}

/* The key's place, or the free one where it belongs. */
static struct deadletters_thing *place(const struct deadletters_things *t,
                                       const struct deadletter_key *key)
{
    size_t i = key->words[0] & (t->cap - 1);

    while (deadletter_key_is_set(&t->at[i].key) && memcmp(&t->at[i].key, key, sizeof(*key)) != 0)
        i = (i + 1) & (t->cap - 1);
    return &t->at[i];
}

static void grow(struct deadletters_things *t)
{
    struct deadletters_things old = *t;

    t->cap = old.cap ? old.cap * 2 : 256;
    t->at = mem_calloc(t->cap, sizeof(*t->at));
    for (size_t i = 0; i < old.cap; i++)
        if (deadletter_key_is_set(&old.at[i].key))
            *place(t, &old.at[i].key) = old.at[i];
    free(old.at);
}

void deadletters_choose(struct deadletters_things *t, const struct deadletter_key *key)
{
    struct deadletters_thing *thing;

    if (t->n >= t->cap / 2)
        grow(t);
    thing = place(t, key);
    t->n += !deadletter_key_is_set(&thing->key);
    thing->key = *key;
}

enum deadletters_which deadletters_meet(struct deadletters_things *t,
                                        const struct deadletter_key *key)
{
    struct deadletters_thing *thing = t->cap ? place(t, key) : NULL;
    bool met;

    if (!thing || !deadletter_key_is_set(&thing->key))
        return DEADLETTERS_NOT_CHOSEN;
    met = thing->met;
    thing->met = true;
    return met ? DEADLETTERS_DOUBLE : DEADLETTERS_FIRST;
}

void deadletters_things_done(struct deadletters_things *t)
{
    free(t->at);
    *t = (struct deadletters_things){.at = NULL};
}
