/* SPDX-License-Identifier: Apache-2.0 */
/* The program's log: stderr or the file of option `log`, one write() under 4,096 bytes a line
 * (omprog keeps lines up to 4 KiB whole). Untrusted bytes are escaped; credentials never reach
 * this module. Only the engine, deliver and main log; leaves return errors. */
#ifndef OMAUDITJSON_BASE_LOG_H
#define OMAUDITJSON_BASE_LOG_H

#include <stdarg.h>
#include <stddef.h>

enum log_level {
    LOG_LEVEL_ERROR,
    LOG_LEVEL_WARNING,
    LOG_LEVEL_NOTICE,
    LOG_LEVEL_INFO,
    LOG_LEVEL_DEBUG
};

/* "error" "warning" "notice" "info" "debug" to a level; -EINVAL for anything else. */
int log_level_parse(const char *s);

void log_set_level(enum log_level level);

/* Log to the file at path (appended, 0640), NULL: stderr. Call again with the same path to reopen
 * after a rotation. 0 or -errno (the old target stays). */
int log_open(const char *path);

/* Where lines go in tests. NULL gives the real target back. line has no LF. */
typedef void (*log_sink)(void *ctx, enum log_level level, const char *line);
void log_set_sink(log_sink sink, void *ctx);

void log_write(enum log_level level, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
#define log_error(...) log_write(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warning(...) log_write(LOG_LEVEL_WARNING, __VA_ARGS__)
#define log_notice(...) log_write(LOG_LEVEL_NOTICE, __VA_ARGS__)
#define log_info(...) log_write(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...) log_write(LOG_LEVEL_DEBUG, __VA_ARGS__)

#endif
