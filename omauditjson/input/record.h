/* SPDX-License-Identifier: Apache-2.0 */
/* Finds, repairs and checks the header of one audit record, without libauparse, because that drops
 * silently what it does not like. Owns nothing; keeps no state but the last stamp and what it
 * means. In: a line as rsyslog gave it (auditd's file, kernel log, journald template, syslog
 * plugin). Out: the canonical line "[node=N ]type=T msg=audit(S.MMM:SERIAL): BODY" with prefix
 * stripped, CR cut and the separator of ENRICHED, whatever became of it, turned back into 0x1d. */
#ifndef OMAUDITJSON_INPUT_RECORD_H
#define OMAUDITJSON_INPUT_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

#define RECORD_NODE_MAX 255   /* HOST_NAME_MAX and more: libauparse drops nodes beyond about 300 */
#define RECORD_PREFIX_MAX 512 /* syslog or kernel-log text before the record */

/* A record's header and where its text lies. All pointers are borrowed from the line given to
 * record_parse() or from its scratch buffer. */
struct record {
    const char *line; /* canonical text, no LF */
    size_t len;
    const char *node; /* NULL: the record has no node= */
    size_t node_len;
    const char *type_name; /* as in the canonical text: SYSCALL, UNKNOWN[1999], BOGUS */
    size_t type_name_len;
    int type; /* AUDIT_* of linux/audit.h and libaudit.h; -1: a name libaudit does not know */
    int64_t sec;
    unsigned ms;
    uint64_t serial;
    size_t body; /* offset of BODY in line; len when nothing, not even a blank, is behind the ':' */
    size_t raw_len; /* offset of the 0x1d before the enriched part, or len */
};

enum record_fault {
    RECORD_OK,
    RECORD_EMPTY,     /* nothing, or blanks only */
    RECORD_NO_HEADER, /* no type= ... audit( within RECORD_PREFIX_MAX */
    RECORD_BAD_STAMP, /* the time or the serial is no number, or too large */
    RECORD_BAD_NODE,  /* node= without a name, or one over RECORD_NODE_MAX */
    RECORD_NUL,       /* a NUL byte: no kernel or user-space record has one */
    RECORD_ESCAPING,  /* never by record_parse(): see input/message.h */
    RECORD_POISON,    /* never by record_parse(): see journal/scoreboard.h */
};

/* Short text for a fault, for dead letters and logs: "no audit record header". Static. */
const char *record_fault_text(enum record_fault fault);

/* Parse line[0..len) (no LF). scratch is used only when the canonical text differs from the line;
 * its former contents are lost; its maximum must be len + 128 or more. */
enum record_fault record_parse(const char *line, size_t len, struct buf *scratch,
                               struct record *out);

#endif
