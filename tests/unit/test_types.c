/* SPDX-License-Identifier: Apache-2.0 */
/* Every type number that a record can have, through header, index, parser and format: no record is
 * lost, none is another's. */
#include "config.h"

#include <libaudit.h>

#include "audisp_doc.h"
#include "event/group.h"
#include "input/record.h"

#define FIRST 1000
#define LAST 2999

/* The category that is not the type's own word. */
static const char *category(int type)
{
    switch (type) {
    case AUDIT_SYSCALL:
        return "syscall";
    case AUDIT_ANOM_PROMISCUOUS:
        return "promiscuous";
    default:
        return NULL;
    }
}

/* What the type is called in the document: by name, or "unknown[1999]". */
static void expected_word(int type, const char *name, char *out, size_t size)
{
    if (category(type))
        snprintf(out, size, "%s", category(type));
    else if (name)
        snprintf(out, size, "%s", name);
    else
        snprintf(out, size, "unknown[%d]", type);
    for (char *p = out; *p; p++) {
        if (*p >= 'A' && *p <= 'Z')
            *p = (char)(*p - 'A' + 'a');
    }
}

static struct json_object *through(struct group *g, struct parser *p, struct format *f,
                                   const char *text, int type)
{
    struct buf scratch = BUF_INIT(2048);
    struct event_line lines[4];
    struct group_event *open;
    struct event_source src;
    const struct event *ev;
    struct record rec;

    ck_assert_int_eq(record_parse(text, strlen(text), &scratch, &rec), RECORD_OK);
    ck_assert_int_eq(rec.type, type);
    group_add(g, &rec, 0, 0, 1, 0);
    group_end_all(g, EVENT_BY_SHUTDOWN, 0);
    open = group_take(g, 0, true);
    ck_assert_ptr_nonnull(open);
    ck_assert_uint_eq(open->n_lines, 1);
    group_source(open, lines, &src);
    ck_assert_int_eq(parse_event(p, &src, &ev), 0);
    ck_assert_uint_eq(ev->n_records, 1);
    ck_assert_int_eq(ev->records[0].type, type);
    buf_truncate(&doc, 0);
    ck_assert_int_eq(format_write(f, ev, &doc), 0);
    group_release(g, open);
    ck_assert_ptr_null(group_take(g, 0, true));
    buf_done(&scratch);
    return parsed();
}

START_TEST(every_number_goes_through)
{
    struct group_conf limits = {.timeout_ms = 2000,
                                .settle_ms = 1,
                                .settle_records = GROUP_SETTLE_RECORDS,
                                .max_event_bytes = 1 << 20,
                                .max_records = 100,
                                .max_events = 100,
                                .max_bytes = 1 << 22};
    struct group *g = group_new(&limits);
    struct parser *p = parser_new();
    struct format *f = format_new(&conf);
    unsigned named = 0, through_it = 0;

    format_set_names(f, names, NULL);
    for (int type = FIRST; type <= LAST; type++) {
        const char *name = audit_msg_type_to_name(type);
        char text[256], word[64];

        if (type == AUDIT_EOE)
            continue; /* ends an event and is none */
        expected_word(type, name, word, sizeof(word));
        for (int by_number = name ? 0 : 1; by_number < 2; by_number++) {
            struct json_object *o;

            if (by_number)
                snprintf(text, sizeof(text), "type=UNKNOWN[%d] ", type);
            else
                snprintf(text, sizeof(text), "type=%s ", name);
            snprintf(text + strlen(text), sizeof(text) - strlen(text),
                     "msg=audit(1700000000.023:%d): pid=7 uid=0 some=thing op=try res=1", type);
            o = through(g, p, f, text, type);
            if (!by_number)
                is(o, "category", word);
            is(o, "details.records", "1");
            is(o, "details.pid", "7");
            ck_assert_ptr_nonnull(strstr(buf_cstr(&doc), "some\":\"thing\""));
            ck_assert_ptr_nonnull(strstr(buf_cstr(&doc), "try"));
            json_object_put(o);
            through_it++;
            named += !by_number;
        }
    }
    ck_assert_uint_ge(named, 180); /* libaudit 3.0 has that many */
    ck_assert_uint_eq(through_it, LAST - FIRST + named);
    format_free(f);
    parser_free(p);
    group_free(g);
}
END_TEST

START_TEST(names_that_libaudit_does_not_know)
{
    CHECK_DOC("type=BRAND_NEW " AT "pid=1 some=thing", {"category", "brand_new"},
              {"details.fields", "{ \"brand_new_some\": \"thing\" }"});
    CHECK_DOC("type=UNKNOWN[1399] " AT "pid=1 some=thing", {"category", "unknown[1399]"},
              {"details.fields", "{ \"unknown_1399__some\": \"thing\" }"});
}
END_TEST

UNIT_MAIN("types", every_number_goes_through, names_that_libaudit_does_not_know)
