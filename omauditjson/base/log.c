/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define LOG_LINE_MAX 4000 /* with the escapes' growth bounded below, always under 4,096 */

static const char *const level_names[] = {"error", "warning", "notice", "info", "debug"};

static enum log_level log_level_now = LOG_LEVEL_NOTICE;
static int log_fd = STDERR_FILENO;
static log_sink log_sink_now;
static void *log_sink_ctx;

int log_level_parse(const char *s)
{
    for (size_t i = 0; i < sizeof(level_names) / sizeof(level_names[0]); i++)
        if (strcmp(s, level_names[i]) == 0)
            return (int)i;
    return -EINVAL;
}

void log_set_level(enum log_level level)
{
    log_level_now = level;
}

int log_open(const char *path)
{
    int fd = STDERR_FILENO;

    if (path) {
        /* A pipe that nobody reads must not hold the stream up: what it can't take is not said. */
        fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0640);
        if (fd < 0)
            return -errno;
    }
    if (log_fd != STDERR_FILENO)
        close(log_fd);
    log_fd = fd;
    return 0;
}

void log_set_sink(log_sink sink, void *ctx)
{
    log_sink_now = sink;
    log_sink_ctx = ctx;
}

/* The length of the UTF-8 character at s when it may be shown as it is; 0: its first byte may not.
 * What no names have and a terminal obeys is not shown: controls, also those of the second kind
 * (U+009B is ESC [), and what turns the direction of writing. */
static size_t harmless(const unsigned char *s)
{
    uint32_t c = s[0];
    size_t n;

    if (c < 0x80)
        return c >= 0x20 && c != 0x7f;
    n = c < 0xc2 ? 0 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : c < 0xf5 ? 4 : 0;
    if (n == 0)
        return 0;
    c &= 0x7fu >> n;
    for (size_t i = 1; i < n; i++) { /* the NUL at the end is none of these */
        if ((s[i] & 0xc0) != 0x80)
            return 0;
        c = c << 6 | (s[i] & 0x3f);
    }
    if ((n == 3 && c < 0x800) || (n == 4 && c < 0x10000) || c > 0x10ffff ||
        (c >= 0xd800 && c <= 0xdfff))
        return 0;
    return c < 0xa0 || (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) ? 0 : n;
}

/* What may not be shown becomes \xNN, so that a record or an answer can forge no log line. */
static size_t escape(const char *text, char *out, size_t size)
{
    const unsigned char *in = (const unsigned char *)text;
    size_t n = 0;

    while (*in) {
        size_t len = harmless(in);

        if (n + (len ? len : 4) + 1 > size)
            break;
        if (len == 0) {
            n += (size_t)snprintf(out + n, size - n, "\\x%02x", *in++);
            continue;
        }
        memcpy(out + n, in, len);
        n += len;
        in += len;
    }
    out[n] = '\0';
    return n;
}

void log_write(enum log_level level, const char *fmt, ...)
{
    char text[LOG_LINE_MAX], safe[LOG_LINE_MAX], line[LOG_LINE_MAX + 90], stamp[32];
    struct timespec now;
    struct tm tm;
    va_list ap;
    ssize_t ignored;
    int n;

    if (level > log_level_now)
        return;
    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    escape(text, safe, sizeof(safe));
    if (log_sink_now) {
        log_sink_now(log_sink_ctx, level, safe);
        return;
    }
    clock_gettime(CLOCK_REALTIME, &now);
    if (!gmtime_r(&now.tv_sec, &tm) || !strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%S", &tm))
        stamp[0] = '\0';
    n = snprintf(line, sizeof(line), "%s.%03ldZ omauditjson[%ld] %s: %s\n", stamp,
                 now.tv_nsec / 1000000, (long)getpid(), level_names[level], safe);
    if (n < 0)
        return;
    if ((size_t)n >= sizeof(line)) {
        n = (int)sizeof(line) - 1;
        line[n - 1] = '\n';
    }
    ignored = write(log_fd, line, (size_t)n);
    (void)ignored; /* nobody is left to tell */
}
