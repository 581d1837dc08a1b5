/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "event/names.h"

#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"

#define WAYS 4 /* slots that one uid may be in */

struct slot {
    uint32_t uid;
    int64_t until_ms; /* 0: free */
    char *name;       /* NULL: there is none */
};

struct names {
    names_lookup *lookup;
    void *ctx;
    struct slot slots[NAMES_SLOTS];
};

static bool lookup_passwd(void *ctx, uint32_t uid, char *out, size_t size)
{
    long hint = sysconf(_SC_GETPW_R_SIZE_MAX);
    size_t room = hint > 0 ? (size_t)hint : 1024, len;
    struct passwd pw, *found = NULL;
    char *mem = NULL;
    bool ok = false;
    int r;

    (void)ctx;
    do {
        mem = mem_realloc(mem, room);
        r = getpwuid_r(uid, &pw, mem, room, &found);
        room *= 2;
    } while (r == EINTR || (r == ERANGE && room < (size_t)1024 * 1024));
    if (r == 0 && found) {
        len = strlen(pw.pw_name);
        ok = len > 0 && len < size;
        if (ok)
            memcpy(out, pw.pw_name, len + 1);
    }
    free(mem);
    return ok;
}

struct names *names_new(names_lookup *lookup, void *ctx)
{
    struct names *n = mem_calloc(1, sizeof(*n));

    n->lookup = lookup ? lookup : lookup_passwd;
    n->ctx = ctx;
    return n;
}

void names_free(struct names *n)
{
    if (!n)
        return;
    for (size_t i = 0; i < NAMES_SLOTS; i++)
        free(n->slots[i].name);
    free(n);
}

const char *names_user(struct names *n, uint32_t uid, int64_t now_ms)
{
    size_t home = (uid * 2654435761u) >> 22;
    struct slot *s = NULL;
    char name[NAMES_SIZE];

    for (size_t i = 0; i < WAYS; i++) {
        struct slot *c = &n->slots[(home + i) & (NAMES_SLOTS - 1)];

        if (c->until_ms > now_ms && c->uid == uid)
            return c->name;
        /* the one to replace: its own old entry, else the one that ends first */
        if (!s || (c->uid == uid && c->until_ms) ||
            (c->until_ms < s->until_ms && !(s->uid == uid && s->until_ms)))
            s = c;
    }
    free(s->name);
    s->name = n->lookup(n->ctx, uid, name, sizeof(name)) ? mem_strdup(name) : NULL;
    s->uid = uid;
    s->until_ms = now_ms + (s->name ? NAMES_KNOWN_MS : NAMES_UNKNOWN_MS);
    return s->name;
}
