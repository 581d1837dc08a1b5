/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "event/names.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"

#define WAYS 4                           /* slots that one id may be in */
#define RECORD_MAX ((size_t)1024 * 1024) /* a group with more members than fit counts as none */

struct slot {
    uint32_t id;
    int64_t until_ms; /* 0: free */
    char *name;       /* NULL: there is none */
};

struct table {
    names_lookup *lookup;
    void *ctx;
    struct slot slots[NAMES_SLOTS];
};

struct names {
    struct table users, groups;
};

static bool copy_name(const char *name, char *out, size_t size)
{
    size_t len = strlen(name);

    if (len == 0 || len >= size)
        return false;
    memcpy(out, name, len + 1);
    return true;
}

static size_t first_room(int hint_name)
{
    long hint = sysconf(hint_name);

    return hint > 0 ? (size_t)hint : 1024;
}

static bool lookup_passwd(void *ctx, uint32_t uid, char *out, size_t size)
{
    size_t room = first_room(_SC_GETPW_R_SIZE_MAX);
    struct passwd pw, *found = NULL;
    char *mem = NULL;
    bool ok = false;
    int r;

    (void)ctx;
    do {
        mem = mem_realloc(mem, room);
        r = getpwuid_r(uid, &pw, mem, room, &found);
        room *= 2;
    } while (r == EINTR || (r == ERANGE && room < RECORD_MAX));
    if (r == 0 && found)
        ok = copy_name(pw.pw_name, out, size);
    free(mem);
    return ok;
}

static bool lookup_group(void *ctx, uint32_t gid, char *out, size_t size)
{
    size_t room = first_room(_SC_GETGR_R_SIZE_MAX);
    struct group gr, *found = NULL;
    char *mem = NULL;
    bool ok = false;
    int r;

    (void)ctx;
    do {
        mem = mem_realloc(mem, room);
        r = getgrgid_r(gid, &gr, mem, room, &found);
        room *= 2;
    } while (r == EINTR || (r == ERANGE && room < RECORD_MAX));
    if (r == 0 && found)
        ok = copy_name(gr.gr_name, out, size);
    free(mem);
    return ok;
}

static bool lookup_nothing(void *ctx, uint32_t id, char *out, size_t size)
{
    (void)ctx;
    (void)id;
    (void)out;
    (void)size;
    return false;
}

struct names *names_new(names_lookup *lookup, void *ctx)
{
    struct names *n = mem_calloc(1, sizeof(*n));

    n->users.lookup = lookup ? lookup : lookup_passwd;
    n->users.ctx = ctx;
    n->groups.lookup = lookup ? lookup_nothing : lookup_group;
    return n;
}

void names_set_groups(struct names *n, names_lookup *lookup, void *ctx)
{
    n->groups.lookup = lookup;
    n->groups.ctx = ctx;
}

void names_free(struct names *n)
{
    if (!n)
        return;
    for (size_t i = 0; i < NAMES_SLOTS; i++) {
        free(n->users.slots[i].name);
        free(n->groups.slots[i].name);
    }
    free(n);
}

static const char *find(struct table *t, uint32_t id, int64_t now_ms)
{
    size_t home = (id * 2654435761u) >> 22;
    struct slot *s = NULL;
    char name[NAMES_SIZE];

    for (size_t i = 0; i < WAYS; i++) {
        struct slot *c = &t->slots[(home + i) & (NAMES_SLOTS - 1)];

        if (c->until_ms > now_ms && c->id == id)
            return c->name;
        /* the one to replace: its own old entry, else the one that ends first */
        if (!s || (c->id == id && c->until_ms) ||
            (c->until_ms < s->until_ms && !(s->id == id && s->until_ms)))
            s = c;
    }
    free(s->name);
    s->name = t->lookup(t->ctx, id, name, sizeof(name)) ? mem_strdup(name) : NULL;
    s->id = id;
    s->until_ms = now_ms + (s->name ? NAMES_KNOWN_MS : NAMES_UNKNOWN_MS);
    return s->name;
}

const char *names_user(struct names *n, uint32_t uid, int64_t now_ms)
{
    return find(&n->users, uid, now_ms);
}

const char *names_group(struct names *n, uint32_t gid, int64_t now_ms)
{
    return find(&n->groups, gid, now_ms);
}
