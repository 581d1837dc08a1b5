/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of the journal's sequence numbers. Pure; private to the engine. */
#ifndef OMAUDITJSON_ENGINE_NUMBERS_H
#define OMAUDITJSON_ENGINE_NUMBERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Ascending. Costs one look at each where they are in order already, as they mostly are. */
void numbers_sort(uint64_t *numbers, size_t n);

/* Is it among these? They are ascending. */
bool numbers_have(const uint64_t *numbers, size_t n, uint64_t number);

#endif
