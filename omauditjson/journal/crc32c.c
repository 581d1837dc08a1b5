/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "journal/crc32c.h"

#include <stdbool.h>
#include <string.h>

#define CRC32C_POLY 0x82f63b78u /* bit-reversed 0x1edc6f41 */

static uint32_t table[256];
static bool table_made;

static void make_table(void)
{
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t c = i;

        for (int k = 0; k < 8; k++)
            c = c & 1 ? (c >> 1) ^ CRC32C_POLY : c >> 1;
        table[i] = c;
    }
    table_made = true;
}

uint32_t crc32c_table(uint32_t crc, const void *data, size_t len)
{
    const unsigned char *p = data;

    if (!table_made)
        make_table();
    crc = ~crc;
    while (len--)
        crc = table[(crc ^ *p++) & 0xff] ^ (crc >> 8);
    return ~crc;
}

/* The highest bytes of the table's values are all different: they tell which one was taken. */
uint32_t crc32c_back(uint32_t crc, const void *data, size_t len)
{
    const unsigned char *p = (const unsigned char *)data + len;
    unsigned char of_high[256];

    if (!table_made)
        make_table();
    for (unsigned i = 0; i < 256; i++)
        of_high[table[i] >> 24] = (unsigned char)i;
    crc = ~crc;
    while (len--) {
        unsigned char i = of_high[crc >> 24];

        crc = (crc ^ table[i]) << 8 | (uint32_t)(i ^ *--p);
    }
    return ~crc;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) static uint32_t crc32c_sse42(uint32_t crc, const void *data,
                                                               size_t len)
{
    const unsigned char *p = data;
    uint64_t c = ~crc;

    while (len >= 8) {
        uint64_t word;

        memcpy(&word, p, 8);
        c = __builtin_ia32_crc32di(c, word);
        p += 8;
        len -= 8;
    }
    crc = (uint32_t)c;
    while (len--)
        crc = __builtin_ia32_crc32qi(crc, *p++);
    return ~crc;
}

uint32_t crc32c(uint32_t crc, const void *data, size_t len)
{
    if (__builtin_cpu_supports("sse4.2"))
        return crc32c_sse42(crc, data, len);
    return crc32c_table(crc, data, len);
}
#else
uint32_t crc32c(uint32_t crc, const void *data, size_t len)
{
    return crc32c_table(crc, data, len);
}
#endif
