/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "commands/deadletters.h"

#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "commands/deadletters_choose.h"
#include "commands/deadletters_requeue.h"
#include "commands/state_dir.h"
#include "conf/conf.h"

#define SINCE_EXAMPLES "2026-11-22, 2026-11-22T13:19 (UTC) or 90m, 2h, 3d (ago)"

static const char usage[] =
    "usage: omauditjson [OPTION...] deadletter list [--reason TEXT] [--since TIME]\n"
    "       omauditjson [OPTION...] deadletter show ID... | --all\n"
    "       omauditjson [OPTION...] deadletter requeue ID... | --all\n"
    "       omauditjson [OPTION...] deadletter drop ID... | --all --yes\n"
    "--reason TEXT and --since TIME (" SINCE_EXAMPLES ")\n"
    "choose among them. An ID is FILE.LINE, as list prints it.\n";

/* ---- options ----------------------------------------------------------------------------------
 */

/* The value of --NAME VALUE or --NAME=VALUE at argv[i]; *used: how many words that was. */
static const char *value_of(const char *name, int argc, char **argv, int i, int *used)
{
    size_t len = strlen(name);

    *used = 0;
    if (strncmp(argv[i], name, len) != 0)
        return NULL;
    if (argv[i][len] == '=') {
        *used = 1;
        return argv[i] + len + 1;
    }
    if (argv[i][len])
        return NULL;
    *used = i + 1 < argc ? 2 : 1;
    return i + 1 < argc ? argv[i + 1] : NULL;
}

void deadletters_options(int *argc, char **argv, struct deadletters_options *ret)
{
    bool command = false;
    int kept = 1;

    *ret = (struct deadletters_options){.all = false};
    for (int i = 1, used; i < *argc; i += used) {
        const char **into = NULL;
        const char *value = NULL;

        used = 0;
        command = command || strcmp(argv[i], "deadletter") == 0;
        if (command && (strcmp(argv[i], "--all") == 0 || strcmp(argv[i], "--yes") == 0)) {
            *(argv[i][2] == 'a' ? &ret->all : &ret->yes) = true;
            used = 1;
        } else if (command) {
            into = &ret->reason;
            value = value_of("--reason", *argc, argv, i, &used);
            if (!used) {
                into = &ret->since;
                value = value_of("--since", *argc, argv, i, &used);
            }
            if (used && !value)
                ret->fault = "--reason and --since require a value";
            else if (used)
                *into = value;
        }
        if (!used) {
            argv[kept++] = argv[i];
            used = 1;
        }
    }
    *argc = kept;
    argv[kept] = NULL;
}

/* "2h" or the beginning of a stamp, to the beginning of a stamp. */
static bool read_since(const char *text, char out[32])
{
    static const char like[] = "dddd-dd-ddTdd:dd:dd";
    char *end;
    unsigned long n = strtoul(text, &end, 10);
    unsigned long unit = *end == 's'   ? 1
                         : *end == 'm' ? 60
                         : *end == 'h' ? 3600
                         : *end == 'd' ? 86400
                                       : 0;
    size_t len = strlen(text);

    if (text[0] >= '0' && text[0] <= '9' && unit && !end[1] && n < 1000000) {
        clock_stamp(clock_wall_s() - (int64_t)(n * unit), 0, out);
        out[sizeof(like) - 1] = '\0';
        return true;
    }
    if (len < 10 || len >= sizeof(like))
        return false;
    for (size_t i = 0; i < len; i++)
        if (like[i] == 'd' ? text[i] < '0' || text[i] > '9' : text[i] != like[i])
            return false;
    snprintf(out, 32, "%s", text);
    return true;
}

static bool read_ids(struct deadletters *d, char *const *args, int n)
{
    d->ids = mem_calloc((size_t)n, sizeof(*d->ids));
    for (int i = 0; i < n; i++) {
        struct deadletters_id *id = &d->ids[d->n_ids++];
        char more;

        if (sscanf(args[i], "%19llu.%19llu%c", &id->file, &id->number, &more) != 2) {
            fprintf(stderr, "omauditjson: invalid ID; an ID is FILE.LINE, as list prints it\n");
            return false;
        }
    }
    return true;
}

/* ---- saying -----------------------------------------------------------------------------------
 */

/* Text of others: no control characters reach a terminal. A \u escape is right within JSON too. */
static void print_clean(FILE *f, const char *text, size_t len, bool lines)
{
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];
        bool c1 = c == 0xc2 && i + 1 < len && (unsigned char)text[i + 1] < 0xa0;

        if (c1)
            fprintf(f, "\\u%04x", (unsigned char)text[++i]);
        else if ((c < 0x20 && !(lines && c == '\n')) || c == 0x7f)
            fprintf(f, "\\u%04x", c);
        else
            putc(c, f);
    }
}

static int list_entry(void *ctx, const struct deadread_place *place, const char *line,
                      const struct deadread *entry)
{
    struct deadletters *d = ctx;
    struct json_object *status = NULL;
    char id[48], code[16] = "-";

    (void)line;
    snprintf(id, sizeof(id), "%llu.%llu", (unsigned long long)place->file,
             (unsigned long long)place->number);
    if (d->n_done++ == 0)
        printf("%-8s %-19s %6s %9s  %s\n", "ID", "TIME (UTC)", "STATUS", "BYTES", "EVENT, REASON");
    if (!entry) {
        printf("%-8s %-19s %6s %9zu  -, damaged\n", id, "-", "-", place->len);
        return 0;
    }
    if (json_object_object_get_ex(entry->json, "status", &status))
        snprintf(code, sizeof(code), "%d", json_object_get_int(status));
    printf("%-8s ", id);
    print_clean(stdout, entry->time, strnlen(entry->time, 19), false);
    printf(" %6s %9zu  ", code, entry->text_len);
    if (entry->id)
        print_clean(stdout, entry->id, strlen(entry->id), false);
    else
        fputs("(line)", stdout);
    fputs(", ", stdout);
    print_clean(stdout, entry->reason, strlen(entry->reason), false);
    putchar('\n');
    return 0;
}

static int show_entry(void *ctx, const struct deadread_place *place, const char *line,
                      const struct deadread *entry)
{
    struct deadletters *d = ctx;
    const char *text = line;
    size_t len = place->len;

    d->n_done++;
    if (!entry)
        deadletters_refuse(d, place, "damaged; its bytes:");
    else
        text = json_object_to_json_string_length(
            entry->json, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE, &len);
    print_clean(stdout, text, len, true);
    putchar('\n');
    return 0;
}

struct dropping {
    struct deadletters *d;
    struct deadread_place *places;
    size_t n, cap, n_things;
};

static int note_entry(void *ctx, const struct deadread_place *place, const char *line,
                      const struct deadread *entry)
{
    struct dropping *dr = ctx;

    (void)line;
    (void)entry;
    if (dr->n == dr->cap) {
        dr->cap = dr->cap ? dr->cap * 2 : 64;
        dr->places = mem_realloc_array(dr->places, dr->cap, sizeof(*dr->places));
    }
    dr->places[dr->n++] = *place;
    return 0;
}

static int note_first(void *ctx, const struct deadread_place *place, const char *line,
                      const struct deadread *entry)
{
    ((struct dropping *)ctx)->n_things++;
    return note_entry(ctx, place, line, entry);
}

static int drop(struct deadletters *d)
{
    struct dropping dr = {.d = d};
    int r = deadletters_walk(d, note_first, note_entry, &dr);

    if (r == 0)
        r = deadread_take_out(d->dead_fd, dr.places, dr.n);
    if (r == 0)
        d->n_done = dr.n_things;
    free(dr.places);
    return r;
}

/* ---- the state directory ----------------------------------------------------------------------
 */

static int open_state(struct deadletters *d)
{
    const char *dir = d->conf->state_dir;
    int r = 0;

    d->state_fd = state_dir_open(dir);
    if (d->state_fd < 0)
        return d->state_fd;
    d->dead_fd = openat(d->state_fd, "deadletter", O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    if (d->dead_fd < 0) {
        r = -errno;
        fprintf(stderr, "omauditjson: %s/deadletter: %s; check state_dir\n", dir, err_text(r));
    }
    return r;
}

/* Held until we end. */
static int lock(const struct deadletters *d)
{
    int fd = openat(d->dead_fd, "lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

    if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) < 0) {
        int r = -errno;

        fprintf(stderr, "omauditjson: %s/deadletter/lock: %s\n", d->conf->state_dir,
                r == -EWOULDBLOCK ? "another deadletter command is running" : err_text(r));
        return r;
    }
    return 0;
}

/* ---- the command ------------------------------------------------------------------------------
 */

static int run(struct deadletters *d, const char *action)
{
    if (strcmp(action, "list") == 0)
        return deadletters_walk(d, list_entry, NULL, d);
    if (strcmp(action, "show") == 0)
        return deadletters_walk(d, show_entry, NULL, d);
    return strcmp(action, "drop") == 0 ? drop(d) : deadletters_requeue(d);
}

static int outcome(struct deadletters *d, const char *action, int r)
{
    if (strcmp(action, "drop") == 0)
        printf("%zu dropped\n", d->n_done);
    if (fflush(stdout) != 0 && r == 0)
        r = -errno;
    if (r < 0) {
        fprintf(stderr, "omauditjson: dead letters: %s\n", err_text(r));
        return DEADLETTERS_EXIT_IO;
    }
    for (size_t i = 0; i < d->n_ids; i++) {
        struct deadread_place p = {.file = d->ids[i].file, .number = d->ids[i].number};

        if (!d->ids[i].found)
            deadletters_refuse(d, &p, "no such entry");
    }
    return d->n_refused ? DEADLETTERS_EXIT_REFUSED : DEADLETTERS_EXIT_OK;
}

static bool usage_is_good(struct deadletters *d, const char *action, char *const *args, int n)
{
    bool list = strcmp(action, "list") == 0, drops = strcmp(action, "drop") == 0;
    const char *fault = d->options->fault;

    if (!list && !drops && strcmp(action, "show") != 0 && strcmp(action, "requeue") != 0) {
        fputs(usage, stderr);
        return false;
    }
    if (!fault && (list ? n > 1 : (n > 1) == d->options->all))
        fault = list ? "list takes no IDs" : "requires either IDs or --all";
    if (!fault && drops && d->options->all && !d->options->yes)
        fault = "drop --all deletes events permanently; add --yes to confirm";
    if (!fault && d->options->since && !read_since(d->options->since, d->since))
        fault = "--since accepts " SINCE_EXAMPLES;
    if (fault)
        fprintf(stderr, "omauditjson: deadletter: %s\n", fault);
    return !fault && read_ids(d, args + 1, n - 1);
}

int deadletters_run(const struct conf *conf, const struct deadletters_options *options,
                    char *const *args, int n_args)
{
    struct deadletters d = {.conf = conf, .options = options, .state_fd = -1, .dead_fd = -1};
    int r, code;

    if (!usage_is_good(&d, n_args ? args[0] : "", args, n_args)) {
        free(d.ids);
        return DEADLETTERS_EXIT_USAGE;
    }
    code = open_state(&d) < 0 ? DEADLETTERS_EXIT_STATE : DEADLETTERS_EXIT_OK;
    if (code == 0 && (args[0][0] == 'd' || args[0][0] == 'r')) {
        r = lock(&d);
        code = r == -EWOULDBLOCK ? DEADLETTERS_EXIT_AGAIN : r < 0 ? DEADLETTERS_EXIT_STATE : 0;
    }
    if (code == 0)
        code = outcome(&d, args[0], run(&d, args[0]));
    free(d.ids);
    if (d.state_fd >= 0)
        close(d.state_fd);
    if (d.dead_fd >= 0)
        close(d.dead_fd);
    return code;
}
