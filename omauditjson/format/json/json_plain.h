/* SPDX-License-Identifier: Apache-2.0 */
/* The fast path of the JSON writer, which most values take: one comparison for the room of key and
 * value, then one pass that checks and copies. Returns false and writes nothing where a value needs
 * more than that; the functions of json_writer.h then write it. */
#ifndef OMAUDITJSON_FORMAT_JSON_JSON_PLAIN_H
#define OMAUDITJSON_FORMAT_JSON_JSON_PLAIN_H

#include "format/json/json_copy.h"
#include "format/json/json_writer.h"

#define JSON_KEY_COPY 32 /* bytes that are copied for a key, however short it is */

/* A member's key with the punctuation before its value: ,"KEY":" or ,"KEY":[ or ,"KEY":{ */
struct json_key {
    const char *name;
    size_t len; /* of text */
    char text[JSON_KEY_COPY + 1];
};

#define JSON_KEY_TEXT(key, text)      \
    {                                 \
        (key), sizeof(text) - 1, text \
    }
#define JSON_KEY(key) JSON_KEY_TEXT(key, ",\"" key "\":\"")
#define JSON_KEY_LIST(key) JSON_KEY_TEXT(key, ",\"" key "\":[")
#define JSON_KEY_OBJECT(key) JSON_KEY_TEXT(key, ",\"" key "\":{")

/* The same for an element of an array of strings. */
extern const struct json_key json_element_key;

/* Room for a key and n bytes behind it, with the key there but not counted yet, or NULL. *ret_head
 * is how many bytes of the key will count. */
static inline char *json_plain_key(struct json_writer *w, const struct json_key *key, size_t n,
                                   size_t *ret_head)
{
    struct buf *b = w->out;
    size_t first = w->first;
    char *at;

    /* no object is so large that the sum could wrap */
    if (b->len + n + JSON_KEY_COPY > w->fast)
        return NULL;
    at = b->data + b->len;
    memcpy(at, key->text + first, JSON_KEY_COPY);
    *ret_head = key->len - first;
    return at + *ret_head;
}

/* A whole member or element. False: use json_member(). */
JSON_INLINE bool json_plain(struct json_writer *w, const struct json_key *key, const char *p,
                            size_t n)
{
    size_t head;
    char *at = json_plain_key(w, key, n + 1, &head);

    if (!at || !json_copy_plain(at, p, n))
        return false;
    at[n] = '"';
    w->out->len += head + n + 1;
    w->first = false;
    return true;
}

/* The same with a key of any length; text is ,"KEY":" */
static inline bool json_plain_text(struct json_writer *w, const char *text, size_t len,
                                   const char *p, size_t n)
{
    struct buf *b = w->out;
    size_t first = w->first, head = len - first;
    char *at;

    if (b->len + head + n + 1 > w->fast)
        return false;
    at = b->data + b->len;
    json_copy_few(at, text + first, head);
    if (!json_copy_plain(at + head, p, n))
        return false;
    at[head + n] = '"';
    b->len += head + n + 1;
    w->first = false;
    return true;
}

/* The same for a string whose NULs become blanks. */
static inline bool json_plain_blank(struct json_writer *w, const struct json_key *key,
                                    const char *p, size_t n)
{
    size_t head;
    char *at = json_plain_key(w, key, n + 1, &head);

    if (!at || !json_copy_blank(at, p, n))
        return false;
    at[n] = '"';
    w->out->len += head + n + 1;
    w->first = false;
    return true;
}

/* A key and the character after its colon; sets w->first. */
static inline void json_begin(struct json_writer *w, const struct json_key *key, bool first)
{
    size_t head;

    if (json_plain_key(w, key, 0, &head))
        w->out->len += head;
    else
        json_raw(w, key->text + w->first, key->len - w->first);
    w->first = first;
}

#endif
