/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "deliver/deadread.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "deliver/deadletter_name.h"

/* ---- one entry --------------------------------------------------------------------------------
 */

static const char *member(struct json_object *o, const char *key, size_t *len)
{
    struct json_object *v;

    if (!json_object_object_get_ex(o, key, &v) || !json_object_is_type(v, json_type_string))
        return NULL;
    if (len)
        *len = (size_t)json_object_get_string_len(v);
    return json_object_get_string(v);
}

static size_t decode_base64(const char *text, size_t len, char *out)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    uint32_t bits = 0;
    unsigned have = 0;
    size_t n = 0;

    for (size_t i = 0; i < len && text[i] != '='; i++) {
        const char *d = memchr(digits, text[i], sizeof(digits) - 1);

        if (!d)
            return 0;
        bits = bits << 6 | (uint32_t)(d - digits);
        have += 6;
        if (have >= 8) {
            have -= 8;
            out[n++] = (char)(bits >> have);
        }
    }
    return n;
}

/* Behind a string that begins at p. */
static const char *skip_string(const char *p, const char *end)
{
    for (p++; p < end && *p != '"'; p++)
        p += *p == '\\';
    return p < end ? p + 1 : end;
}

/* The bytes of "event", which deadletter_add() writes last; NULL: there is none. */
static const char *event_bytes(const char *line, size_t len, size_t *ret)
{
    static const char key[] = "\"event\":";
    const char *p = line + 1, *end = line + len;

    while (p < end && *p == '"') {
        if ((size_t)(end - p) > sizeof(key) && memcmp(p, key, sizeof(key) - 1) == 0) {
            p += sizeof(key) - 1;
            *ret = (size_t)(end - 1 - p); /* without the last brace */
            return p;
        }
        p = skip_string(p, end) + 1; /* the key and its colon */
        if (p < end && *p == '"')
            p = skip_string(p, end);
        while (p < end && *p != ',')
            p++;
        p++;
    }
    return NULL;
}

int deadread_parse(const char *line, size_t len, struct deadread *ret)
{
    struct json_tokener *t = len <= INT_MAX ? json_tokener_new_ex(64) : NULL;
    struct json_object *o;
    const char *base64;
    size_t n;

    *ret = (struct deadread){.json = NULL};
    if (!t)
        return -EBADMSG;
    o = json_tokener_parse_ex(t, line, (int)len);
    if (json_tokener_get_error(t) != json_tokener_success || json_tokener_get_parse_end(t) != len ||
        !json_object_is_type(o, json_type_object)) {
        json_object_put(o);
        json_tokener_free(t);
        return -EBADMSG;
    }
    json_tokener_free(t);
    ret->json = o;
    ret->time = member(o, "time", NULL);
    ret->reason = member(o, "reason", NULL);
    ret->id = member(o, "id", NULL);
    ret->text = event_bytes(line, len, &ret->text_len);
    if (!ret->text)
        ret->text = member(o, "line", &ret->text_len);
    if (!ret->text && (base64 = member(o, "line_base64", &n))) {
        ret->text = ret->decoded = mem_alloc(n + 1);
        ret->text_len = decode_base64(base64, n, ret->decoded);
    }
    ret->is_document = ret->id != NULL;
    if (ret->time && ret->reason && ret->text)
        return 0;
    deadread_done(ret);
    return -EBADMSG;
}

const char *deadread_key(const struct deadread *d)
{
    return member(d->json, "key", NULL);
}

void deadread_done(struct deadread *d)
{
    json_object_put(d->json);
    free(d->decoded);
    *d = (struct deadread){.json = NULL};
}

/* ---- the folder -------------------------------------------------------------------------------
 */

static int by_number(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return x < y ? -1 : x > y;
}

/* The files' numbers in order; caller frees. */
static int list_files(int dir_fd, uint64_t **ret, size_t *n)
{
    int fd = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    const struct dirent *de;
    size_t cap = 0;

    *ret = NULL;
    *n = 0;
    if (!dir) {
        int r = -errno;

        if (fd >= 0)
            close(fd);
        return r;
    }
    while ((de = readdir(dir))) {
        uint64_t number = deadletter_file_number(de->d_name);

        if (number == 0)
            continue;
        if (*n == cap) {
            cap = cap ? cap * 2 : 16;
            *ret = mem_realloc_array(*ret, cap, sizeof(**ret));
        }
        (*ret)[(*n)++] = number;
    }
    closedir(dir);
    if (*n)
        qsort(*ret, *n, sizeof(**ret), by_number);
    return 0;
}

static int open_file(int dir_fd, uint64_t number, int flags)
{
    char name[DEADLETTER_NAME_SIZE];
    struct stat st;
    int fd;

    deadletter_file_name(number, name);
    fd = openat(dir_fd, name, flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0)
        return -errno;
    if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
        close(fd);
        return -EINVAL;
    }
    return fd;
}

static int walk_file(int dir_fd, uint64_t number, deadread_each each, void *ctx)
{
    struct deadread_place place = {.file = number};
    int r = 0, fd = open_file(dir_fd, number, O_RDONLY);
    FILE *f = fd < 0 ? NULL : fdopen(fd, "r");
    char *line = NULL;
    size_t cap = 0;
    ssize_t n;

    if (!f) {
        r = fd < 0 ? fd : -errno;
        if (fd >= 0)
            close(fd);
        return r == -ENOENT ? 0 : r; /* the program made room meanwhile */
    }
    while (r == 0 && (n = getline(&line, &cap, f)) > 0 && line[n - 1] == '\n') {
        struct deadread entry;
        bool good;

        line[n - 1] = '\0';
        place.number++;
        place.len = (size_t)n - 1;
        if (line[0] != ' ') {
            good = deadread_parse(line, place.len, &entry) == 0;
            r = each(ctx, &place, line, good ? &entry : NULL);
            if (good)
                deadread_done(&entry);
        }
        place.offset += n;
    }
    if (r == 0 && ferror(f))
        r = -EIO;
    free(line);
    fclose(f);
    return r;
}

int deadread_walk(int dir_fd, deadread_each each, void *ctx)
{
    uint64_t *files;
    size_t n;
    int r = list_files(dir_fd, &files, &n);

    for (size_t i = 0; i < n && r == 0; i++)
        r = walk_file(dir_fd, files[i], each, ctx);
    free(files);
    return r;
}

/* ---- taking out -------------------------------------------------------------------------------
 */

/* The program may have cut the file in between (a sync that failed): never write behind its end. */
static int blank_first(int fd, const struct deadread_place *p)
{
    char c;
    ssize_t n = pread(fd, &c, 1, p->offset);

    if (n == 1 && c == '{')
        n = pwrite(fd, " ", 1, p->offset);
    return n < 0 ? -errno : 0;
}

static int blank_rest(int fd, const struct deadread_place *p)
{
    static const char blanks[4096] = {[0 ... 4095] = ' '};
    off_t at = p->offset, end = at + (off_t)p->len;
    char c;

    if (pread(fd, &c, 1, at) != 1 || c != ' ')
        return 0;
    while (at < end) {
        size_t want = end - at < (off_t)sizeof(blanks) ? (size_t)(end - at) : sizeof(blanks);
        ssize_t n = pwrite(fd, blanks, want, at);

        if (n < 0)
            return -errno;
        at += n;
    }
    return 0;
}

static int found_one(void *ctx, const struct deadread_place *place, const char *line,
                     const struct deadread *entry)
{
    (void)ctx;
    (void)place;
    (void)line;
    (void)entry;
    return 1;
}

static int take_out_of(int dir_fd, const struct deadread_place *places, size_t n)
{
    int r = 0, fd = open_file(dir_fd, places[0].file, O_RDWR);

    if (fd < 0)
        return fd == -ENOENT ? 0 : fd;
    for (size_t i = 0; i < n && r == 0; i++)
        r = blank_first(fd, &places[i]);
    if (r == 0 && fdatasync(fd) < 0)
        r = -errno;
    for (size_t i = 0; i < n && r == 0; i++)
        r = blank_rest(fd, &places[i]);
    if (r == 0 && fdatasync(fd) < 0)
        r = -errno;
    close(fd);
    return r;
}

int deadread_take_out(int dir_fd, const struct deadread_place *places, size_t n)
{
    char name[DEADLETTER_NAME_SIZE];
    size_t n_files = 0, end;
    uint64_t *files = NULL;
    int r = 0;

    for (size_t i = 0; i < n && r == 0; i = end) {
        for (end = i + 1; end < n && places[end].file == places[i].file; end++)
            ;
        r = take_out_of(dir_fd, places + i, end - i);
    }
    if (r == 0)
        r = list_files(dir_fd, &files, &n_files);
    if (r < 0)
        return r;
    for (size_t i = 0; i + 1 < n_files && r == 0; i++) {
        if (walk_file(dir_fd, files[i], found_one, NULL) != 0)
            continue;
        deadletter_file_name(files[i], name);
        if (unlinkat(dir_fd, name, 0) < 0 && errno != ENOENT)
            r = -errno;
    }
    free(files);
    return r == 0 && fsync(dir_fd) < 0 ? -errno : r;
}
