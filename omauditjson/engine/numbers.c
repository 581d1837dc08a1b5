/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "engine/numbers.h"

#include <stdlib.h>

static int compare(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return x < y ? -1 : x > y;
}

void numbers_sort(uint64_t *numbers, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        if (numbers[i] < numbers[i - 1]) {
            qsort(numbers, n, sizeof(*numbers), compare);
            return;
        }
    }
}

bool numbers_have(const uint64_t *numbers, size_t n, uint64_t number)
{
    return n && bsearch(&number, numbers, n, sizeof(*numbers), compare);
}
