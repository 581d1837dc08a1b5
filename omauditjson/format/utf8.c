/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "format/utf8.h"

bool utf8_valid(const char *p, size_t n)
{
    for (size_t i = 0, len; i < n; i += len) {
        len = utf8_sequence(p + i, n - i);
        if (len == 0)
            return false;
    }
    return true;
}
