/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of the format ecs: whole, right, and in no word outside those of ECS. */
#include "config.h"

#include <libaudit.h>
#include <stdio.h>
#include <string.h>

#include "format/ecs/ecs_action.h"
#include "format/ecs/ecs_object.h"
#include "format/ecs/ecs_out.h"
#include "unit.h"

#define C(id) (1u << ECS_CATEGORY_NUMBER_##id)
#define T(id) (1u << ECS_TYPE_NUMBER_##id)

static const char *const audisp_syscalls[] = {
#define SYSCALL(name, category, summary, object, scope) #name,
#include "format/syscalls.def"
#undef SYSCALL
};

static const char *const syscalls[] = {
#define ECS_SYSCALL(name, action, kind, find, categories, types) #name,
#include "format/ecs/ecs_syscalls.def"
#undef ECS_SYSCALL
};

static const struct {
    int number;
    const char *name;
} records[] = {
#define ECS_RECORD(number, type, action, kind, find, primary, secondary, categories, types, rank) \
    {number, #type},
#include "format/ecs/ecs_records.def"
};

static const struct {
    int first, last;
    unsigned categories;
} ranges[] = {
#define ECS_RANGE(first, last, categories, types) {first, last, categories},
#include "format/ecs/ecs_records.def"
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

START_TEST(every_syscall_of_audisp_json_has_a_row)
{
    struct ecs_table *a = ecs_table_new();

    for (size_t i = 0; i < COUNT(audisp_syscalls); i++)
        ck_assert_msg(ecs_table_syscall(a, audisp_syscalls[i], strlen(audisp_syscalls[i])),
                      "%s has none", audisp_syscalls[i]);
    ck_assert_ptr_null(ecs_table_syscall(a, "no_such", 7));
    ck_assert_ptr_null(ecs_table_syscall(a, "", 0));
    ecs_table_free(a);
}
END_TEST

START_TEST(every_row_is_found_under_its_own_name)
{
    struct ecs_table *a = ecs_table_new();

    for (size_t i = 0; i < COUNT(syscalls); i++) {
        const struct ecs_row *row = ecs_table_syscall(a, syscalls[i], strlen(syscalls[i]));

        ck_assert_msg(row && strcmp(row->name, syscalls[i]) == 0, "%s", syscalls[i]);
        for (size_t k = 0; k < i; k++)
            ck_assert_msg(strcmp(syscalls[i], syscalls[k]) != 0, "%s twice", syscalls[i]);
    }
    ecs_table_free(a);
}
END_TEST

/* A row that libaudit knows under another name would never be used. */
START_TEST(numbers_are_those_of_libaudit)
{
    struct ecs_table *a = ecs_table_new();

    for (size_t i = 0; i < COUNT(records); i++) {
        const char *name = audit_msg_type_to_name(records[i].number);
        struct event_record rec = {.type = records[i].number};

        if (name)
            ck_assert_str_eq(name, records[i].name);
        ck_assert_ptr_nonnull(ecs_table_record(a, &rec));
        ck_assert_str_eq(ecs_table_record(a, &rec)->name, records[i].name);
        /* a libaudit that does not know the type gives no number */
        rec.type = -1;
        rec.type_name = records[i].name;
        rec.type_name_len = (uint32_t)strlen(rec.type_name);
        ck_assert_int_eq(ecs_table_record(a, &rec)->number, records[i].number);
    }
    ecs_table_free(a);
}
END_TEST

START_TEST(ranges_leave_no_type_out)
{
    int next = 1000;

    for (size_t i = 0; i < COUNT(ranges); i++) {
        ck_assert_int_eq(ranges[i].first, next);
        ck_assert_int_gt(ranges[i].last, ranges[i].first);
        ck_assert_uint_ne(ranges[i].categories, 0);
        next = ranges[i].last + 1;
    }
    ck_assert_int_eq(next, 3000);
}
END_TEST

/* ECS says which types it expects in a category. */
static void check_words(const char *name, unsigned categories, unsigned types)
{
    unsigned expected = 0;

    ck_assert_msg(categories && types, "%s has none", name);
    for (unsigned i = 0; i < ECS_CATEGORIES; i++) {
        if (!(categories & 1u << i))
            continue;
        expected |= ecs_category_types(i);
        ck_assert_msg(ecs_category_types(i) & types, "%s: no type of category %s", name,
                      ecs_category_word(i));
    }
    for (unsigned i = 0; i < ECS_TYPES; i++)
        ck_assert_msg(!(types & 1u << i) || (expected & 1u << i), "%s: type %s is in no category",
                      name, ecs_type_word(i));
}

START_TEST(types_are_expected_in_their_category)
{
#define ECS_SYSCALL(name, action, kind, find, categories, types) \
    check_words(#name, categories, types);
#include "format/ecs/ecs_syscalls.def"
#undef ECS_SYSCALL
#define ECS_RECORD(number, type, action, kind, find, primary, secondary, categories, types, rank) \
    check_words(#type, categories, types);
#define ECS_RANGE(first, last, categories, types) check_words(#first, categories, types);
#include "format/ecs/ecs_records.def"
}
END_TEST

/* Every type that libaudit knows, alone: it has an action, a category, a type and an outcome. */
START_TEST(every_record_type_says_something)
{
    struct ecs_table *a = ecs_table_new();
    struct syscalls *s = syscalls_new();
    unsigned n = 0;

    for (int type = -1; type < 3000; type++) {
        const char *name = type < 0 ? "BRAND_NEW" : audit_msg_type_to_name(type);
        struct event_record rec = {.type = type, .type_name = name};
        struct event ev = {.records = &rec, .n_records = 1};
        struct ecs_what what;
        struct view v;

        if (!name || type == AUDIT_EOE)
            continue;
        rec.type_name_len = (uint32_t)strlen(name);
        view_init(&v, s, &ev);
        ecs_action_resolve(a, &v, &what);
        ecs_object_find(&v, &what);
        ck_assert_uint_gt(what.action.len, 0);
        check_words(name, what.categories, what.types);
        n++;
    }
    ck_assert_uint_gt(n, 150);
    syscalls_free(s);
    ecs_table_free(a);
}
END_TEST

/* -- nested objects ---------------------------------------------------------------------------- */

#define KEY(text) (text), sizeof(text) - 1

START_TEST(objects_begin_and_end_with_their_keys)
{
    struct buf b = BUF_INIT(1000);
    struct json_writer w;
    struct notes notes;
    struct ecs_out o;

    notes_init(&notes);
    json_init(&w, &b, 1000);
    ecs_out_begin(&o, &w, &notes, 3);
    ecs_out_text(&o, KEY("a"), "1");
    ecs_out_text(&o, KEY("b.c"), "2");
    ecs_out_text(&o, KEY("b.d.e.f"), "3");
    ecs_out_number(&o, KEY("b.d.e.g"), UINT64_MAX);
    ecs_out_text(&o, KEY("b.dd.e"), "4");
    ecs_out_text(&o, KEY("b.h"), "12345");
    ecs_out_enter(&o, KEY("bb"));
    ecs_out_text(&o, KEY("bb.x"), "\xff");
    ecs_out_text(&o, KEY("z"), "");
    ecs_out_end(&o);
    ck_assert_str_eq(buf_cstr(&b),
                     "{\"a\":\"1\",\"b\":{\"c\":\"2\",\"d\":{\"e\":{\"f\":\"3\","
                     "\"g\":18446744073709551615}},\"dd\":{\"e\":\"4\"},\"h\":\"123\"},"
                     "\"bb\":{\"x\":\"\xef\xbf\xbd\"},\"z\":\"\"}");
    ck_assert_uint_eq(notes.n_cut, 1);
    ck_assert(memmem(notes.cut.data, notes.cut.len, "\"b.h=5\"", 7));
    ck_assert(memmem(notes.invalid.data, notes.invalid.len, "\"bb.x\"", 6));
    notes_done(&notes);
    buf_done(&b);
}
END_TEST

UNIT_MAIN("ecs_tables", every_syscall_of_audisp_json_has_a_row,
          every_row_is_found_under_its_own_name, numbers_are_those_of_libaudit,
          ranges_leave_no_type_out, types_are_expected_in_their_category,
          every_record_type_says_something, objects_begin_and_end_with_their_keys)
