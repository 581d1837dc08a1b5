/* SPDX-License-Identifier: Apache-2.0 */
/* Time. Nothing in the program decides by the wall clock: clock_mono_ms() is for every timer,
 * clock_wall_s() only for log lines, dead letters and Retry-After dates. Tests pass times in. */
#ifndef OMAUDITJSON_BASE_CLOCK_H
#define OMAUDITJSON_BASE_CLOCK_H

#include <stddef.h>
#include <stdint.h>

#define CLOCK_NEVER INT64_MAX

int64_t clock_mono_ms(void); /* CLOCK_MONOTONIC in milliseconds */
int64_t clock_mono_ns(void); /* and in nanoseconds */
int64_t clock_wall_s(void);  /* seconds since 1970 */

/* RFC 3339 UTC with milliseconds, "2026-11-22T13:19:02.285+00:00"; out holds CLOCK_STAMP_SIZE
 * bytes or more; returns the length. Years beyond 9999 are cut to 9999 (sec is clamped). */
#define CLOCK_STAMP_SIZE 32
size_t clock_stamp(int64_t sec, unsigned ms, char *out);

#endif
