/* SPDX-License-Identifier: Apache-2.0 */
/* For any input from rsyslog, only replies that omprog accepts go out, and each fits with its dots
 * into one read of omprog. Input: byte 0: bit 0 selects short marks, the rest is the number of dots
 * before each reply; then lines. */
#include "config.h"

#include <stdbool.h>
#include <string.h>

#include "fuzz.h"
#include "input/omprog.h"

#define OMPROG_READ 4095

static bool is(const char *data, size_t len, const char *mark)
{
    return len == strlen(mark) && memcmp(data, mark, len) == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *p = (const char *)data + 1, *end = (const char *)data + size;
    const char *begin, *commit;
    unsigned depth = 0, tries;
    struct omprog o;

    if (size == 0)
        return 0;
    begin = data[0] & 1 ? "B" : "BEGIN TRANSACTION";
    commit = data[0] & 1 ? "C" : "COMMIT TRANSACTION";
    tries = (unsigned)(data[0] >> 1) * 64;
    FUZZ_ASSERT(omprog_init(&o, begin, commit) == 0);
    FUZZ_ASSERT(strcmp(omprog_first_reply(), "OK\n") == 0);
    while (p < end) {
        const char *lf = memchr(p, '\n', (size_t)(end - p));
        size_t len = (size_t)((lf ? lf : end) - p), dots = 0;
        enum omprog_action action = omprog_line(&o, p, len);
        const char *reply;

        if (is(p, len, begin)) {
            FUZZ_ASSERT(action == OMPROG_BEGIN);
            depth++;
        } else if (is(p, len, commit)) {
            FUZZ_ASSERT(action == OMPROG_COMMIT);
            depth -= depth > 0;
        } else {
            FUZZ_ASSERT(action == OMPROG_RECORD);
        }
        for (unsigned i = 0; i < tries; i++)
            dots += omprog_dot(&o);
        FUZZ_ASSERT(dots == (tries < OMPROG_DOTS_MAX ? tries : OMPROG_DOTS_MAX));
        reply = omprog_reply(&o, action);
        FUZZ_ASSERT(dots + strlen(reply) < OMPROG_READ);
        if (action == OMPROG_RECORD && depth > 0)
            FUZZ_ASSERT(strcmp(reply, "DEFER_COMMIT\n") == 0);
        else
            FUZZ_ASSERT(strcmp(reply, "OK\n") == 0);
        p += len + 1;
    }
    omprog_done(&o);
    return 0;
}
