/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "deliver/deadletter_name.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NUMBER_MAX UINT64_C(9999999998)

void deadletter_file_name(uint64_t number, char out[DEADLETTER_NAME_SIZE])
{
    snprintf(out, DEADLETTER_NAME_SIZE, "%010" PRIu64 ".json", number);
}

uint64_t deadletter_file_number(const char *name)
{
    char again[DEADLETTER_NAME_SIZE], *end;
    uint64_t n;

    errno = 0;
    n = strtoull(name, &end, 10);
    if (errno || n == 0 || n > NUMBER_MAX)
        return 0;
    deadletter_file_name(n, again);
    return strcmp(name, again) == 0 ? n : 0;
}
