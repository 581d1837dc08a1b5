/* SPDX-License-Identifier: Apache-2.0 */
/* Takes apart a message of rsyslog's that holds several records. imfile gathers lines into one
 * message (endmsg.regex, readTimeout); the stanza's template writes it as a JSON string, in quotes,
 * with \n between the records ("%msg:::json%"). No audit record begins with a quote, and no byte of
 * a record can be taken for a border: rsyslog escapes it. Escapes are RFC 8259's; bytes from 0x80
 * on are passed as they are, valid UTF-8 or not. Owns one buffer, for the record being processed.
 * Use: message_begin() if message_is(), then message_next() while message_has_more(). */
#ifndef OMAUDITJSON_INPUT_MESSAGE_H
#define OMAUDITJSON_INPUT_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "input/lineio.h"

/* Embedded in its owner; the members are message's own. */
struct message {
    const char *at, *end; /* what is left of the text, borrowed */
    size_t cut;           /* bytes missing at its end */
    size_t total;         /* bytes of the message up to there, as rsyslog has them */
    bool more;
    struct buf text;
};

/* max_record: bytes kept of a record. */
void message_init(struct message *m, size_t max_record);
void message_done(struct message *m); /* frees; m may be zeroed memory */

/* Is this line a message of several records? */
static inline bool message_is(const struct line *line)
{
    return line->len > 0 && line->data[0] == '"';
}

/* The line's data stays borrowed until the last record was taken. */
void message_begin(struct message *m, const struct line *line);

static inline bool message_has_more(const struct message *m)
{
    return m->more;
}

/* The next record: there is always one at least. ret->data is borrowed until the next call;
 * ret->cut: bytes missing at its end, as far as known. False: its escaping is broken (no such
 * escape, a quote in the middle, no quote at the end); ret then has its bytes as they came. */
bool message_next(struct message *m, struct line *ret);

/* After the last record: has the message exactly the length at which rsyslog splits one? Its last
 * record then goes on in the next message. */
bool message_is_full(const struct message *m);

#endif
