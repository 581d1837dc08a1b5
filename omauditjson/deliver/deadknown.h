/* SPDX-License-Identifier: Apache-2.0 */
/* Which dead letters are written already, by their key. Who is killed, or meets a full disk, among
 * several adds makes all of them again, and each is to stand there once. A bounded memory of places
 * in the files: an older place gives way to a younger one. Every yes is read back from the file,
 * for a command may have taken the entry out, and a sync that failed has cut it off. To have
 * forgotten costs a double, never an entry. Never logs. */
#ifndef OMAUDITJSON_DELIVER_DEADKNOWN_H
#define OMAUDITJSON_DELIVER_DEADKNOWN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What an entry is an entry of; all zero: nobody knows, and then it is added whenever it comes. */
struct deadletter_key {
    uint64_t words[2];
};

/* A record of the journal: seed is that of its segment, drawn at random, so that nobody can aim at
 * another record's key. */
struct deadletter_key deadletter_key_of_record(uint32_t seed, uint64_t seq, const char *line,
                                               size_t len);
/* An event that has a document: its id names it for good. */
struct deadletter_key deadletter_key_of_event(const char *id);

static inline bool deadletter_key_is_set(const struct deadletter_key *k)
{
    return (k->words[0] | k->words[1]) != 0;
}

#define DEADLETTER_KEY_TEXT 33
void deadletter_key_text(const struct deadletter_key *k, char out[DEADLETTER_KEY_TEXT]);
bool deadletter_key_parse(const char *text, size_t len, struct deadletter_key *ret);

struct deadknown_slot;
struct deadknown { /* zeroed memory is an empty one */
    struct deadknown_slot *slots;
};
void deadknown_done(struct deadknown *k);

/* It stands in that file of the folder, there. */
void deadknown_note(struct deadknown *k, const struct deadletter_key *key, uint64_t file,
                    uint64_t offset);
/* Does it stand in the folder, not taken out? */
bool deadknown_has(const struct deadknown *k, int dir_fd, const struct deadletter_key *key);
/* What stands in that file from there on is not to be counted on. */
void deadknown_forget(struct deadknown *k, uint64_t file, uint64_t from);

/* Note the whole entries of a file; half a line, or one that the disk has damaged, is none. Returns
 * how many have a key, or -errno. */
long deadknown_read(struct deadknown *k, int dir_fd, uint64_t file);

#endif
