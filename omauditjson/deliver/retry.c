/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "deliver/retry.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define SECONDS_MAX INT64_C(1000000000) /* enough for any wish; keeps the products in range */

void retry_init(struct retry *r, size_t in_flight)
{
    *r = (struct retry){.window = in_flight ? in_flight : 1};
}

bool retry_may_start(const struct retry *r, size_t in_flight, int64_t now_ms)
{
    return now_ms >= r->next_ms && in_flight < r->window;
}

uint64_t retry_random(uint64_t *state)
{
    uint64_t z = (*state += UINT64_C(0x9e3779b97f4a7c15));

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* 25 % more or less, so that many senders do not come back in step. */
static int64_t jitter(int64_t ms, uint64_t *rng)
{
    int64_t span = ms / 2;

    if (span > 0)
        ms += (int64_t)(retry_random(rng) % (uint64_t)(span + 1)) - span / 2;
    return ms > 0 ? ms : 1;
}

int64_t retry_delay_ms(const struct retry_pace *pace, unsigned failures, uint64_t *rng)
{
    int64_t ms = pace->min_ms > 0 ? pace->min_ms : 1;

    for (unsigned i = 1; i < failures && ms < pace->max_ms; i++)
        ms = ms > pace->max_ms / 2 ? pace->max_ms : ms * 2;
    if (ms > pace->max_ms)
        ms = pace->max_ms;
    return jitter(ms, rng);
}

static void back_off(struct retry *r, int64_t next_ms)
{
    if (next_ms > r->next_ms)
        r->next_ms = next_ms;
    r->window = 1;
}

void retry_failed(struct retry *r, const struct retry_pace *pace, unsigned epoch, int64_t wish_ms,
                  int64_t now_ms, uint64_t *rng)
{
    int64_t limit = pace->max_ms * RETRY_AFTER_LIMIT;

    if (wish_ms > limit)
        wish_ms = limit;
    if (epoch == r->epoch) {
        r->epoch++;
        r->failures++;
        back_off(r, now_ms + retry_delay_ms(pace, r->failures, rng));
    }
    if (wish_ms > 0)
        back_off(r, now_ms + wish_ms);
}

void retry_held(struct retry *r, const struct retry_pace *pace, unsigned epoch, int64_t now_ms,
                uint64_t *rng)
{
    if (epoch != r->epoch)
        return;
    r->epoch++;
    r->failures++;
    back_off(r, now_ms + jitter(pace->max_ms, rng));
}

bool retry_succeeded(struct retry *r, unsigned epoch, size_t in_flight)
{
    bool ended = r->failures > 0;

    if (epoch != r->epoch)
        return false;
    r->failures = 0;
    r->next_ms = 0;
    r->window = r->window > in_flight / 2 ? in_flight : r->window * 2;
    if (r->window == 0)
        r->window = 1;
    return ended;
}

static int month_number(const char *name)
{
    static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

    for (int i = 0; i < 12; i++)
        if (strncmp(names + (size_t)3 * i, name, 3) == 0)
            return i + 1;
    return 0;
}

/* Days from 1970 to a date of the Gregorian calendar (years 1970 to 9999). */
static int64_t days_since_1970(int year, int month, int day)
{
    static const int before[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
    int64_t y = year - 1;
    int64_t days = 365 * y + y / 4 - y / 100 + y / 400 + before[month - 1] + day - 1;

    if (month > 2 && ((year % 4 == 0 && year % 100 != 0) || year % 400 == 0))
        days++;
    return days - 719162;
}

/* The three forms of a date in HTTP. Not strptime(): that goes by the locale. */
static int64_t parse_date(const char *s)
{
    int day, year, hour, minute, second, month, end = 0;
    char mon[4];

    if (sscanf(s, "%*3[A-Za-z], %2d %3[A-Za-z] %4d %2d:%2d:%2d GMT%n", &day, mon, &year, &hour,
               &minute, &second, &end) == 6 &&
        end)
        ;
    else if (sscanf(s, "%*9[A-Za-z], %2d-%3[A-Za-z]-%2d %2d:%2d:%2d GMT%n", &day, mon, &year, &hour,
                    &minute, &second, &end) == 6 &&
             end)
        year += year < 70 ? 2000 : 1900;
    else if (sscanf(s, "%*3[A-Za-z] %3[A-Za-z] %2d %2d:%2d:%2d %4d%n", mon, &day, &hour, &minute,
                    &second, &year, &end) == 6 &&
             end)
        ;
    else
        return -1;
    month = strlen(mon) == 3 ? month_number(mon) : 0;
    if (s[end] != '\0' || month == 0 || year < 1970 || day < 1 || day > 31 || hour < 0 ||
        hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60)
        return -1;
    return days_since_1970(year, month, day) * 86400 + hour * INT64_C(3600) + minute * INT64_C(60) +
           second;
}

int64_t retry_after_ms(const char *value, int64_t wall_s)
{
    int64_t s = 0;

    while (*value == ' ' || *value == '\t')
        value++;
    if (isdigit((unsigned char)*value)) {
        for (; isdigit((unsigned char)*value); value++)
            s = s > SECONDS_MAX ? SECONDS_MAX : s * 10 + (*value - '0');
        if (*value != '\0')
            return RETRY_NO_WISH;
    } else {
        s = parse_date(value);
        if (s < 0)
            return RETRY_NO_WISH;
        s = s > wall_s ? s - wall_s : 0;
    }
    return (s > SECONDS_MAX ? SECONDS_MAX : s) * 1000;
}
