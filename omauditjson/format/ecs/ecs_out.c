/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "format/ecs/ecs_out.h"

void ecs_out_begin(struct ecs_out *o, struct json_writer *w, struct notes *notes, size_t string_max)
{
    *o = (struct ecs_out){.w = w, .notes = notes, .string_max = string_max, .path = ""};
    json_open(w, '{');
}

/* Length of the longest object path that a and b share. */
static size_t common(const char *a, size_t a_len, const char *b, size_t b_len)
{
    size_t same = 0;

    for (size_t i = 0; i <= a_len && i <= b_len; i++) {
        if ((i == a_len || a[i] == '.') && (i == b_len || b[i] == '.'))
            same = i;
        if (i == a_len || i == b_len || a[i] != b[i])
            break;
    }
    return same;
}

static void move_to(struct ecs_out *o, const char *path, size_t len)
{
    size_t same = common(o->path, o->len, path, len), i;

    for (i = same; i < o->len; i++) {
        if (i == 0 || o->path[i] == '.')
            json_close(o->w, '}');
    }
    for (i = same; i < len;) {
        const char *name = path + i + (path[i] == '.' ? 1 : 0);
        const char *stop = memchr(name, '.', (size_t)(path + len - name));
        size_t n = stop ? (size_t)(stop - name) : (size_t)(path + len - name);

        json_key(o->w, name, n);
        json_open(o->w, '{');
        i = (size_t)(name - path) + n;
    }
    o->path = path;
    o->len = len;
}

void ecs_out_enter(struct ecs_out *o, const char *path, size_t len)
{
    if (len != o->len || memcmp(path, o->path, len) != 0)
        move_to(o, path, len);
}

void ecs_out_end(struct ecs_out *o)
{
    ecs_out_enter(o, "", 0);
    json_close(o->w, '}');
}

/* Enter the key's object; returns where the key's own name begins in path. */
static inline size_t enter_of(struct ecs_out *o, const char *path, size_t len)
{
    const char *dot = memrchr(path, '.', len);
    size_t object = dot ? (size_t)(dot - path) : 0;

    if (object != o->len || memcmp(path, o->path, object) != 0)
        move_to(o, path, object);
    return dot ? object + 1 : 0;
}

void ecs_out_key(struct ecs_out *o, const char *path, size_t len)
{
    size_t name = enter_of(o, path, len);

    json_key(o->w, path + name, len - name);
}

void ecs_out_string(struct ecs_out *o, const char *path, size_t len, const char *p, size_t n)
{
    struct json_string s = JSON_STRING(o->string_max);
    size_t name = enter_of(o, path, len);

    json_member(o->w, path + name, len - name, &s, p, n);
    if (s.cut || s.invalid)
        notes_add_string(o->notes, path, &s);
}

void ecs_out_text(struct ecs_out *o, const char *path, size_t len, const char *text)
{
    ecs_out_string(o, path, len, text, strlen(text));
}

void ecs_out_number(struct ecs_out *o, const char *path, size_t len, uint64_t n)
{
    char text[24], *p = text + sizeof(text);

    do {
        *--p = (char)('0' + n % 10);
        n /= 10;
    } while (n);
    ecs_out_key(o, path, len);
    json_raw(o->w, p, (size_t)(text + sizeof(text) - p));
}
