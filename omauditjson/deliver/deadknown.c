/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "deliver/deadknown.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/mem.h"
#include "deliver/deadletter_name.h"

#define SLOTS (UINT64_C(1) << 16) /* more than an event has records, or a run of lines */
#define PROBES 16
#define HEAD_TEXT "{\"key\":\""
#define HEAD (sizeof(HEAD_TEXT) - 1)
#define KEY_LEN (DEADLETTER_KEY_TEXT - 1)
#define BLOCK ((size_t)64 << 10)

struct deadknown_slot {
    struct deadletter_key key;
    uint64_t file; /* 0: free */
    uint64_t offset;
};

/* ---- keys ---- */

static struct deadletter_key make(const void *text, size_t len, uint64_t seed)
{
    XXH128_hash_t h = XXH3_128bits_withSeed(text, len, seed);
    struct deadletter_key k = {{h.high64, h.low64}};

    if (!deadletter_key_is_set(&k))
        k.words[0] = 1;
    return k;
}

struct deadletter_key deadletter_key_of_record(uint32_t seed, uint64_t seq, const char *line,
                                               size_t len)
{
    struct deadletter_key text = make(line, len, seed);
    uint64_t all[4] = {text.words[0], text.words[1], seq, seed};

    return make(all, sizeof(all), 0);
}

struct deadletter_key deadletter_key_of_event(const char *id)
{
    return make(id, strlen(id), 0);
}

void deadletter_key_text(const struct deadletter_key *k, char out[DEADLETTER_KEY_TEXT])
{
    snprintf(out, DEADLETTER_KEY_TEXT, "%016" PRIx64 "%016" PRIx64, k->words[0], k->words[1]);
}

bool deadletter_key_parse(const char *text, size_t len, struct deadletter_key *ret)
{
    static const char digits[] = "0123456789abcdef";

    *ret = (struct deadletter_key){{0, 0}};
    if (len != KEY_LEN)
        return false;
    for (size_t i = 0; i < KEY_LEN; i++) {
        const char *d = text[i] ? strchr(digits, text[i]) : NULL;

        if (!d)
            return false;
        ret->words[i / 16] = ret->words[i / 16] << 4 | (uint64_t)(d - digits);
    }
    return deadletter_key_is_set(ret);
}

/* ---- places ---- */

void deadknown_done(struct deadknown *k)
{
    free(k->slots);
    k->slots = NULL;
}

static struct deadknown_slot *slot_at(const struct deadknown *k, const struct deadletter_key *key,
                                      unsigned i)
{
    return &k->slots[(key->words[0] + i) % SLOTS];
}

static bool same(const struct deadletter_key *a, const struct deadletter_key *b)
{
    return a->words[0] == b->words[0] && a->words[1] == b->words[1];
}

static bool is_older(const struct deadknown_slot *a, const struct deadknown_slot *b)
{
    return a->file != b->file ? a->file < b->file : a->offset < b->offset;
}

void deadknown_note(struct deadknown *k, const struct deadletter_key *key, uint64_t file,
                    uint64_t offset)
{
    const struct deadknown_slot fresh = {*key, file, offset};
    struct deadknown_slot *oldest = NULL;

    if (!k->slots)
        k->slots = mem_calloc(SLOTS, sizeof(*k->slots));
    for (unsigned i = 0; i < PROBES; i++) {
        struct deadknown_slot *s = slot_at(k, key, i);

        if (s->file && same(&s->key, key)) {
            oldest = s; /* of two the younger counts: an older one has been taken out */
            break;
        }
        if (!oldest || is_older(s, oldest)) /* a free one is the oldest of all */
            oldest = s;
    }
    if (!is_older(&fresh, oldest))
        *oldest = fresh;
}

static bool stands_there(int dir_fd, const struct deadknown_slot *s)
{
    char name[DEADLETTER_NAME_SIZE], text[DEADLETTER_KEY_TEXT], there[HEAD + KEY_LEN];
    ssize_t n;
    int fd;

    deadletter_file_name(s->file, name);
    fd = openat(dir_fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0)
        return false;
    n = pread(fd, there, sizeof(there), (off_t)s->offset);
    close(fd);
    deadletter_key_text(&s->key, text);
    return n == (ssize_t)sizeof(there) && memcmp(there, HEAD_TEXT, HEAD) == 0 &&
           memcmp(there + HEAD, text, KEY_LEN) == 0;
}

bool deadknown_has(const struct deadknown *k, int dir_fd, const struct deadletter_key *key)
{
    if (!k->slots)
        return false;
    for (unsigned i = 0; i < PROBES; i++) {
        const struct deadknown_slot *s = slot_at(k, key, i);

        if (s->file && same(&s->key, key))
            return stands_there(dir_fd, s);
    }
    return false;
}

void deadknown_forget(struct deadknown *k, uint64_t file, uint64_t from)
{
    for (size_t i = 0; k->slots && i < SLOTS; i++)
        if (k->slots[i].file == file && k->slots[i].offset >= from)
            k->slots[i] = (struct deadknown_slot){.file = 0};
}

/* ---- what a former life wrote ---- */

struct reading {
    char head[HEAD + KEY_LEN]; /* of the line being processed */
    uint64_t len;
    char last;
    bool damaged; /* zeros in a block that never reached the disk: no line of ours has controls */
};

static long end_line(struct deadknown *k, const struct reading *r, uint64_t file, uint64_t offset)
{
    struct deadletter_key key;

    if (r->damaged || r->len <= sizeof(r->head) || r->last != '}' ||
        memcmp(r->head, HEAD_TEXT, HEAD) != 0 ||
        !deadletter_key_parse(r->head + HEAD, KEY_LEN, &key))
        return 0;
    deadknown_note(k, &key, file, offset);
    return 1;
}

long deadknown_read(struct deadknown *k, int dir_fd, uint64_t file)
{
    CLEANUP_FREE char *block = mem_alloc(BLOCK);
    char name[DEADLETTER_NAME_SIZE];
    struct reading line = {.len = 0};
    uint64_t start = 0, at = 0;
    struct stat st;
    long found = 0;
    ssize_t n;
    int fd;

    deadletter_file_name(file, name);
    fd = openat(dir_fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0)
        return -errno;
    if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
        close(fd);
        return 0;
    }
    while ((n = read(fd, block, BLOCK)) > 0) {
        for (ssize_t i = 0; i < n; i++) {
            unsigned char c = (unsigned char)block[i];

            at++;
            if (c == '\n') {
                found += end_line(k, &line, file, start);
                line = (struct reading){.len = 0};
                start = at;
                continue;
            }
            if (line.len < sizeof(line.head))
                line.head[line.len] = (char)c;
            line.len++;
            line.last = (char)c;
            line.damaged |= c < 0x20;
        }
    }
    if (n < 0)
        found = -errno;
    close(fd);
    return found;
}
