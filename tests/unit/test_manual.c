/* SPDX-License-Identifier: Apache-2.0 */
/* The manual's lists are those of the tables. UPDATE=1 in the environment writes them anew. */
#include "config.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/conf_table.h"
#include "base/stats.h"
#include "unit.h"

#define PAGE_MAX (256 << 10)

/* Text for troff: the hyphen a user would type, no control line by accident. */
static void put_text(struct buf *out, const char *text, bool dashes)
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

static void put_sentence(struct buf *out, const char *text)
{
    char first[2] = {(char)toupper((unsigned char)text[0]), '\0'};

    put_text(out, first, false);
    put_text(out, text + 1, false);
}

static void put_option(struct buf *out, const struct conf_option *o)
{
    buf_append_str(out, ".TP\n\\fB\\-\\-");
    put_text(out, o->name, true);
    buf_append_str(out, o->type == CONF_TYPE_BOOL ? "\\fR[\\fB=\\fI" : "\\fR \\fI");
    put_text(out, o->arg, false);
    buf_append_str(out, o->type == CONF_TYPE_BOOL ? "\\fR]\n" : "\\fR\n");
    put_sentence(out, o->help);
    buf_append_str(out, ".\n");
    if (o->def) {
        buf_append_str(out, "Default: ");
        put_text(out, o->def, false);
        if (o->max) {
            buf_append_str(out, "; from ");
            put_text(out, o->min, false);
            buf_append_str(out, " to ");
            put_text(out, o->max, false);
        }
        buf_append_str(out, ".\n");
    }
}

static void put_options(struct buf *out)
{
    const struct conf_option *o;

    for (size_t i = 0; (o = conf_option_at(i)) != NULL; i++) {
        if (o->name)
            put_option(out, o);
        else
            buf_printf(out, ".SS %s\n", o->arg);
    }
}

static void put_stats(struct buf *out)
{
    const struct stats_row *row;

    for (size_t i = 0; (row = stats_row_at(i)) != NULL; i++) {
        buf_printf(out, ".TP\n.B %s\n", row->name);
        put_sentence(out, row->help);
        buf_append_str(out, row->gauge ? " (now).\n" : ".\n");
    }
}

static const char *page_path(void)
{
    static char path[4096];
    const char *dir = getenv("srcdir");

    snprintf(path, sizeof(path), "%s/man/omauditjson.8", dir ? dir : ".");
    return path;
}

static void read_page(struct buf *page)
{
    FILE *file = fopen(page_path(), "re");
    char chunk[4096];
    size_t n;

    ck_assert_msg(file != NULL, "%s", page_path());
    while ((n = fread(chunk, 1, sizeof(chunk), file)) > 0)
        ck_assert_int_eq(buf_append(page, chunk, n), 0);
    fclose(file);
}

/* The whole texts are too long for a message of check: the first line that differs. */
static void expect_same(const char *page, const char *expected)
{
    while (*page || *expected) {
        size_t a = strcspn(page, "\n"), b = strcspn(expected, "\n");

        ck_assert_msg(a == b && memcmp(page, expected, a) == 0,
                      "the manual has '%.*s', the table '%.*s' (UPDATE=1 writes it anew)", (int)a,
                      page, (int)b, expected);
        page += a + (page[a] != '\0');
        expected += b + (expected[b] != '\0');
    }
}

/* What stands between the two marks of the table must be expected. */
static void expect_between(const char *table, struct buf *expected)
{
    struct buf page = BUF_INIT(PAGE_MAX);
    char begin[64], end[64];
    char *from, *to;

    snprintf(begin, sizeof(begin), ".\\\" from %s begin\n", table);
    snprintf(end, sizeof(end), ".\\\" from %s end\n", table);
    read_page(&page);
    buf_cstr(&page);
    from = strstr(page.data, begin);
    ck_assert_msg(from != NULL, "the manual has no %s", begin);
    from += strlen(begin);
    to = strstr(from, end);
    ck_assert_msg(to != NULL, "the manual has no %s", end);
    if (getenv("UPDATE")) {
        FILE *file = fopen(page_path(), "we");

        ck_assert_ptr_nonnull(file);
        fwrite(page.data, 1, (size_t)(from - page.data), file);
        fwrite(expected->data, 1, expected->len, file);
        fputs(to, file);
        ck_assert_int_eq(fclose(file), 0);
    } else {
        *to = '\0';
        expect_same(from, buf_cstr(expected));
    }
    buf_done(&page);
}

START_TEST(the_manual_lists_the_options)
{
    struct buf expected = BUF_INIT(PAGE_MAX);

    put_options(&expected);
    expect_between("options.def", &expected);
    buf_done(&expected);
}
END_TEST

START_TEST(the_manual_lists_the_numbers)
{
    struct buf expected = BUF_INIT(PAGE_MAX);

    put_stats(&expected);
    expect_between("stats.def", &expected);
    buf_done(&expected);
}
END_TEST

START_TEST(the_manual_has_the_programs_version)
{
    struct buf page = BUF_INIT(PAGE_MAX);

    read_page(&page);
    ck_assert_ptr_nonnull(strstr(buf_cstr(&page), "\"" PACKAGE_STRING "\""));
    buf_done(&page);
}
END_TEST

UNIT_MAIN("manual", the_manual_lists_the_options, the_manual_lists_the_numbers,
          the_manual_has_the_programs_version)
