/* SPDX-License-Identifier: Apache-2.0 */
/* For tests of texts that hold lists made from tables, each between a line that begins it and one
 * that ends it. UPDATE=1 in the environment writes the lists anew. */
#ifndef TESTS_UNIT_GENERATED_H
#define TESTS_UNIT_GENERATED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "unit.h"

#define GENERATED_MAX (1 << 20)

/* The path of a file of the sources. */
static inline const char *generated_path(const char *name)
{
    static char path[4096];
    const char *dir = getenv("srcdir");

    snprintf(path, sizeof(path), "%s/%s", dir ? dir : ".", name);
    return path;
}

static inline void generated_read(const char *name, struct buf *text)
{
    FILE *file = fopen(generated_path(name), "re");
    char chunk[4096];
    size_t n;

    ck_assert_msg(file != NULL, "%s", name);
    while ((n = fread(chunk, 1, sizeof(chunk), file)) > 0)
        ck_assert_int_eq(buf_append(text, chunk, n), 0);
    fclose(file);
    buf_cstr(text);
}

/* The whole texts are too long for a message of check: the first line that differs. */
static inline void generated_same(const char *name, const char *text, const char *expected)
{
    while (*text || *expected) {
        size_t a = strcspn(text, "\n"), b = strcspn(expected, "\n");

        ck_assert_msg(a == b && memcmp(text, expected, a) == 0,
                      "%s has '%.*s', the table '%.*s' (UPDATE=1 writes it anew)", name, (int)a,
                      text, (int)b, expected);
        text += a + (text[a] != '\0');
        expected += b + (expected[b] != '\0');
    }
}

/* What stands between the lines begin and end of the file must be expected. */
static inline void generated_expect(const char *name, const char *begin, const char *end,
                                    struct buf *expected)
{
    struct buf text = BUF_INIT(GENERATED_MAX);
    char *from, *to;

    generated_read(name, &text);
    from = strstr(text.data, begin);
    ck_assert_msg(from != NULL, "%s has no %s", name, begin);
    from += strlen(begin);
    to = strstr(from, end);
    ck_assert_msg(to != NULL, "%s has no %s", name, end);
    if (getenv("UPDATE")) {
        FILE *file = fopen(generated_path(name), "we");

        ck_assert_ptr_nonnull(file);
        fwrite(text.data, 1, (size_t)(from - text.data), file);
        fwrite(expected->data, 1, expected->len, file);
        fputs(to, file);
        ck_assert_int_eq(fclose(file), 0);
    } else {
        *to = '\0';
        generated_same(name, from, buf_cstr(expected));
    }
    buf_done(&text);
}

static inline void generated_has_version(const char *name)
{
    struct buf page = BUF_INIT(GENERATED_MAX);

    generated_read(name, &page);
    ck_assert_ptr_nonnull(strstr(page.data, "\"" PACKAGE_STRING "\""));
    buf_done(&page);
}

/* Text for troff: the hyphen a user would type, no control line by accident. */
static inline void generated_troff(struct buf *out, const char *text, bool dashes)
{
    if (*text == '.' || *text == '\'')
        buf_append_str(out, "\\&");
    for (; *text; text++) {
        if (*text == '\\')
            buf_append_str(out, "\\e");
        else if (*text == '-' || (dashes && *text == '_'))
            buf_append_str(out, "\\-");
        else
            buf_append_char(out, *text);
    }
}

#endif
