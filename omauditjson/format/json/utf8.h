/* SPDX-License-Identifier: Apache-2.0 */
/* UTF-8 check by RFC 3629: no overlong forms, no surrogates, nothing beyond U+10FFFF. Inline,
 * because every value passes through it. */
#ifndef OMAUDITJSON_FORMAT_JSON_UTF8_H
#define OMAUDITJSON_FORMAT_JSON_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* U+FFFD, which replaces each byte that is not UTF-8. */
#define UTF8_REPLACEMENT "\xef\xbf\xbd"
#define UTF8_REPLACEMENT_LEN 3

static inline bool utf8_is_tail(unsigned char c)
{
    return (c & 0xc0) == 0x80;
}

/* Length of the character at p, 1 to 4; 0: the byte at p begins none within n (n > 0). */
static inline size_t utf8_sequence(const char *text, size_t n)
{
    const unsigned char *p = (const unsigned char *)text;
    unsigned char c = p[0];

    if (c < 0x80)
        return 1;
    if (c < 0xc2 || c > 0xf4 || n < 2)
        return 0;
    if (c < 0xe0)
        return utf8_is_tail(p[1]) ? 2 : 0;
    if (c < 0xf0) {
        if ((c == 0xe0 && p[1] < 0xa0) || (c == 0xed && p[1] > 0x9f))
            return 0;
        return n >= 3 && utf8_is_tail(p[1]) && utf8_is_tail(p[2]) ? 3 : 0;
    }
    if ((c == 0xf0 && p[1] < 0x90) || (c == 0xf4 && p[1] > 0x8f))
        return 0;
    return n >= 4 && utf8_is_tail(p[1]) && utf8_is_tail(p[2]) && utf8_is_tail(p[3]) ? 4 : 0;
}

/* Is all of it UTF-8? */
bool utf8_valid(const char *p, size_t n);

#endif
