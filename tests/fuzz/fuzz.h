/* SPDX-License-Identifier: Apache-2.0 */
/* What every fuzz target shares. A target is one file with LLVMFuzzerTestOneInput() and is linked
 * either with libFuzzer (--enable-fuzzing) or with replay.c, which runs the target's corpus in
 * `make check`. A target asserts properties with FUZZ_ASSERT, in every kind of build. */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FUZZ_ASSERT(condition)                                                      \
    do {                                                                            \
        if (!(condition)) {                                                         \
            fprintf(stderr, "%s:%d: broken: %s\n", __FILE__, __LINE__, #condition); \
            abort();                                                                \
        }                                                                           \
    } while (0)

#endif
