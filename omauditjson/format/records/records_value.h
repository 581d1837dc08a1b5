/* SPDX-License-Identifier: Apache-2.0 */
/* What a field's value means: decoded text, a user's name, a syscall's, an error's, an address.
 * Names that auditd put into the record go before those of this host. Values are this program's
 * (event/fields.h) and libaudit's tables; nothing is asked of libauparse, whose interpretations are
 * not safe. Owns nothing. */
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
    char made[192]; /* a value that was put together */
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
};

/* Never fails: what has no meaning of its own is the value without quotes. enriched is that part of
 * rec, arch the record's, else the event's, 0 for none. *ret borrows from rec and v, until the next
 * call. */
void records_value(struct records_values *v, const struct event_record *rec,
                   const struct records_part *enriched, const struct event_field *f, uint32_t nth,
                   uint64_t arch, struct records_value *ret);

#endif
