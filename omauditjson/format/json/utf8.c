/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "format/json/utf8.h"

#include <stdint.h>
#include <string.h>

bool utf8_valid(const char *p, size_t n)
{
    for (size_t i = 0, len; i < n; i += len) {
        uint64_t eight;

        if (n - i >= sizeof(eight)) {
            memcpy(&eight, p + i, sizeof(eight));
            len = sizeof(eight);
            if (!(eight & UINT64_C(0x8080808080808080)))
                continue;
        }
        len = utf8_sequence(p + i, n - i);
        if (len == 0)
            return false;
    }
    return true;
}
