/* SPDX-License-Identifier: Apache-2.0 */
/* The interface between format.c and the formats of formats.def. A kind writes one object. If the
 * document is over the maximum, format.c calls it again with lower limits, and it must write less.
 */
#ifndef OMAUDITJSON_FORMAT_FORMAT_KIND_H
#define OMAUDITJSON_FORMAT_FORMAT_KIND_H

#include "event/names.h"
#include "format/json/json_writer.h"
#include "format/keys.h"
#include "format/notes.h"
#include "format/view.h"

#define FORMAT_STRING_MAX 32765 /* Elasticsearch refuses a longer term */

struct conf;

/* How much may be written. */
struct format_limits {
    size_t string; /* bytes of one string */
    size_t list;   /* bytes of one list: arguments, paths, other fields each */
};

/* One try at one event. Everything is borrowed for the call. */
struct format_doc {
    const struct conf *conf;
    const struct view *view;
    const char *hostname; /* for events without a node */
    struct names *names;
    const char *id;
    size_t id_len;
    struct format_limits limits;
    struct json_writer *w;
    struct notes *notes; /* of this try, empty */
};

struct format_kind {
    const char *name;
    const struct format_key *keys;            /* all that a document can have (keys.h) */
    void *(*create)(const struct conf *conf); /* never NULL */
    void (*destroy)(void *self);
    void (*write)(void *self, const struct format_doc *d);
};

#define FORMAT(id, kind) extern const struct format_kind kind;
#include "format/formats.def"
#undef FORMAT

#endif
