/* SPDX-License-Identifier: Apache-2.0 */
/* Dead letters, read: the entries of the folder that deliver/deadletter.h writes, one after the
 * other, with the very bytes of what was kept; and taken out again. An entry is named FILE.LINE.
 * One is taken out by writing a blank over its first byte, which is atomic and changes no offset,
 * so that the program may append to the same file meanwhile; its other bytes are blanked after
 * that. A line that begins with a blank is none. Two that take out must be kept apart by their
 * caller. */
#ifndef OMAUDITJSON_DELIVER_DEADREAD_H
#define OMAUDITJSON_DELIVER_DEADREAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct json_object;

/* What an entry holds. Strings live until deadread_done(). */
struct deadread {
    struct json_object *json; /* the whole of it */
    const char *time, *reason;
    const char *id; /* the event's, or NULL: then text is a line that is no event */
    const char *text;
    size_t text_len;
    bool is_document; /* text is the document of an event */
    char *decoded;    /* text's memory where it is not in the line or in json */
};

/* Parse one entry, without LF; line is borrowed until deadread_done(). 0 or -EBADMSG. */
int deadread_parse(const char *line, size_t len, struct deadread *ret);
void deadread_done(struct deadread *d);
/* What it is an entry of (deadknown.h), as written; NULL: an older version wrote it. */
const char *deadread_key(const struct deadread *d);

/* Where an entry is. */
struct deadread_place {
    uint64_t file;   /* number */
    uint64_t number; /* line in it, from 1 */
    off_t offset;
    size_t len; /* without LF */
};

/* Call each() for every entry, oldest first; it returns 0 to go on. A line that cannot be parsed
 * comes with entry NULL. dir_fd: the folder. 0, each()'s non-zero, or -errno. */
typedef int (*deadread_each)(void *ctx, const struct deadread_place *place, const char *line,
                             const struct deadread *entry);
int deadread_walk(int dir_fd, deadread_each each, void *ctx);

/* Take these entries out, in the order in which deadread_walk() gave them; the disk has it when
 * this returns. A file of which nothing is left is removed unless it is the newest. 0 or -errno:
 * some may still be there. */
int deadread_take_out(int dir_fd, const struct deadread_place *places, size_t n);

#endif
