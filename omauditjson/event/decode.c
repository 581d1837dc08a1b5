/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "event/decode.h"

#include <stdint.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

static inline bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Value + 1 of a digit, 0 of anything else. The kernel writes capitals; what came through another
 * program may be in lower case. */
static const uint8_t hex_digit[256] = {
    ['0'] = 1,  ['1'] = 2,  ['2'] = 3,  ['3'] = 4,  ['4'] = 5,  ['5'] = 6,  ['6'] = 7,  ['7'] = 8,
    ['8'] = 9,  ['9'] = 10, ['A'] = 11, ['B'] = 12, ['C'] = 13, ['D'] = 14, ['E'] = 15, ['F'] = 16,
    ['a'] = 11, ['b'] = 12, ['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16,
};

static inline unsigned hex_value(char c)
{
    return hex_digit[(unsigned char)c] - 1u;
}

static bool all_hex(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (hex_digit[(unsigned char)text[i]] == 0)
            return false;
    }
    return true;
}

static void decode_digits(char *text, size_t len)
{
    for (size_t i = 0; i < len; i += 2)
        text[i / 2] = (char)(hex_value(text[i]) << 4 | hex_value(text[i + 1]));
}

size_t decode_hex_plain(char *text, size_t len)
{
    if (len == 0 || len % 2 || !all_hex(text, len))
        return SIZE_MAX;
    decode_digits(text, len);
    return len / 2;
}

#ifdef __SSE2__

static inline __m128i load16(const char *text)
{
    return _mm_loadu_si128((const __m128i *)(const void *)text);
}

/* 0xff for each byte below n, all taken as unsigned: there is no such comparison. */
static inline __m128i below(__m128i v, char n)
{
    return _mm_cmpeq_epi8(_mm_min_epu8(v, _mm_set1_epi8((char)(n - 1))), v);
}

static inline bool all_hex16(__m128i v)
{
    __m128i digit = below(_mm_sub_epi8(v, _mm_set1_epi8('0')), 10);
    /* 0x20 makes a capital a small letter, and nothing else one of a to f */
    __m128i letter =
        below(_mm_sub_epi8(_mm_or_si128(v, _mm_set1_epi8(0x20)), _mm_set1_epi8('a')), 6);

    return _mm_movemask_epi8(_mm_or_si128(digit, letter)) == 0xffff;
}

/* 16 digits are 8 bytes, written to out. A letter has 0x40 set and its value less 9 in the low
 * bits. */
static inline void decode16(__m128i v, char *out)
{
    __m128i letter = _mm_cmpgt_epi8(v, _mm_set1_epi8('9'));
    __m128i n = _mm_add_epi8(_mm_and_si128(v, _mm_set1_epi8(0x0f)),
                             _mm_and_si128(letter, _mm_set1_epi8(9)));
    __m128i byte = _mm_or_si128(_mm_slli_epi16(n, 4), _mm_srli_epi16(n, 8));

    byte = _mm_packus_epi16(_mm_and_si128(byte, _mm_set1_epi16(0xff)), byte);
    _mm_storel_epi64((__m128i *)(void *)out, byte);
}

size_t decode_hex(char *text, size_t len)
{
    __m128i tail;

    if (len < 16 || len % 2)
        return decode_hex_plain(text, len);
    /* load the last 16 digits now: in a short text the loop overwrites them */
    tail = load16(text + len - 16);
    if (!all_hex16(tail))
        return SIZE_MAX;
    for (size_t i = 0; i < len - 16; i += 16) {
        if (!all_hex16(load16(text + i)))
            return SIZE_MAX;
    }
    for (size_t i = 0; i < len - 16; i += 16)
        decode16(load16(text + i), text + i / 2);
    decode16(tail, text + len / 2 - 8);
    return len / 2;
}

#else

size_t decode_hex(char *text, size_t len)
{
    return decode_hex_plain(text, len);
}

#endif

bool decode_arg_name(const char *name, size_t len, uint64_t *index, uint64_t *piece, bool *split)
{
    uint64_t n[2] = {0, 0};
    size_t i = 1, part = 0, digits = 0;

    if (len < 2 || name[0] != 'a')
        return false;
    for (; i < len; i++) {
        if (is_digit(name[i])) {
            if (++digits > 18)
                return false;
            n[part] = n[part] * 10 + (uint64_t)(name[i] - '0');
        } else if (name[i] == '[' && part == 0 && digits) {
            part = 1;
            digits = 0;
        } else {
            break;
        }
    }
    if (digits == 0 || (part == 0 && i != len) || (part == 1 && (i + 1 != len || name[i] != ']')))
        return false;
    *index = n[0];
    *piece = n[1];
    *split = part == 1;
    return true;
}

/* [libaudit, audit_value_needs_encoding()] */
static bool needed_encoding(const char *p, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if ((unsigned char)p[i] < 0x21 || (unsigned char)p[i] > 0x7e || p[i] == '"')
            return true;
    }
    return false;
}

bool decode_has_lower(const char *hex, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (hex[i] >= 'a' && hex[i] <= 'f')
            return true;
    }
    return false;
}

bool decode_is_plain(const char *hex, size_t len)
{
    char c[256];

    for (size_t i = 0; i < len; i += sizeof(c)) {
        size_t n = len - i < sizeof(c) ? len - i : sizeof(c);

        memcpy(c, hex + i, n);
        n = decode_hex(c, n);
        if (n == SIZE_MAX || needed_encoding(c, n))
            return false;
    }
    return true;
}
