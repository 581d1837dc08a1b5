/* SPDX-License-Identifier: Apache-2.0 */
/* An audit event without library types. Pointers point into the parser's memory and are valid until
 * its next parse_event(). */
#ifndef OMAUDITJSON_EVENT_EVENT_H
#define OMAUDITJSON_EVENT_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* What ended the event; written as details.complete. Stored in the journal: never renumber. */
enum event_complete {
    EVENT_BY_EOE = 0,      /* an EOE record */
    EVENT_BY_TYPE = 1,     /* PROCTITLE, or a type that is sent alone */
    EVENT_BY_TIMEOUT = 2,  /* end_of_event_timeout after its last record */
    EVENT_BY_SHUTDOWN = 3, /* end of input of convert */
    EVENT_BY_LIMIT = 4,    /* max_event, records in an event, or max_open_events */
};

const char *event_complete_text(enum event_complete c); /* "eoe" "type" ... */

/* One canonical record line (input/record.h), borrowed. */
struct event_line {
    const char *line;
    size_t len;
    size_t body;    /* offset of the text after "): " */
    size_t raw_len; /* offset of 0x1d, or len */
    int type;       /* -1: unknown name */
};

/* An event before libauparse has parsed it. */
struct event_source {
    const char *node; /* NULL: none in the records */
    size_t node_len;
    int64_t sec;
    unsigned ms;
    uint64_t serial;
    unsigned part; /* 1, or 2, 3 ... for records that came after the event had settled */
    enum event_complete complete;
    const struct event_line *lines; /* in the order of arrival */
    size_t n_lines;
    size_t cut_records; /* records left out because the event is over its maximum */
    size_t cut_bytes;   /* bytes that max_line cut off its lines */
    size_t cut_before;  /* records that were cut before we got them */
    const struct event_lineage *lineage; /* handed on as it is, see struct event */
};

/* Field names as numbers: EVENT_NAME_comm ... */
enum event_name {
    EVENT_NAME_OTHER = 0, /* a name that is not in the table */
#define FIELD_NAME(id, text, code) EVENT_NAME_##id,
#include "event/field_names.def"
#undef FIELD_NAME
    EVENT_NAME_COUNT
};

enum event_field_flags {
    EVENT_FIELD_QUOTED = 1,  /* stood in double quotes */
    EVENT_FIELD_DECODED = 2, /* was hexadecimal; the value may hold any byte, NUL too */
    EVENT_FIELD_NESTED = 4,  /* from msg='...': written by a program, not by the kernel */
};

/* One field of a record. The value is decoded but not yet known to be UTF-8. */
struct event_field {
    const char *name;
    const char *value;
    uint32_t name_len;
    uint32_t value_len;
    uint16_t id; /* enum event_name */
    uint16_t flags;
};

/* A process as the records show it; /proc is never read. */
struct event_process {
    uint32_t pid;
    /* The event that showed it first, its clone if that was seen: with the node and the pid it
     * tells this process from others that had the pid. start_serial 0: not known. */
    int64_t start_sec;
    unsigned start_ms;
    uint64_t start_serial;
    const char *comm; /* as its last record said, decoded; NULL: not known */
    size_t comm_len;
    const char *exe;
    size_t exe_len;
};

#define EVENT_LINEAGE_MAX 6

/* [0] the process of the event's SYSCALL (or first) record, [1] its parent, [2] the parent's parent
 * ... as far as the records show them (event/lineage.h). */
struct event_lineage {
    struct event_process process[EVENT_LINEAGE_MAX];
    size_t n;
};

/* One record. A SELinux record's "denied { a b }" stands as fields seresult and seperms ("a,b");
 * words before the first field of any other record as field text. */
struct event_record {
    int type;        /* AUDIT_* of libaudit.h; -1: a name that libaudit does not know */
    bool by_library; /* libauparse gave it back; else it was taken from the line alone */
    uint32_t type_name_len;
    const char *type_name; /* as in the line */
    const char *enriched;  /* what auditd added after 0x1d: AUID="root" UID=... */
    size_t enriched_len;
    const struct event_line *line; /* the record's line, the caller's (struct event_source) */
    const struct event_field *fields;
    size_t n_fields;
    /* By enum event_name: the number + 1 of the first field of that name outside msg='...', 0:
     * none, or its value is missing. NULL: the fields have to be searched. */
    const uint8_t *by_name;
};

/* One argument of EXECVE, joined when the kernel split it. */
struct event_arg {
    const char *value;
    size_t len;
    uint64_t index;    /* N of aN */
    uint64_t full_len; /* 0, or the length that aN_len promised and its pieces do not reach, or that
                        * of all values when aN stood there again with another one */
};

struct event {
    const char *node; /* NULL: none in the records */
    size_t node_len;
    int64_t sec;
    unsigned ms;
    uint64_t serial;
    unsigned part;
    enum event_complete complete;
    uint64_t digest; /* of the records' raw text, whatever their order; EOE does not count */
    const struct event_record *records; /* in the order of arrival */
    size_t n_records;
    const struct event_field *fields; /* of all records, one behind the other */
    size_t n_fields;
    size_t cut_records;
    size_t cut_bytes;
    size_t cut_before;
    const struct event_arg *argv; /* sorted by index */
    size_t n_argv;
    uint64_t argc;                       /* what EXECVE said, 0 without one */
    bool argv_has_gaps;                  /* fewer arguments than argc, or an index is missing */
    const struct event_lineage *lineage; /* the source's; NULL: nothing known */
};

/* Is its value empty or an unquoted (null)? */
static inline bool event_field_is_missing(const struct event_field *f)
{
    static const char null_text[] = "(null)";

    if (f->value_len == 0)
        return true;
    return f->value_len == sizeof(null_text) - 1 && f->value[0] == '(' &&
           !(f->flags & EVENT_FIELD_QUOTED) && memcmp(f->value, null_text, f->value_len) == 0;
}

/* For event_field(): in a record without an index. */
const struct event_field *event_search_field(const struct event_record *rec, enum event_name name);

/* The first field of that name; NULL: none, or its value is empty or an unquoted (null). Fields of
 * msg='...' are not looked at: a program could feign them. */
static inline const struct event_field *event_field(const struct event_record *rec,
                                                    enum event_name name)
{
    if (!rec->by_name) /* often view_no_record, which has no fields */
        return rec->n_fields ? event_search_field(rec, name) : NULL;
    return rec->by_name[name] ? &rec->fields[rec->by_name[name] - 1] : NULL;
}

/* The same within msg='...' only, and the last one, because libaudit writes its own fields (exe,
 * addr, terminal, res) behind the program's text. */
const struct event_field *event_nested_field(const struct event_record *rec, enum event_name name);

/* A value of the enriched part by its upper-case name, quotes removed; false: not there. */
bool event_enriched(const struct event_record *rec, const char *name, const char **ret,
                    size_t *ret_len);

/* Is there a field, and is its value this text? */
bool event_field_is(const struct event_field *f, const char *text);

/* The value as an unsigned number (decimal or hexadecimal, the whole of it); false: it is none. */
bool event_field_number(const struct event_field *f, int base, uint64_t *ret);
/* The same for "0x50001"; without its 0x it is none. */
bool event_field_0x(const struct event_field *f, uint64_t *ret);

#endif
