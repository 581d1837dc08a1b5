/* SPDX-License-Identifier: Apache-2.0 */
/* The lists of keys in man/omauditjson-format.5 and docs/formats.md are those of the formats' rows.
 * UPDATE=1 in the environment writes them anew. */
#include "config.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "format/format_kind.h"
#include "generated.h"
#include "unit.h"

#define PAGE "man/omauditjson-format.5"

static const struct format_kind *const kinds[] = {
#define FORMAT(id, kind) &kind,
#include "format/formats.def"
#undef FORMAT
};

#define N_KINDS (sizeof(kinds) / sizeof(kinds[0]))

static void put_troff(struct buf *out, const struct format_key *row)
{
    char first[2] = {(char)toupper((unsigned char)row->help[0]), '\0'};

    buf_append_str(out, ".TP\n\\fB");
    generated_troff(out, row->path, false);
    buf_printf(out, "\\fR (%s%s)\n", format_key_type_text(row->type),
               row->required ? ", always" : "");
    generated_troff(out, first, false);
    generated_troff(out, row->help + 1, false);
    buf_append_str(out, row->help[strlen(row->help) - 1] == '?' ? "\n" : ".\n");
    if (row->source[0]) {
        buf_append_str(out, ".br\nFrom: ");
        generated_troff(out, row->source, false);
        buf_append_str(out, "\n");
    }
    if (row->example) {
        buf_append_str(out, ".br\nExample: ");
        generated_troff(out, row->example, false);
        buf_append_str(out, "\n");
    }
}

START_TEST(the_manual_lists_the_keys)
{
    for (size_t i = 0; i < N_KINDS; i++) {
        struct buf expected = BUF_INIT(GENERATED_MAX);
        char begin[64], end[64];

        for (const struct format_key *row = kinds[i]->keys; row->path; row++)
            put_troff(&expected, row);
        snprintf(begin, sizeof(begin), ".\\\" from %s begin\n", kinds[i]->name);
        snprintf(end, sizeof(end), ".\\\" from %s end\n", kinds[i]->name);
        generated_expect(PAGE, begin, end, &expected);
        buf_done(&expected);
    }
}
END_TEST

/* In a cell of a table a bar would begin the next one, even within code. */
static void put_cell(struct buf *out, const char *text, bool code)
{
    buf_append_str(out, code && *text ? "| `" : "| ");
    for (; *text; text++) {
        if (*text == '|')
            buf_append_char(out, '\\');
        if (*text == '<' && !code)
            buf_append_char(out, '\\');
        buf_append_char(out, *text);
        if (text[1] == '\0')
            buf_append_str(out, code ? "` " : " ");
    }
}

static void put_table(struct buf *out, const struct format_kind *kind)
{
    buf_append_str(out, "\n| key | type | from | example | what |\n|---|---|---|---|---|\n");
    for (const struct format_key *row = kind->keys; row->path; row++) {
        put_cell(out, row->path, true);
        put_cell(out, format_key_type_text(row->type), false);
        put_cell(out, row->source, false);
        put_cell(out, row->example ? row->example : "", true);
        put_cell(out, row->help, false);
        buf_append_str(out, "|\n");
    }
    buf_append_char(out, '\n');
}

START_TEST(the_document_lists_the_keys)
{
    for (size_t i = 0; i < N_KINDS; i++) {
        struct buf expected = BUF_INIT(GENERATED_MAX);
        char begin[64], end[64];

        put_table(&expected, kinds[i]);
        snprintf(begin, sizeof(begin), "<!-- from %s begin -->\n", kinds[i]->name);
        snprintf(end, sizeof(end), "<!-- from %s end -->\n", kinds[i]->name);
        generated_expect("docs/formats.md", begin, end, &expected);
        buf_done(&expected);
    }
}
END_TEST

START_TEST(the_manual_has_the_programs_version)
{
    generated_has_version(PAGE);
}
END_TEST

UNIT_MAIN("keys", the_manual_lists_the_keys, the_document_lists_the_keys,
          the_manual_has_the_programs_version)
