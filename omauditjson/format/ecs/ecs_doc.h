/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of a document of the format ecs share: the document's state and how a value is
 * written. ecs.c calls the parts in the order of ecs_fields.def; none of them calls ecs.c. */
#ifndef OMAUDITJSON_FORMAT_ECS_ECS_DOC_H
#define OMAUDITJSON_FORMAT_ECS_ECS_DOC_H

#include "conf/conf_added.h"
#include "format/ecs/ecs_action.h"
#include "format/ecs/ecs_out.h"
#include "format/format_stamp.h"
#include "format/leftover.h"
#include "format/written.h"

#define ECS_RELATED_MAX 12

/* Values that are collected while the document is written, for related.*. */
struct ecs_related {
    struct ecs_text item[ECS_RELATED_MAX];
    char copy[ECS_RELATED_MAX][NAMES_SIZE]; /* for names that outlive their lookup only here */
    size_t n;
};

/* One end of a connection or a packet. */
struct ecs_end {
    struct ecs_text ip; /* an IP address in text form */
    struct ecs_text address, domain, path;
    int64_t port; /* -1: none */
};

struct ecs_network {
    struct ecs_end source, destination, server;
    const char *direction, *type; /* NULL: not known */
    char scoped[64];              /* an address with its interface */
    uint64_t protocol;            /* UINT64_MAX: not known */
};

/* The constants of the option add, found once (ecs_added.h); borrowed from the configuration. */
struct ecs_added {
    const char *value[CONF_ADDED_ROWS]; /* NULL: not added; of a list its first value */
    size_t labels;                      /* how many */
};

struct ecs {
    struct written written;
    struct leftover leftover;
    struct ecs_table *table;
    struct format_stamp stamp;
    struct ecs_added added;
    /* this document */
    const struct format_doc *doc;
    const struct view *view;
    struct ecs_out out;
    struct ecs_what what;
    struct ecs_network network;
    struct ecs_related users, ips, hosts;
};

#define ECS_KEY(text) (text), sizeof(text) - 1

/* Write the field and mark it as written. NULL: write nothing, return false. */
bool ecs_put_field(struct ecs *e, const char *path, size_t len, const struct event_field *f);

/* Likewise as a number of at most 63 bits; false: the field is not one. */
bool ecs_put_number_field(struct ecs *e, const char *path, size_t len, const struct event_field *f);

void ecs_put_text(struct ecs *e, const char *path, size_t len, struct ecs_text t);

/* Add an element to the array that was opened under the path. */
void ecs_put_element(struct ecs *e, const char *path, const char *p, size_t len);

/* Collect the value for related.*: each once, up to ECS_RELATED_MAX. */
void ecs_relate(struct ecs_related *r, const char *p, size_t len);
void ecs_put_related(struct ecs *e, const char *path, size_t len, const struct ecs_related *r);

#endif
