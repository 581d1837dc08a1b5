/* SPDX-License-Identifier: Apache-2.0 */
/* Searches in short texts: 16 bytes at a time where the processor can, byte by byte where it can't;
 * scan_..._plain() is what the other must do, and a test holds one against the other. A text that
 * is searched needs SCAN_PAD bytes behind its end that belong to the same piece of memory: they
 * may be read, and never change the answer. Only scan_blank_within() does without. */
#ifndef OMAUDITJSON_BASE_SCAN_H
#define OMAUDITJSON_BASE_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#define SCAN_PAD 16

/* The first blank or TAB from p on, or end. */
static inline char *scan_blank_plain(char *p, char *end)
{
    while (p < end && *p != ' ' && *p != '\t')
        p++;
    return p;
}

/* The first c from p on, or end. */
static inline char *scan_char_plain(char *p, char *end, char c)
{
    while (p < end && *p != c)
        p++;
    return p;
}

/* Does p begin with word[0..len)? len is at most 16, and 16 bytes can be read at either. */
static inline bool scan_begins_plain(const char *p, const char *word, size_t len)
{
    return memcmp(p, word, len) == 0;
}

#ifdef __SSE2__

static inline __m128i scan_load(const char *p)
{
    return _mm_loadu_si128((const __m128i *)(const void *)p);
}

/* A bit for each of the 16 bytes at p, the first one's the lowest. */
static inline unsigned scan_blanks(const char *p)
{
    __m128i v = scan_load(p);

    return (unsigned)_mm_movemask_epi8(_mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8(' ')),
                                                    _mm_cmpeq_epi8(v, _mm_set1_epi8('\t'))));
}

static inline char *scan_blank(char *p, char *end)
{
    for (;;) {
        unsigned found = scan_blanks(p);

        if (found) {
            p += (unsigned)__builtin_ctz(found);
            break;
        }
        p += 16;
        if (p >= end)
            break;
    }
    return p < end ? p : end;
}

static inline char *scan_char(char *p, char *end, char c)
{
    for (;;) {
        int found = _mm_movemask_epi8(_mm_cmpeq_epi8(scan_load(p), _mm_set1_epi8(c)));

        if (found) {
            p += (unsigned)__builtin_ctz((unsigned)found);
            break;
        }
        p += 16;
        if (p >= end)
            break;
    }
    return p < end ? p : end;
}

static inline bool scan_begins(const char *p, const char *word, size_t len)
{
    int same = _mm_movemask_epi8(_mm_cmpeq_epi8(scan_load(p), scan_load(word)));

    return (unsigned)__builtin_ctz(~(unsigned)same) >= len;
}

#else

static inline char *scan_blank(char *p, char *end)
{
    return scan_blank_plain(p, end);
}

static inline char *scan_char(char *p, char *end, char c)
{
    return scan_char_plain(p, end, c);
}

static inline bool scan_begins(const char *p, const char *word, size_t len)
{
    return scan_begins_plain(p, word, len);
}

#endif

/* The same in a text without those bytes behind it. */
static inline const char *scan_blank_within(const char *p, const char *end)
{
#ifdef __SSE2__
    for (; end - p >= 16; p += 16) {
        unsigned found = scan_blanks(p);

        if (found)
            return p + (unsigned)__builtin_ctz(found);
    }
#endif
    while (p < end && *p != ' ' && *p != '\t')
        p++;
    return p;
}

#endif
