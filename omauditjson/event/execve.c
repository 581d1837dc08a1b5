/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "event/execve.h"

#include <libaudit.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "event/decode.h"

/* One aN=, aN[M]= or aN_len= as it stood in a record. */
struct execve_piece {
    uint64_t index;
    uint64_t piece;
    const struct event_field *field;
    bool is_len;
    bool split;
};

void execve_done(struct execve *x)
{
    free(x->pieces);
    free(x->args);
    free(x->joined);
    *x = (struct execve){0};
}

static int compare(const struct execve_piece *a, const struct execve_piece *b)
{
    if (a->index != b->index)
        return a->index < b->index ? -1 : 1;
    if (a->is_len != b->is_len)
        return a->is_len ? -1 : 1;
    if (a->piece != b->piece)
        return a->piece < b->piece ? -1 : 1;
    return 0;
}

/* For qsort: equal pieces (a repeated field) keep their order, so that the first one wins. */
static int compare_stable(const void *va, const void *vb)
{
    const struct execve_piece *a = va, *b = vb;
    int r = compare(a, b);

    return r ? r : (a->field < b->field ? -1 : a->field > b->field);
}

static void take_field(struct execve *x, const struct event_field *f)
{
    static const char len_suffix[] = "_len";
    const size_t suffix = sizeof(len_suffix) - 1;
    struct execve_piece p = {.field = f};
    size_t name_len = f->name_len;

    if (name_len > suffix && memcmp(f->name + name_len - suffix, len_suffix, suffix) == 0) {
        p.is_len = true;
        name_len -= suffix;
    }
    if (!decode_arg_name(f->name, name_len, &p.index, &p.piece, &p.split) || (p.is_len && p.split))
        return;
    if (x->n_pieces == x->cap_pieces) {
        x->cap_pieces = x->cap_pieces ? x->cap_pieces * 2 : 64;
        x->pieces = mem_realloc_array(x->pieces, x->cap_pieces, sizeof(*x->pieces));
    }
    x->pieces[x->n_pieces++] = p;
}

static void add_arg(struct execve *x, struct event_arg arg)
{
    if (x->n_args == x->cap_args) {
        x->cap_args = x->cap_args ? x->cap_args * 2 : 64;
        x->args = mem_realloc_array(x->args, x->cap_args, sizeof(*x->args));
    }
    x->args[x->n_args++] = arg;
}

static bool same_value(const struct event_field *a, const struct event_field *b)
{
    return a->value_len == b->value_len && memcmp(a->value, b->value, a->value_len) == 0;
}

/* The pieces [i..j) of one argument, sorted, to one value. What aN_len counts is the text as
 * written: two characters a byte where it is hexadecimal, perhaps the quotes
 * [linux, kernel/auditsc.c, audit_log_execve_info()]. */
static void join(struct execve *x, size_t i, size_t j)
{
    const struct execve_piece *p = x->pieces;
    struct event_arg arg = {.index = p[i].index};
    uint64_t promised = 0, written = 0, expect = 0;
    bool gap = false, repeated = false;
    size_t lost = 0;

    if (p[i].is_len) {
        event_field_number(p[i].field, 10, &promised);
        while (i < j && p[i].is_len)
            i++;
    }
    if (i + 1 == j) {
        arg.value = p[i].field->value;
        arg.len = p[i].field->value_len;
        written = p[i].field->flags & EVENT_FIELD_DECODED ? arg.len * 2 : arg.len;
        gap = p[i].piece != 0;
    } else {
        /* a length without a piece: nothing was joined yet */
        arg.value = x->joined ? x->joined + x->joined_len : "";
        for (size_t k = i; k < j; k++) {
            const struct event_field *f = p[k].field;

            if (k > i && p[k].piece == p[k - 1].piece) {
                repeated = repeated || !same_value(f, p[k - 1].field);
                lost += f->value_len;
                continue;
            }
            gap = gap || p[k].piece != expect;
            expect = p[k].piece + 1;
            if (x->joined) /* a byte to join implies room for it */
                memcpy(x->joined + x->joined_len, f->value, f->value_len);
            x->joined_len += f->value_len;
            arg.len += f->value_len;
            written += f->flags & EVENT_FIELD_DECODED ? (uint64_t)f->value_len * 2 : f->value_len;
        }
    }
    if (gap || written + 2 < promised)
        arg.full_len = promised > arg.len ? promised : arg.len + 1;
    else if (repeated)
        arg.full_len = arg.len + lost;
    add_arg(x, arg);
}

void execve_collect(struct execve *x, struct event *ev)
{
    const struct event_field *argc = NULL;
    size_t bytes = 0;
    bool sorted = true;

    x->n_pieces = x->n_args = x->joined_len = 0;
    for (size_t i = 0; i < ev->n_records; i++) {
        const struct event_record *rec = &ev->records[i];

        if (rec->type != AUDIT_EXECVE)
            continue;
        if (!argc)
            argc = event_field(rec, EVENT_NAME_argc);
        for (size_t k = 0; k < rec->n_fields; k++)
            take_field(x, &rec->fields[k]);
    }
    for (size_t i = 0; i < x->n_pieces; i++) {
        if (i > 0 && compare(&x->pieces[i - 1], &x->pieces[i]) > 0)
            sorted = false;
    }
    if (!sorted)
        qsort(x->pieces, x->n_pieces, sizeof(*x->pieces), compare_stable);
    /* join() copies at most all of an argument that is in more than one piece, whole or split */
    for (size_t i = 0; i < x->n_pieces; i++) {
        const struct execve_piece *p = &x->pieces[i];

        if ((i > 0 && p[-1].index == p->index) || (i + 1 < x->n_pieces && p[1].index == p->index))
            bytes += p->field->value_len;
    }
    /* one more: there is a place to point to even when nothing is copied (aN_len= alone, a1[0]=) */
    if (x->n_pieces && bytes + 1 > x->cap_joined) {
        x->joined = mem_realloc(x->joined, bytes + 1);
        x->cap_joined = bytes + 1;
    }
    for (size_t i = 0, j; i < x->n_pieces; i = j) {
        for (j = i + 1; j < x->n_pieces && x->pieces[j].index == x->pieces[i].index; j++)
            ;
        join(x, i, j);
    }

    ev->argv = x->args;
    ev->n_argv = x->n_args;
    ev->argc = 0;
    /* a number that is none can't say that the arguments are all there, and no more can none: of a
     * long list the record that has it is the first */
    ev->argv_has_gaps = x->n_args > 0 && !argc;
    ev->argv_has_gaps |= argc && !event_field_number(argc, 10, &ev->argc);
    if (ev->n_argv < ev->argc)
        ev->argv_has_gaps = true;
    for (size_t i = 0; i < x->n_args; i++) {
        if (x->args[i].index != i)
            ev->argv_has_gaps = true;
    }
}
