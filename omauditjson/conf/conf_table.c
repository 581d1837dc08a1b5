/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "conf/conf_table.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* A row whose type does not fit its member must not build. */
#define C_STRING char *
#define C_PATH char *
#define C_LIST struct conf_list
#define C_DURATION int64_t
#define C_SIZE uint64_t
#define C_COUNT uint64_t
#define C_BOOL bool
#define C_ENUM int
#define SECTION(text)
#define OPTION(name, type, arg, def, min, max, flags, help)                                      \
    _Static_assert(__builtin_types_compatible_p(__typeof__(((struct conf *)0)->name), C_##type), \
                   "options.def: the type of " #name);                                           \
    _Static_assert(sizeof(#name) <= CONF_NAME_MAX, "options.def: the length of " #name);
#include "conf/options.def"
#undef SECTION
#undef OPTION

/* "|mozdef|mozdef-bulk..." */
static const char receiver_words[] =
#define RECEIVER(NAME, name, word) "|" word
#include "conf/receivers.def"
#undef RECEIVER
    ;
#define RECEIVER_WORDS (receiver_words + 1)

#define SECTION(text) {.type = CONF_TYPE_SECTION, .arg = text},
#define OPTION(name, type, arg, def, min, max, flags, help) \
    {#name, CONF_TYPE_##type, offsetof(struct conf, name), arg, def, min, max, flags, help},
static const struct conf_option options[] = {
#include "conf/options.def"
};
#undef SECTION
#undef OPTION

#define HELP_INDENT 8 /* of a list of words that goes on */
#define N_OPTIONS (sizeof(options) / sizeof(options[0]))
_Static_assert(N_OPTIONS <= CONF_OPTIONS_MAX, "raise CONF_OPTIONS_MAX");

const struct conf_option *conf_option_at(size_t i)
{
    return i < N_OPTIONS ? &options[i] : NULL;
}

void conf_option_give(struct conf *c, const struct conf_option *o)
{
    c->given[o - options] = true;
}

bool conf_option_given(const struct conf *c, const struct conf_option *o)
{
    return c->given[o - options];
}

const struct conf_option *conf_option_find(const char *name)
{
    char key[CONF_NAME_MAX];
    size_t len = strlen(name);

    if (len >= sizeof(key))
        return NULL;
    for (size_t i = 0; i <= len; i++)
        key[i] = name[i] == '-' ? '_' : name[i];
    for (size_t i = 0; i < N_OPTIONS; i++)
        if (options[i].name && strcasecmp(options[i].name, key) == 0)
            return &options[i];
    return NULL;
}

/* Insertions, deletions, replacements and swapped neighbours, each 1; - and _ count as equal. */
static size_t edit_distance(const char *a, const char *b)
{
    size_t rows[3][CONF_NAME_MAX + 1];
    size_t *before = rows[0], *last = rows[1], *now = rows[2];
    size_t n = strlen(a), m = strlen(b);

    if (n > CONF_NAME_MAX || m > CONF_NAME_MAX)
        return SIZE_MAX;
    for (size_t j = 0; j <= m; j++)
        last[j] = before[j] = j;
    for (size_t i = 1; i <= n; i++) {
        size_t *spare = before;

        now[0] = i;
        for (size_t j = 1; j <= m; j++) {
            char x = a[i - 1] == '-' ? '_' : a[i - 1], y = b[j - 1] == '-' ? '_' : b[j - 1];
            size_t best = last[j - 1] + (x != y);

            if (last[j] + 1 < best)
                best = last[j] + 1;
            if (now[j - 1] + 1 < best)
                best = now[j - 1] + 1;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
                before[j - 2] + 1 < best)
                best = before[j - 2] + 1;
            now[j] = best;
        }
        before = last;
        last = now;
        now = spare;
    }
    return last[m];
}

void conf_near(const char *name, const char *candidate, const char **best, size_t *distance)
{
    size_t d = edit_distance(name, candidate);

    if (d < *distance) {
        *distance = d;
        *best = candidate;
    }
}

bool conf_near_enough(const char *name, size_t distance)
{
    return distance <= 1 + strlen(name) / 4;
}

void conf_error(struct conf_errors *e, const char *fmt, ...)
{
    char line[4096 + 512]; /* a path of PATH_MAX and our sentence */
    va_list ap;

    e->n++;
    if (e->n > CONF_ERRORS_MAX) {
        if (e->n == CONF_ERRORS_MAX + 1)
            buf_printf(e->out, "... and more; the first %d are shown\n", CONF_ERRORS_MAX);
        return;
    }
    va_start(ap, fmt);
    vsnprintf(line, sizeof(line), fmt, ap);
    va_end(ap);
    buf_printf(e->out, "%s\n", line);
}

const char *conf_shown(const char *text, char out[CONF_SHOWN_SIZE])
{
    size_t n = 0;

    for (size_t i = 0; text[i]; i++) {
        unsigned char c = (unsigned char)text[i];

        if (i == 60) {
            memcpy(out + n, "...", 3);
            n += 3;
            break;
        }
        if (c < 0x20 || c >= 0x7f)
            n += (size_t)snprintf(out + n, CONF_SHOWN_SIZE - n, "\\x%02x", c);
        else
            out[n++] = (char)c;
    }
    out[n] = '\0';
    return out;
}

/* Words of help from column indent on, no line beyond column 79. */
static void wrapped(struct buf *out, size_t column, size_t indent, const char *text)
{
    while (*text) {
        size_t len = strcspn(text, " ");

        if (column > indent && column + 1 + len > 79) {
            buf_printf(out, "\n%*s", (int)indent, "");
            column = indent;
        } else if (column > indent) {
            buf_append_char(out, ' ');
            column++;
        }
        buf_append(out, text, len);
        column += len;
        text += len;
        text += strspn(text, " ");
    }
    buf_append_char(out, '\n');
}

/* The argument; a long list of words goes on in the next line. Returns the column behind it. */
static size_t put_argument(struct buf *out, const char *arg, size_t column)
{
    while (*arg) {
        size_t len = strcspn(arg, "|");

        len += arg[len] == '|';
        if (column + len > 79) {
            buf_printf(out, "\n%*s", HELP_INDENT, "");
            column = HELP_INDENT;
        }
        buf_append(out, arg, len);
        column += len;
        arg += len;
    }
    return column;
}

static void help_option(struct buf *out, const struct conf_option *o)
{
    size_t used = 4 + strlen(o->name);
    char text[512];

    buf_append_str(out, "  --");
    for (const char *p = o->name; *p; p++)
        buf_append_char(out, *p == '_' ? '-' : *p);
    if (o->type == CONF_TYPE_BOOL) {
        buf_printf(out, "[=%s]", o->arg);
        used += 3 + strlen(o->arg);
    } else {
        buf_append_char(out, ' ');
        used = put_argument(out, o->arg, used + 1);
    }
    if (used > 28)
        buf_append_char(out, '\n');
    buf_printf(out, "%*s", used > 28 ? 30 : (int)(30 - used), "");
    snprintf(text, sizeof(text), "%s%s%s%s", o->help, o->def ? " [" : "", o->def ? o->def : "",
             o->def ? "]" : "");
    wrapped(out, 30, 30, text);
}

void conf_help(struct buf *out)
{
    buf_append_str(
        out, "usage: omauditjson [OPTION...]                  as rsyslog's omprog starts it\n"
             "       omauditjson [OPTION...] convert [FILE...]\n"
             "       omauditjson [OPTION...] deadletter list|show|requeue|drop [ID...]\n"
             "       omauditjson [OPTION...] journal check|salvage [FILE...]\n"
             "       omauditjson [OPTION...] --check-config\n"
             "       omauditjson --help | --version\n"
             "\n"
             "/etc/omauditjson.conf takes the same options as key = value, with _ for -.\n"
             "The command line overrides the file. TIME has a unit ms s m h (none: seconds),\n"
             "SIZE has a unit KiB MiB GiB (none: bytes). Defaults are in [brackets].\n"
             "\n"
             "Commands\n"
             "  convert [FILE...]           convert audit records from the files or standard\n"
             "                              input to JSON lines; send nothing\n"
             "  deadletter ACTION [ID...]   list, show, requeue (send again) or drop dead\n"
             "                              letters; see omauditjson(8)\n"
             "  journal check               show what is in the journal and what is damaged\n"
             "  journal salvage FILE...     send the readable records of damaged files,\n"
             "                              of all with --all\n"
             "  --check-config              check the configuration and exit\n"
             "  --help, -h                  print this help\n"
             "  --version, -V               print the version\n");
    for (size_t i = 0; i < N_OPTIONS; i++) {
        if (options[i].type == CONF_TYPE_SECTION)
            buf_printf(out, "\n%s\n", options[i].arg);
        else
            help_option(out, &options[i]);
    }
}
