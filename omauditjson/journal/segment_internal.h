/* SPDX-License-Identifier: Apache-2.0 */
/* What the segment's sources share: segment.c (entries), segment_file.c (files and their headers),
 * segment_find.c (what the header said, found from the entries). Nobody else includes this. */
#ifndef OMAUDITJSON_JOURNAL_SEGMENT_INTERNAL_H
#define OMAUDITJSON_JOURNAL_SEGMENT_INTERNAL_H

#include "journal/segment.h"

struct head {
    uint32_t len;
    uint32_t crc; /* from the segment's seed, over the head behind it, len and the payload */
    uint64_t number;
    int64_t arrival_ms;
    uint32_t type;
    uint32_t extra;
};
_Static_assert(sizeof(struct head) == SEGMENT_ENTRY_HEAD, "an entry's head is 32 bytes");

static inline bool segment_all_zero(const char *p, size_t len)
{
    return len == 0 || (p[0] == 0 && __builtin_memcmp(p, p + 1, len - 1) == 0);
}

/* Is there a valid entry at data[off..len)? Its size, or 0. */
size_t segment_entry_at(uint32_t seed, const char *data, size_t off, size_t len,
                        struct segment_entry *e);

/* The seed with which most of data[from..len) is entries, two in a row at least. */
bool segment_find_seed(const char *data, size_t from, size_t len, uint32_t *seed);

#endif
