/* SPDX-License-Identifier: Apache-2.0 */
/* A configuration file in a directory of its own, and a struct conf read from it. */
#ifndef TESTS_UNIT_CONF_FIXTURE_H
#define TESTS_UNIT_CONF_FIXTURE_H

#include <check.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "conf/conf.h"

struct fixture {
    char dir[32], path[64];
    struct conf conf;
    struct buf errors;
    enum conf_command command;
    int first_arg;
    char *argv[40]; /* as conf_load() left it */
};

static inline void fixture_bytes(struct fixture *f, const void *data, size_t len)
{
    FILE *file;

    memset(f, 0, sizeof(*f));
    buf_init(&f->errors, 64 << 10);
    snprintf(f->dir, sizeof(f->dir), "/tmp/oaj-conf-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(f->dir));
    snprintf(f->path, sizeof(f->path), "%s/c.conf", f->dir);
    file = fopen(f->path, "we");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(data, 1, len, file), len);
    ck_assert_int_eq(fclose(file), 0);
}

static inline __attribute__((format(printf, 2, 3))) void fixture_file(struct fixture *f,
                                                                      const char *fmt, ...)
{
    char text[4096];
    va_list ap;
    int n;

    va_start(ap, fmt);
    n = vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    ck_assert(n >= 0 && (size_t)n < sizeof(text));
    fixture_bytes(f, text, (size_t)n);
}

static inline int fixture_read(struct fixture *f)
{
    conf_init(&f->conf);
    return conf_read_file(&f->conf, f->path, &f->errors);
}

/* Arguments after argv[0], ended by NULL. */
static inline __attribute__((sentinel)) int fixture_load(struct fixture *f, ...)
{
    static char name[] = "omauditjson";
    int argc = 0;
    va_list ap;

    f->argv[argc++] = name;
    va_start(ap, f);
    do {
        f->argv[argc++] = va_arg(ap, char *);
        ck_assert_uint_lt((size_t)argc, sizeof(f->argv) / sizeof(f->argv[0]));
    } while (f->argv[argc - 1]);
    va_end(ap);
    return conf_load(&f->conf, argc - 1, f->argv, &f->command, &f->first_arg, &f->errors);
}

static inline void fixture_done(struct fixture *f)
{
    conf_done(&f->conf);
    buf_done(&f->errors);
    unlink(f->path);
    rmdir(f->dir);
}

#endif
