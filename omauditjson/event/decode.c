/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "event/decode.h"

#include <stdint.h>
#include <string.h>

static inline bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Value + 1 of a digit as the kernel writes them, 0 of anything else. */
static const uint8_t hex_digit[256] = {
    ['0'] = 1, ['1'] = 2,  ['2'] = 3,  ['3'] = 4,  ['4'] = 5,  ['5'] = 6,  ['6'] = 7,  ['7'] = 8,
    ['8'] = 9, ['9'] = 10, ['A'] = 11, ['B'] = 12, ['C'] = 13, ['D'] = 14, ['E'] = 15, ['F'] = 16,
};

static inline unsigned hex_value(char c)
{
    return hex_digit[(unsigned char)c] - 1u;
}

size_t decode_hex(char *text, size_t len)
{
    if (len == 0 || len % 2)
        return SIZE_MAX;
    for (size_t i = 0; i < len; i++) {
        if (hex_digit[(unsigned char)text[i]] == 0)
            return SIZE_MAX;
    }
    for (size_t i = 0; i < len; i += 2)
        text[i / 2] = (char)(hex_value(text[i]) << 4 | hex_value(text[i + 1]));
    return len / 2;
}

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
