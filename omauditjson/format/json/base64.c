/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "format/json/base64.h"

void base64_add(struct json_writer *w, struct json_string *s, const char *p, size_t n)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const unsigned char *b = (const unsigned char *)p;

    for (size_t i = 0; i < n; i += 3) {
        bool two = i + 1 < n, three = i + 2 < n;
        unsigned bits =
            (unsigned)b[i] << 16 | (two ? (unsigned)b[i + 1] << 8 : 0) | (three ? b[i + 2] : 0);
        char four[4] = {digits[bits >> 18], digits[bits >> 12 & 63],
                        two ? digits[bits >> 6 & 63] : '=', three ? digits[bits & 63] : '='};

        json_string_add(w, s, four, sizeof(four));
    }
}
