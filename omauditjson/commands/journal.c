/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "commands/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "commands/state_dir.h"
#include "conf/conf.h"
#include "engine/salvage.h"
#include "journal/journal.h"

static const char usage[] = "usage: omauditjson [OPTION...] journal check\n"
                            "       omauditjson [OPTION...] journal salvage FILE... | --all\n"
                            "A FILE is the name of a damaged file, as check prints it.\n";

bool journal_options(int *argc, char **argv)
{
    bool command = false, all = false;
    int kept = 1;

    for (int i = 1; i < *argc; i++) {
        command = command || strcmp(argv[i], "journal") == 0;
        if (command && strcmp(argv[i], "--all") == 0)
            all = true;
        else
            argv[kept++] = argv[i];
    }
    *argc = kept;
    argv[kept] = NULL;
    return all;
}

/* ---- check ------------------------------------------------------------------------------------
 */

struct check {
    uint64_t segments, records, undone, missing, aside, salvable;
    bool damaged;
};

static void say_more(const struct journal_look *l)
{
    const struct segment *s = &l->segment;

    if (s->header == SEGMENT_HEADER_REPAIRED)
        fputs("; its header is damaged and can be restored", stdout);
    if (s->header == SEGMENT_HEADER_FOUND)
        fputs("; its header is lost and was rebuilt from the entries", stdout);
    if (s->short_by)
        printf("; truncated by %zu bytes", s->short_by);
    if (l->damaged_bytes)
        printf("; %zu bytes are damaged", l->damaged_bytes);
    if (l->torn && !l->aside)
        fputs("; the last append was not finished", stdout);
    if (l->gap)
        printf("; before it at most %" PRIu64 " records are missing", l->gap);
}

static void check_one(void *ctx, const struct journal_look *l)
{
    struct check *c = ctx;
    const struct segment *s = &l->segment;

    if (l->aside)
        c->aside++;
    else
        c->segments++;
    if (l->error == -ENODATA) {
        printf("%-24s empty\n", l->name);
        return;
    }
    if (l->error) {
        printf("%-24s %s\n", l->name, err_text(l->error));
        c->damaged = true;
        return;
    }
    printf("%-24s version %u, %" PRIu64 " records", l->name, s->version, l->records);
    if (l->records)
        printf(" (%" PRIu64 " to %" PRIu64 ")", l->first, l->last);
    printf(", %" PRIu64 " not delivered, %" PRIu64 " marks", l->undone, l->other_entries);
    say_more(l);
    putchar('\n');
    c->damaged = c->damaged || l->aside || s->header != SEGMENT_HEADER_WHOLE || s->short_by ||
                 l->damaged_bytes || l->gap;
    if (l->aside) {
        c->salvable += l->undone;
    } else {
        c->records += l->records;
        c->undone += l->undone;
        c->missing += l->gap;
    }
}

static int check(const struct conf *conf, int state_fd)
{
    struct check c = {.segments = 0};
    int r = journal_look(state_fd, check_one, &c);

    if (r < 0) {
        fprintf(stderr, "omauditjson: %s/journal: %s\n", conf->state_dir, err_text(r));
        return JOURNAL_EXIT_STATE;
    }
    printf("%" PRIu64 " segments, %" PRIu64 " records, %" PRIu64 " not delivered; at most %" PRIu64
           " missing; %" PRIu64 " damaged files kept, %" PRIu64 " records in them to salvage\n",
           c.segments, c.records, c.undone, c.missing, c.aside, c.salvable);
    return c.damaged ? JOURNAL_EXIT_DAMAGE : JOURNAL_EXIT_OK;
}

/* ---- salvage ----------------------------------------------------------------------------------
 */

struct salvaging {
    char *const *names; /* none: all */
    int n_names;
    bool *found;
    char **chosen;
    size_t n;
    uint64_t records;
};

static void choose(void *ctx, const struct journal_look *l)
{
    struct salvaging *s = ctx;
    bool wanted = s->n_names == 0;

    if (!l->aside)
        return;
    for (int i = 0; i < s->n_names; i++)
        if (strcmp(s->names[i], l->name) == 0)
            wanted = s->found[i] = true;
    if (!wanted)
        return;
    printf("%s: ", l->name);
    if (l->error)
        printf("%s\n", err_text(l->error));
    else
        printf("%" PRIu64 " of its %" PRIu64 " records were not delivered, as far as is known\n",
               l->undone, l->records);
    if (l->error == 0)
        s->records += l->undone;
    s->chosen = mem_realloc_array(s->chosen, s->n + 1, sizeof(*s->chosen));
    s->chosen[s->n++] = mem_strdup(l->name);
}

/* Under a name that is free there: what has been salvaged stays, too. */
static int move_to_salvage(int journal_fd, int salvage_fd, const char *name)
{
    char to[300];

    snprintf(to, sizeof(to), "%s", name);
    for (unsigned i = 1; faccessat(salvage_fd, to, F_OK, AT_SYMLINK_NOFOLLOW) == 0; i++)
        snprintf(to, sizeof(to), "%s.%u", name, i);
    return renameat(journal_fd, name, salvage_fd, to) < 0 ? -errno : 0;
}

static int move_chosen(const struct salvaging *s, int state_fd)
{
    int journal_fd = openat(state_fd, "journal", O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    int salvage_fd = -1, r = journal_fd < 0 ? -errno : 0;

    if (r == 0 && mkdirat(state_fd, SALVAGE_DIR, 0700) < 0 && errno != EEXIST)
        r = -errno;
    if (r == 0) {
        salvage_fd = openat(state_fd, SALVAGE_DIR, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
        r = salvage_fd < 0 ? -errno : 0;
    }
    for (size_t i = 0; i < s->n && r == 0; i++)
        r = move_to_salvage(journal_fd, salvage_fd, s->chosen[i]);
    if (r == 0 && (fsync(salvage_fd) < 0 || fsync(journal_fd) < 0 || fsync(state_fd) < 0))
        r = -errno;
    if (salvage_fd >= 0)
        close(salvage_fd);
    if (journal_fd >= 0)
        close(journal_fd);
    return r;
}

static int salvage(const struct conf *conf, int state_fd, char *const *names, int n)
{
    struct salvaging s = {.names = names, .n_names = n};
    int code = JOURNAL_EXIT_OK, r;

    s.found = mem_calloc((size_t)n + 1, sizeof(*s.found));
    r = journal_look(state_fd, choose, &s);
    if (r == 0 && s.n)
        r = move_chosen(&s, state_fd);
    for (int i = 0; i < n && r == 0; i++) {
        if (!s.found[i]) {
            fprintf(stderr, "omauditjson: %s: no such damaged file\n", names[i]);
            code = JOURNAL_EXIT_DAMAGE;
        }
    }
    if (r < 0) {
        fprintf(stderr, "omauditjson: %s/journal: %s\n", conf->state_dir, err_text(r));
        code = JOURNAL_EXIT_IO;
    } else {
        printf("%zu files queued for salvage, %" PRIu64 " records%s\n", s.n, s.records,
               s.n == 0                     ? ""
               : state_dir_in_use(state_fd) ? "; the running omauditjson reads them within seconds"
                                            : "; the next omauditjson reads them when it starts");
    }
    for (size_t i = 0; i < s.n; i++)
        free(s.chosen[i]);
    free(s.chosen);
    free(s.found);
    return code;
}

int journal_run(const struct conf *conf, bool all, char *const *args, int n_args)
{
    const char *action = n_args ? args[0] : "";
    bool checks = strcmp(action, "check") == 0, salvages = strcmp(action, "salvage") == 0;
    int fd, code;

    if ((checks && (n_args > 1 || all)) || (salvages && (n_args > 1) == all) ||
        (!checks && !salvages)) {
        fputs(usage, stderr);
        return JOURNAL_EXIT_USAGE;
    }
    fd = state_dir_open(conf->state_dir);
    if (fd < 0)
        return JOURNAL_EXIT_STATE;
    code = checks ? check(conf, fd) : salvage(conf, fd, args + 1, n_args - 1);
    close(fd);
    if (fflush(stdout) != 0)
        code = JOURNAL_EXIT_IO;
    return code;
}
