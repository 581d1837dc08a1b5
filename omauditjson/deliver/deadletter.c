/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "deliver/deadletter.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "deliver/deadletter_name.h"
#include "deliver/jsontext.h"
#include "deliver/transport/text.h"

#define RECALL_MAX 65536 /* entries; a file is read to its end */
#define RECALL_FILES 64  /* some of these numbers may be gone */

struct deadletter {
    char *dir;
    int dir_fd;
    int fd;               /* the newest file, or -1: the next entry starts one */
    size_t size;          /* of that file */
    size_t synced;        /* as much of it as was synced */
    bool torn;            /* it ends in half a line: the next entry starts another file */
    bool dir_dirty;       /* a file was made or removed and the folder is not synced */
    uint64_t first, last; /* numbers of the oldest and the newest file; 0: none yet */
    unsigned n_files;
    size_t file_bytes;
    unsigned max_files;
    bool hold; /* deadletter_set_hold() */
    struct deadletter_counts counts;
    uint64_t losses;
    struct buf line;
    struct deadknown known;
};

static int find_files(struct deadletter *dl)
{
    int fd = openat(dl->dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    const struct dirent *de;

    if (!dir) {
        int r = -errno;

        if (fd >= 0)
            close(fd);
        return r;
    }
    dl->first = 0;
    dl->n_files = 0;
    while ((de = readdir(dir))) {
        uint64_t n = deadletter_file_number(de->d_name);

        if (n == 0)
            continue;
        dl->n_files++;
        if (dl->first == 0 || n < dl->first)
            dl->first = n;
        if (n > dl->last)
            dl->last = n;
    }
    closedir(dir);
    return 0;
}

/* Go on with the newest file when it ends in a whole line; a torn one is left as it is. */
static int open_last(struct deadletter *dl)
{
    char name[DEADLETTER_NAME_SIZE], c = '\n';
    struct stat st;
    int fd;

    if (dl->last == 0)
        return 0;
    deadletter_file_name(dl->last, name);
    fd = openat(dl->dir_fd, name, O_RDWR | O_APPEND | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return -errno;
    if (fstat(fd, &st) == 0 && !S_ISREG(st.st_mode)) { /* a pipe: the next number is a file */
        close(fd);
        return 0;
    }
    if (fstat(fd, &st) < 0 || (st.st_size > 0 && pread(fd, &c, 1, st.st_size - 1) != 1)) {
        int r = errno ? -errno : -EIO;

        close(fd);
        return r;
    }
    if (c != '\n') {
        close(fd);
        return 0;
    }
    dl->fd = fd;
    dl->size = dl->synced = (size_t)st.st_size;
    dl->dir_dirty = true; /* who made the file may have been killed before it synced the folder */
    return 0;
}

int deadletter_new(const char *dir, size_t file_bytes, unsigned max_files, struct deadletter **ret)
{
    struct deadletter *dl;
    int r;

    if (mkdir(dir, 0700) < 0 && errno != EEXIST)
        return -errno;
    dl = mem_calloc(1, sizeof(*dl));
    dl->fd = -1;
    dl->dir = mem_strdup(dir);
    dl->file_bytes = file_bytes;
    dl->max_files = max_files ? max_files : 1;
    buf_init(&dl->line, SIZE_MAX / 4); /* an entry is as long as what the caller has in memory */
    /* Its name has one part below the state directory: that can be no link to elsewhere. */
    dl->dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    r = dl->dir_fd < 0 ? -errno : find_files(dl);
    if (r == 0)
        r = open_last(dl);
    if (r < 0) {
        deadletter_free(dl);
        return r;
    }
    *ret = dl;
    return 0;
}

void deadletter_free(struct deadletter *dl)
{
    if (!dl)
        return;
    if (dl->fd >= 0)
        close(dl->fd);
    if (dl->dir_fd >= 0)
        close(dl->dir_fd);
    buf_done(&dl->line);
    deadknown_done(&dl->known);
    free(dl->dir);
    free(dl);
}

static bool is_utf8(const char *s, size_t n)
{
    for (size_t i = 0, len; i < n; i += len)
        if ((len = text_utf8_len(s + i, n - i)) == 0)
            return false;
    return true;
}

/* ,"key":"text" with what is no UTF-8 as U+FFFD. */
static void put_string(struct buf *b, const char *key, const char *s, size_t n)
{
    buf_printf(b, "%s\"%s\":\"", b->len > 1 ? "," : "", key);
    for (size_t i = 0; i < n;) {
        size_t len = text_utf8_len(s + i, n - i);
        unsigned char c = (unsigned char)s[i];

        if (len == 0)
            buf_append_str(b, "\\ufffd");
        else if (c == '"' || c == '\\')
            buf_printf(b, "\\%c", c);
        else if (c < 0x20 || c == 0x7f)
            buf_printf(b, "\\u%04x", c);
        else
            buf_append(b, s + i, len);
        i += len ? len : 1;
    }
    buf_append_char(b, '"');
}

static void put_base64(struct buf *b, const char *key, const char *s, size_t n)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const unsigned char *p = (const unsigned char *)s;

    buf_printf(b, ",\"%s\":\"", key);
    for (size_t i = 0; i < n; i += 3) {
        unsigned v = (unsigned)p[i] << 16 | (i + 1 < n ? (unsigned)p[i + 1] << 8 : 0) |
                     (i + 2 < n ? p[i + 2] : 0);
        char four[4] = {digits[v >> 18], digits[v >> 12 & 63], digits[v >> 6 & 63], digits[v & 63]};

        if (i + 1 >= n)
            four[2] = '=';
        if (i + 2 >= n)
            four[3] = '=';
        buf_append(b, four, 4);
    }
    buf_append_char(b, '"');
}

void deadletter_write(struct buf *b, const struct deadletter_entry *e)
{
    const char *line = e->doc ? e->doc : e->line;
    size_t line_len = e->doc ? e->doc_len : e->line_len;
    char stamp[CLOCK_STAMP_SIZE];
    size_t n = clock_stamp(clock_wall_s(), 0, stamp);

    buf_reset(b, (size_t)64 * 1024);
    buf_append_char(b, '{');
    if (deadletter_key_is_set(&e->key)) {
        char key[DEADLETTER_KEY_TEXT];

        deadletter_key_text(&e->key, key);
        put_string(b, "key", key, sizeof(key) - 1); /* the first: deadknown.c looks for it there */
    }
    put_string(b, "time", stamp, n);
    put_string(b, "reason", e->reason, strlen(e->reason));
    if (e->id)
        put_string(b, "id", e->id, strlen(e->id));
    if (e->status)
        buf_printf(b, ",\"status\":%ld", e->status);
    if (e->answer)
        put_string(b, "answer", e->answer, e->answer_len);
    if (e->doc && !memchr(e->doc, '\n', e->doc_len) && jsontext_is_valid(e->doc, e->doc_len)) {
        buf_append_str(b, ",\"event\":");
        buf_append(b, e->doc, e->doc_len);
    } else if (line && is_utf8(line, line_len)) {
        put_string(b, "line", line, line_len);
    } else if (line) {
        put_base64(b, "line_base64", line, line_len);
    }
    buf_append_str(b, "}\n");
}

/* Entries; those that were taken out (deadread.h) begin with a blank. */
static uint64_t count_entries(int dir_fd, const char *name)
{
    int fd = openat(dir_fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    uint64_t lines = 0;
    char block[16384], last = '\n';
    ssize_t n;

    if (fd < 0)
        return 0;
    while ((n = read(fd, block, sizeof(block))) > 0)
        for (ssize_t i = 0; i < n; last = block[i++])
            lines += last == '\n' && block[i] != ' ';
    close(fd);
    return lines;
}

/* Remove the oldest files until one more is within the bound; to hold, only those in which nothing
 * is left. */
static int make_room(struct deadletter *dl)
{
    char name[DEADLETTER_NAME_SIZE];
    uint64_t lines;
    int r;

    while ((r = find_files(dl)) == 0 && dl->n_files >= dl->max_files) {
        deadletter_file_name(dl->first, name);
        lines = count_entries(dl->dir_fd, name);
        if (lines > 0 && dl->hold) {
            dl->counts.held++;
            return ERR_DEAD_FULL;
        }
        if (unlinkat(dl->dir_fd, name, 0) < 0)
            return -errno;
        dl->counts.dropped_files++;
        dl->counts.dropped_entries += lines;
        dl->dir_dirty = true;
        if (lines == 0)
            continue;
        log_error("dead letters: %s has reached deadletter_bytes; %s with %" PRIu64
                  " entries was dropped to make room (deadletter_full = drop)",
                  dl->dir, name, lines);
    }
    return r;
}

/* Begin another file; what the last one holds must be on the disk first. */
static int start_file(struct deadletter *dl)
{
    char name[DEADLETTER_NAME_SIZE];
    int r, fd;

    r = deadletter_sync(dl);
    if (r == 0)
        r = make_room(dl);
    if (r < 0)
        return r;
    deadletter_file_name(dl->last + 1, name);
    fd = openat(dl->dir_fd, name, O_RDWR | O_APPEND | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return -errno;
    if (dl->fd >= 0)
        close(dl->fd);
    dl->last++;
    dl->fd = fd;
    dl->size = dl->synced = 0;
    dl->torn = false;
    dl->dir_dirty = true;
    return 0;
}

int deadletter_add(struct deadletter *dl, const struct deadletter_entry *e)
{
    bool keyed = deadletter_key_is_set(&e->key);
    ssize_t n;
    int r;

    if (keyed && deadknown_has(&dl->known, dl->dir_fd, &e->key))
        return 0;
    deadletter_write(&dl->line, e);
    if (dl->fd < 0 || dl->torn || (dl->size > 0 && dl->size + dl->line.len > dl->file_bytes)) {
        r = start_file(dl);
        if (r < 0)
            return r;
    }
    n = write(dl->fd, dl->line.data, dl->line.len);
    if (n == (ssize_t)dl->line.len) {
        if (keyed)
            deadknown_note(&dl->known, &e->key, dl->last, dl->size);
        dl->size += dl->line.len;
        dl->counts.added++;
        return 0;
    }
    r = n < 0 ? -errno : -ENOSPC;
    if (n > 0 && ftruncate(dl->fd, (off_t)dl->size) < 0)
        dl->torn = true;
    return r;
}

/* The older files were synced before the newest was begun; that one perhaps never. */
static int sync_former(struct deadletter *dl)
{
    char name[DEADLETTER_NAME_SIZE];
    int fd, r;

    deadletter_file_name(dl->last, name);
    fd = openat(dl->dir_fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0)
        return -errno;
    r = fdatasync(fd) < 0 ? -errno : 0;
    close(fd);
    if (r == 0 && fsync(dl->dir_fd) < 0)
        r = -errno;
    return r;
}

int deadletter_recall(struct deadletter *dl)
{
    uint64_t file = dl->last;
    long found = 0;
    int r = 0;

    for (unsigned i = 0; i < RECALL_FILES && file >= dl->first && file && found < RECALL_MAX; i++) {
        long n = deadknown_read(&dl->known, dl->dir_fd, file--);

        found += n > 0 ? n : 0; /* a file that can't be read may be written again */
    }
    if (found)
        r = sync_former(dl);
    if (r < 0)
        deadknown_done(&dl->known);
    return r;
}

int deadletter_sync(struct deadletter *dl)
{
    if (dl->fd >= 0 && dl->size > dl->synced) {
        if (fdatasync(dl->fd) < 0) {
            int r = -errno;

            if (ftruncate(dl->fd, (off_t)dl->synced) < 0)
                dl->torn = true;
            deadknown_forget(&dl->known, dl->last, dl->synced);
            dl->size = dl->synced;
            dl->losses++;
            return r;
        }
        dl->synced = dl->size;
    }
    if (dl->dir_dirty && fsync(dl->dir_fd) < 0)
        return -errno;
    dl->dir_dirty = false;
    return 0;
}

void deadletter_set_hold(struct deadletter *dl, bool hold)
{
    dl->hold = hold;
}

uint64_t deadletter_losses(const struct deadletter *dl)
{
    return dl->losses;
}

struct deadletter_counts deadletter_counts(const struct deadletter *dl)
{
    return dl->counts;
}
