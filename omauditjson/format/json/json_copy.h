/* SPDX-License-Identifier: Apache-2.0 */
/* Copies bytes into a JSON string and tells, in the same pass, whether they needed no escape. Knows
 * nothing of the writer; owns nothing. */
#ifndef OMAUDITJSON_FORMAT_JSON_JSON_COPY_H
#define OMAUDITJSON_FORMAT_JSON_JSON_COPY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* The compiler does not inline functions of this size; nearly every value passes through them. */
#define JSON_INLINE static inline __attribute__((always_inline))

/* 1 for each byte that a string holds unescaped, 0 for any other. */
extern const uint8_t json_is_plain[256];

/* memcpy() of a few bytes. */
static inline void json_copy_few(char *to, const char *p, size_t n)
{
    if (n >= 4 && n <= 16) {
        uint64_t a, b;
        uint32_t c, d;

        if (n >= sizeof(a)) {
            memcpy(&a, p, sizeof(a));
            memcpy(&b, p + n - sizeof(b), sizeof(b));
            memcpy(to, &a, sizeof(a));
            memcpy(to + n - sizeof(b), &b, sizeof(b));
        } else {
            memcpy(&c, p, sizeof(c));
            memcpy(&d, p + n - sizeof(d), sizeof(d));
            memcpy(to, &c, sizeof(c));
            memcpy(to + n - sizeof(d), &d, sizeof(d));
        }
    } else if (n > 16 && n <= 32) {
        char c[16], d[16];

        memcpy(c, p, sizeof(c));
        memcpy(d, p + n - sizeof(d), sizeof(d));
        memcpy(to, c, sizeof(c));
        memcpy(to + n - sizeof(d), d, sizeof(d));
    } else if (n < 4) {
        for (size_t i = 0; i < n; i++)
            to[i] = p[i];
    } else {
        memcpy(to, p, n);
    }
}

/* Is none of these eight bytes a control character, a quote, a backslash or beyond ASCII? */
static inline bool json_plain8(uint64_t v)
{
    const uint64_t ones = 0x0101010101010101u, high = 0x8080808080808080u;
    uint64_t quote = v ^ (ones * '"'), slash = v ^ (ones * '\\');

    return (((v - ones * 0x20) | (quote - ones) | (slash - ones) | v) & high) == 0;
}

#ifdef __SSE2__
/* A bit for each of the 16 bytes that is one of those. */
static inline unsigned json_unplain16(__m128i v)
{
    /* signed, so that what is beyond ASCII is below a blank too */
    __m128i bad = _mm_cmplt_epi8(v, _mm_set1_epi8(0x20));

    bad = _mm_or_si128(bad, _mm_cmpeq_epi8(v, _mm_set1_epi8('"')));
    bad = _mm_or_si128(bad, _mm_cmpeq_epi8(v, _mm_set1_epi8('\\')));
    return (unsigned)_mm_movemask_epi8(bad);
}
#endif

/* 8 to 15 bytes, as two words that overlap. */
JSON_INLINE bool json_copy8(char *to, const char *p, size_t n)
{
    uint64_t a, b;

    memcpy(&a, p, sizeof(a));
    memcpy(&b, p + n - sizeof(b), sizeof(b));
    memcpy(to, &a, sizeof(a));
    memcpy(to + n - sizeof(b), &b, sizeof(b));
#ifdef __SSE2__
    return json_unplain16(_mm_set_epi64x((long long)b, (long long)a)) == 0;
#else
    return json_plain8(a) && json_plain8(b);
#endif
}

/* 4 to 7 bytes. */
JSON_INLINE bool json_copy4(char *to, const char *p, size_t n)
{
    uint32_t a, b;

    memcpy(&a, p, sizeof(a));
    memcpy(&b, p + n - sizeof(b), sizeof(b));
    memcpy(to, &a, sizeof(a));
    memcpy(to + n - sizeof(b), &b, sizeof(b));
    return json_plain8((uint64_t)a << 32 | b);
}

/* 1 to 3 bytes: the first, the middle and the last are all there are. */
JSON_INLINE bool json_copy1(char *to, const char *p, size_t n)
{
    unsigned char a = (unsigned char)p[0], b = (unsigned char)p[n / 2], c = (unsigned char)p[n - 1];

    to[0] = (char)a;
    to[n / 2] = (char)b;
    to[n - 1] = (char)c;
    return json_is_plain[a] & json_is_plain[b] & json_is_plain[c];
}

/* 16 bytes and more: the last piece overlaps the one before it. */
JSON_INLINE bool json_copy16(char *to, const char *p, size_t n)
{
#ifdef __SSE2__
    for (size_t i = 0;;) {
        __m128i v = _mm_loadu_si128((const __m128i *)(const void *)(p + i));

        _mm_storeu_si128((__m128i *)(void *)(to + i), v);
        if (json_unplain16(v))
            return false;
        if (i + 16 == n)
            return true;
        i = n - i >= 32 ? i + 16 : n - 16;
    }
#else
    for (size_t i = 0;;) {
        uint64_t v;

        memcpy(&v, p + i, sizeof(v));
        memcpy(to + i, &v, sizeof(v));
        if (!json_plain8(v))
            return false;
        if (i + 8 == n)
            return true;
        i = n - i >= 16 ? i + 8 : n - 8;
    }
#endif
}

/* Copy n bytes; true: all of them can stand in a string as they are. Reads and writes nothing
 * beyond n. */
JSON_INLINE bool json_copy_plain(char *to, const char *p, size_t n)
{
    if (n >= 16)
        return json_copy16(to, p, n);
    if (n >= 8)
        return json_copy8(to, p, n);
    if (n >= 4)
        return json_copy4(to, p, n);
    return n == 0 || json_copy1(to, p, n);
}

/* The same for a string whose NULs become blanks. */
static inline bool json_copy_blank(char *to, const char *p, size_t n)
{
#ifdef __SSE2__
    if (n >= 16) {
        for (size_t i = 0;;) {
            __m128i v = _mm_loadu_si128((const __m128i *)(const void *)(p + i));
            __m128i nul = _mm_cmpeq_epi8(v, _mm_setzero_si128());

            v = _mm_or_si128(v, _mm_and_si128(nul, _mm_set1_epi8(' ')));
            _mm_storeu_si128((__m128i *)(void *)(to + i), v);
            if (json_unplain16(v))
                return false;
            if (i + 16 == n)
                return true;
            i = n - i >= 32 ? i + 16 : n - 16;
        }
    }
#endif
    for (size_t i = 0; i < n; i++) {
        to[i] = p[i] ? p[i] : ' ';
        if (!json_is_plain[(unsigned char)to[i]])
            return false;
    }
    return true;
}

#endif
