/* SPDX-License-Identifier: Apache-2.0 */
/* Text as rsyslog writes it into a template with the property option json: runtime/template.c,
 * jsonAddVal(), of 8.2302. Bytes from 0x80 on are passed as they are. */
#ifndef TESTS_LIB_RSYSLOG_JSON_H
#define TESTS_LIB_RSYSLOG_JSON_H

#include <stddef.h>
#include <string.h>

#include "base/buf.h"

static inline void rsyslog_json(struct buf *out, const char *p, size_t n)
{
    static const char special[] = "\"\\/\b\f\n\r\t", names[] = "\"\\/bfnrt";

    for (size_t i = 0; i < n; i++) {
        const char *at = p[i] ? strchr(special, p[i]) : NULL;

        if (at)
            buf_printf(out, "\\%c", names[at - special]);
        else if ((unsigned char)p[i] < 0x20)
            buf_printf(out, "\\u%04X", (unsigned)p[i]);
        else
            buf_append_char(out, p[i]);
    }
}

/* A message as the template of rsyslog-conf/gather.sed writes it, without the line's end. */
static inline void rsyslog_message(struct buf *out, const char *p, size_t n)
{
    buf_append_char(out, '"');
    rsyslog_json(out, p, n);
    buf_append_char(out, '"');
}

#endif
