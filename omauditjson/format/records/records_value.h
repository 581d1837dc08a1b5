/* SPDX-License-Identifier: Apache-2.0 */
/* The meaning of a field's value: decoded text, the name of a user, syscall or error, an address.
 * auditd's names in the record take precedence over this host's. Uses event/fields.h and libaudit's
 * tables, not libauparse's interpretations, which are not safe. Owns nothing. */
#ifndef OMAUDITJSON_FORMAT_RECORDS_RECORDS_VALUE_H
#define OMAUDITJSON_FORMAT_RECORDS_RECORDS_VALUE_H

#include "event/event.h"
#include "event/names.h"
#include "format/records/records_split.h"
#include "format/sockaddr.h"
#include "format/syscalls.h"

struct records_values {
    struct names *names;
    struct syscalls *syscalls;
    char own[192]; /* memory of a composed value */
    struct sockaddr_text addr;
};

/* Of field f, the nth of its name in rec: at most two pieces, to be written one behind the other
 * with the closing text at the end. */
struct records_value {
    const char *p;
    size_t len;
    const char *more;
    size_t more_len;
    const char *end;
    bool nul_blank;
    bool is_list; /* p is several values with AUDIT_KEY_SEPARATOR between them */
};

/* Never fails: a value without further meaning is returned without quotes. enriched is that part of
 * rec; arch is the record's, else the event's, 0 for none. *ret borrows from rec and v until the
 * next call. */
void records_value(struct records_values *v, const struct event_record *rec,
                   const struct records_part *enriched, const struct event_field *f, uint32_t nth,
                   uint64_t arch, struct records_value *ret);

/* Is that what stands in the line? */
bool records_value_is(const struct records_value *v, const struct records_field *raw);

/* Is that a name in place of what f has? Decoded text and addresses are none. */
bool records_value_is_name(const struct records_value *v, const struct event_field *f);

/* The raw field that was decoded to f: usually the one at *at, because both follow the text. NULL:
 * the value was derived from other text. */
const struct records_field *records_value_raw(const struct records_part *part,
                                              const struct event_field *f, uint32_t nth,
                                              size_t *at);

/* The number of arch= in the record, else the event's (NULL: it has none): a SOCKADDR has none of
 * its own. 0: not known. */
uint64_t records_value_arch(const struct event_record *rec, const struct event_field *of_event);

#endif
