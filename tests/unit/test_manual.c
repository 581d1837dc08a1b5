/* SPDX-License-Identifier: Apache-2.0 */
/* The manual's lists are those of the tables. UPDATE=1 in the environment writes them anew. */
#include "config.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "conf/conf_table.h"
#include "base/stats.h"
#include "generated.h"
#include "unit.h"

#define PAGE "man/omauditjson.8"

static void put_sentence(struct buf *out, const char *text)
{
    char first[2] = {(char)toupper((unsigned char)text[0]), '\0'};

    generated_troff(out, first, false);
    generated_troff(out, text + 1, false);
}

static void put_option(struct buf *out, const struct conf_option *o)
{
    buf_append_str(out, ".TP\n\\fB\\-\\-");
    generated_troff(out, o->name, true);
    buf_append_str(out, o->type == CONF_TYPE_BOOL ? "\\fR[\\fB=\\fI" : "\\fR \\fI");
    generated_troff(out, o->arg, false);
    buf_append_str(out, o->type == CONF_TYPE_BOOL ? "\\fR]\n" : "\\fR\n");
    put_sentence(out, o->help);
    buf_append_str(out, ".\n");
    if (o->def) {
        buf_append_str(out, "Default: ");
        generated_troff(out, o->def, false);
        if (o->max) {
            buf_append_str(out, "; from ");
            generated_troff(out, o->min, false);
            buf_append_str(out, " to ");
            generated_troff(out, o->max, false);
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

/* What stands between the two marks of the table must be expected. */
static void expect_between(const char *table, struct buf *expected)
{
    char begin[64], end[64];

    snprintf(begin, sizeof(begin), ".\\\" from %s begin\n", table);
    snprintf(end, sizeof(end), ".\\\" from %s end\n", table);
    generated_expect(PAGE, begin, end, expected);
}

START_TEST(the_manual_lists_the_options)
{
    struct buf expected = BUF_INIT(GENERATED_MAX);

    put_options(&expected);
    expect_between("options.def", &expected);
    buf_done(&expected);
}
END_TEST

START_TEST(the_manual_lists_the_numbers)
{
    struct buf expected = BUF_INIT(GENERATED_MAX);

    put_stats(&expected);
    expect_between("stats.def", &expected);
    buf_done(&expected);
}
END_TEST

START_TEST(the_manual_has_the_programs_version)
{
    generated_has_version(PAGE);
}
END_TEST

UNIT_MAIN("manual", the_manual_lists_the_options, the_manual_lists_the_numbers,
          the_manual_has_the_programs_version)
