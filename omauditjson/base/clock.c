/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "base/clock.h"

#include <time.h>

int64_t clock_mono_ms(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

int64_t clock_mono_ns(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

int64_t clock_wall_s(void)
{
    return (int64_t)time(NULL);
}

static char *put(char *p, int64_t value, int digits)
{
    for (int i = digits - 1; i >= 0; i--) {
        p[i] = (char)('0' + value % 10);
        value /= 10;
    }
    return p + digits;
}

/* Days since 1970 to a civil date, by eras of 400 years (146,097 days) counted from 1 March 0000:
 * no library call and no time zone data on the hot path. */
size_t clock_stamp(int64_t sec, unsigned ms, char *out)
{
    const int64_t last = INT64_C(253402300799); /* 9999-12-31T23:59:59 */
    int64_t days, rest, era, doe, yoe, doy, mp, year, month, day;
    char *p = out;

    if (sec < 0)
        sec = 0;
    if (sec > last)
        sec = last;
    days = sec / 86400 + 719468;
    rest = sec % 86400;
    era = days / 146097;
    doe = days - era * 146097;
    yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    mp = (5 * doy + 2) / 153;
    day = doy - (153 * mp + 2) / 5 + 1;
    month = mp < 10 ? mp + 3 : mp - 9;
    year = yoe + era * 400 + (month <= 2 ? 1 : 0);

    p = put(p, year, 4);
    *p++ = '-';
    p = put(p, month, 2);
    *p++ = '-';
    p = put(p, day, 2);
    *p++ = 'T';
    p = put(p, rest / 3600, 2);
    *p++ = ':';
    p = put(p, rest / 60 % 60, 2);
    *p++ = ':';
    p = put(p, rest % 60, 2);
    *p++ = '.';
    p = put(p, ms % 1000, 3);
    for (const char *z = "+00:00"; *z; z++)
        *p++ = *z;
    *p = '\0';
    return (size_t)(p - out);
}
