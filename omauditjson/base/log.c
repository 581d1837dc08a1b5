/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
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
        fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0640);
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

/* Control characters and the backslash become \xNN, so that a record can forge no log line. Bytes
 * above 0x7f stay: names are UTF-8. */
static size_t escape(const char *in, char *out, size_t size)
{
    size_t n = 0;

    for (; *in; in++) {
        unsigned char c = (unsigned char)*in;

        if (c < 0x20 || c == 0x7f) {
            if (n + 5 > size)
                break;
            n += (size_t)snprintf(out + n, size - n, "\\x%02x", c);
        } else {
            if (n + 2 > size)
                break;
            out[n++] = (char)c;
        }
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
