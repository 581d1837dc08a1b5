/* SPDX-License-Identifier: Apache-2.0 */
/* An event's time as text (base/clock.h). Keeps the text of the last second, because most events
 * change only the milliseconds. */
#ifndef OMAUDITJSON_FORMAT_FORMAT_STAMP_H
#define OMAUDITJSON_FORMAT_FORMAT_STAMP_H

#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"

#define FORMAT_STAMP_MS 20 /* where they stand: 2026-11-22T14:01:22.637+00:00 */

struct format_stamp {
    int64_t sec;
    size_t len; /* 0: there is no text yet */
    char text[CLOCK_STAMP_SIZE];
};

/* The text of that time; its length is in s->len. */
static inline const char *format_stamp(struct format_stamp *s, int64_t sec, unsigned ms)
{
    if (s->len == 0 || s->sec != sec) {
        s->len = clock_stamp(sec, ms, s->text);
        s->sec = sec;
        return s->text;
    }
    s->text[FORMAT_STAMP_MS] = (char)('0' + ms / 100 % 10);
    s->text[FORMAT_STAMP_MS + 1] = (char)('0' + ms / 10 % 10);
    s->text[FORMAT_STAMP_MS + 2] = (char)('0' + ms % 10);
    return s->text;
}

#endif
