/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "model.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"

#define NAMES_MAX 256

/* On its way to the content of a file. */
struct change {
    enum { CHANGE_WRITE, CHANGE_ZERO, CHANGE_SIZE } kind;
    uint64_t off, len;
    const char *data;
};

struct content {
    char *data;
    uint64_t size, cap;
};

struct object {
    uint64_t ino;
    struct content durable;
    uint64_t size; /* as the program sees it */
    struct change *changes;
    size_t n, cap;
};

/* A name, or a change of one: object NULL is a folder. */
struct name {
    enum { NAME_THERE, NAME_CREATE, NAME_RENAME, NAME_UNLINK } kind;
    const char *path, *path2;
    size_t len, len2;
    struct object *object;
};

struct names {
    struct name at[NAMES_MAX];
    size_t n;
};

struct model {
    enum model_kind kind;
    struct object **objects;
    size_t n_objects, cap_objects;
    struct names live;    /* as the program sees them */
    struct names durable; /* for sure */
    struct names changes; /* in their order */
};

uint64_t model_random(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15U;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9U;
    z = (z ^ z >> 27) * 0x94d049bb133111ebU;
    return z ^ z >> 31;
}

uint64_t model_below(uint64_t *state, uint64_t n)
{
    return model_random(state) % n;
}

/* ---- content --------------------------------------------------------------------------------- */

static void content_size(struct content *c, uint64_t size)
{
    if (size > c->cap) {
        uint64_t cap = size > 65536 ? (size + 0xfffff) & ~UINT64_C(0xfffff) : 65536;

        c->data = mem_realloc(c->data, cap);
        memset(c->data + c->cap, 0, cap - c->cap);
        c->cap = cap;
    }
    if (size < c->size)
        memset(c->data + size, 0, c->size - size);
    c->size = size;
}

static void content_put(struct content *c, uint64_t off, const char *data, uint64_t len)
{
    if (off + len > c->size)
        content_size(c, off + len);
    if (data)
        memcpy(c->data + off, data, len);
    else
        memset(c->data + off, 0, len);
}

static void apply(struct content *c, const struct change *ch)
{
    if (ch->kind == CHANGE_SIZE)
        content_size(c, ch->len);
    else
        content_put(c, ch->off, ch->kind == CHANGE_WRITE ? ch->data : NULL, ch->len);
}

static struct object *find_object(struct model *m, uint64_t ino)
{
    for (size_t i = m->n_objects; i-- > 0;) /* the newest: numbers are used again */
        if (m->objects[i]->ino == ino)
            return m->objects[i];
    return NULL;
}

static struct object *add_object(struct model *m, uint64_t ino)
{
    struct object *o = mem_calloc(1, sizeof(*o));

    if (m->n_objects == m->cap_objects) {
        m->cap_objects = m->cap_objects ? m->cap_objects * 2 : 64;
        m->objects = mem_realloc_array(m->objects, m->cap_objects, sizeof(struct object *));
    }
    o->ino = ino;
    m->objects[m->n_objects++] = o;
    return o;
}

static void add_change(struct object *o, const struct change *ch)
{
    if (o->n == o->cap) {
        o->cap = o->cap ? o->cap * 2 : 16;
        o->changes = mem_realloc_array(o->changes, o->cap, sizeof(*o->changes));
    }
    o->changes[o->n++] = *ch;
    if (ch->kind == CHANGE_SIZE)
        o->size = ch->len;
    else if (ch->off + ch->len > o->size)
        o->size = ch->off + ch->len;
}

/* ---- names ----------------------------------------------------------------------------------- */

static bool same(const char *a, size_t a_len, const char *b, size_t b_len)
{
    return a_len == b_len && memcmp(a, b, a_len) == 0;
}

static void forget(struct names *n, const char *path, size_t len)
{
    for (size_t i = 0; i < n->n; i++)
        if (same(n->at[i].path, n->at[i].len, path, len)) {
            n->at[i] = n->at[--n->n];
            return;
        }
}

static void add_name(struct names *n, const struct name *name)
{
    if (n->n == NAMES_MAX)
        abort();
    n->at[n->n++] = *name;
}

/* A kept rename makes the new name even where the old one's making was not kept. */
static void rename_or_so(struct names *n, const struct name *ch)
{
    struct name there = {NAME_THERE, ch->path, NULL, ch->len, 0, ch->object};

    switch (ch->kind) {
    case NAME_RENAME:
        forget(n, ch->path, ch->len);
        there.path = ch->path2;
        there.len = ch->len2;
        forget(n, there.path, there.len);
        add_name(n, &there);
        break;
    case NAME_CREATE:
        forget(n, ch->path, ch->len);
        add_name(n, &there);
        break;
    case NAME_UNLINK:
        forget(n, ch->path, ch->len);
        break;
    case NAME_THERE:
        break;
    }
}

static struct object *named(const struct names *n, const char *path, size_t len)
{
    for (size_t i = 0; i < n->n; i++)
        if (same(n->at[i].path, n->at[i].len, path, len))
            return n->at[i].object;
    return NULL;
}

/* Is the name's folder this one? "" is the top. */
static bool lies_in(const struct name *n, const char *dir, size_t len)
{
    const char *slash = memrchr(n->path, '/', n->len);
    size_t own = slash ? (size_t)(slash - n->path) : 0;

    return same(n->path, own, dir, len);
}

/* Changes of names that are durable now: all, or those in a folder. */
static void settle_names(struct model *m, const char *dir, size_t len)
{
    size_t kept = 0;

    for (size_t i = 0; i < m->changes.n; i++) {
        if (!dir || lies_in(&m->changes.at[i], dir, len))
            rename_or_so(&m->durable, &m->changes.at[i]);
        else
            m->changes.at[kept++] = m->changes.at[i];
    }
    m->changes.n = kept;
}

/* ---- steps ----------------------------------------------------------------------------------- */

struct model *model_new(enum model_kind kind)
{
    struct model *m = mem_calloc(1, sizeof(*m));

    m->kind = kind;
    return m;
}

void model_free(struct model *m)
{
    for (size_t i = 0; i < m->n_objects; i++) {
        free(m->objects[i]->durable.data);
        free(m->objects[i]->changes);
        free(m->objects[i]);
    }
    free(m->objects);
    free(m);
}

static void sync_object(struct model *m, struct object *o)
{
    bool meta = o->size != o->durable.size;

    for (size_t i = 0; i < o->n; i++) {
        meta |= o->changes[i].kind != CHANGE_WRITE;
        apply(&o->durable, &o->changes[i]);
    }
    o->n = 0;
    for (size_t i = 0; i < m->changes.n; i++)
        meta |= m->changes.at[i].object == o;
    if (m->kind == MODEL_EXT4 && meta)
        settle_names(m, NULL, 0);
}

void model_step(struct model *m, const struct trace_op *op, const char *path, const char *path2,
                const char *data)
{
    struct name name = {NAME_CREATE, path, path2, op->path_len, op->path2_len, NULL};
    struct object *o = op->ino ? find_object(m, op->ino) : NULL;
    struct change ch = {CHANGE_WRITE, (uint64_t)op->off, op->data_len, data};

    switch ((enum trace_kind)op->kind) {
    case TRACE_CREATE:
        name.object = add_object(m, op->ino);
        break;
    case TRACE_MKDIR:
        break;
    case TRACE_RENAME:
        name.kind = NAME_RENAME;
        name.object = named(&m->live, path, op->path_len);
        break;
    case TRACE_UNLINK:
        name.kind = NAME_UNLINK;
        break;
    case TRACE_WRITE:
        if (o)
            add_change(o, &ch);
        return;
    case TRACE_ZERO:
    case TRACE_SIZE:
        ch.kind = op->kind == TRACE_ZERO ? CHANGE_ZERO : CHANGE_SIZE;
        ch.len = op->len;
        if (o)
            add_change(o, &ch);
        return;
    case TRACE_SYNC:
        if (o)
            sync_object(m, o);
        return;
    case TRACE_SYNC_DIR:
        settle_names(m, m->kind == MODEL_EXT4 ? NULL : path, op->path_len);
        return;
    case TRACE_LIFE:
    case TRACE_REPLY:
        return;
    }
    rename_or_so(&m->live, &name);
    add_name(&m->changes, &name);
}

/* ---- cuts ------------------------------------------------------------------------------------ */

/* How likely a thing on its way has arrived: none, all, or something between. */
static unsigned odds(uint64_t *random)
{
    static const unsigned some[] = {0, 0, 256, 256, 128, 128, 20, 230};

    return some[model_below(random, sizeof(some) / sizeof(some[0]))];
}

static bool arrives(uint64_t *random, unsigned odds_of_it)
{
    return model_below(random, 256) < odds_of_it;
}

/* A write, piece by piece. *cut_off: under ext4 nothing gets longer any more. */
static void apply_pieces(const struct model *m, struct content *c, const struct change *ch,
                         unsigned likely, uint64_t *random, bool *cut_off)
{
    uint64_t piece = model_below(random, 2) ? 512 : 4096, end = ch->off + ch->len;

    for (uint64_t off = ch->off; off < end;) {
        uint64_t to = (off / piece + 1) * piece;
        bool longer, keep = arrives(random, likely);

        if (to > end)
            to = end;
        longer = to > c->size;
        if (m->kind == MODEL_EXT4 && longer) {
            *cut_off |= !keep;
            keep = !*cut_off;
        }
        if (keep)
            content_put(c, off, ch->kind == CHANGE_WRITE ? ch->data + (off - ch->off) : NULL,
                        to - off);
        off = to;
    }
}

static struct content content_after(const struct model *m, const struct object *o, uint64_t *random)
{
    struct content c = {0};
    unsigned likely = odds(random);
    bool cut_off = false;

    content_size(&c, o->durable.size);
    if (c.size)
        memcpy(c.data, o->durable.data, c.size);
    for (size_t i = 0; i < o->n; i++) {
        if (o->changes[i].kind != CHANGE_SIZE)
            apply_pieces(m, &c, &o->changes[i], likely, random, &cut_off);
        else if (arrives(random, likely) && !cut_off)
            content_size(&c, o->changes[i].len);
    }
    return c;
}

static bool write_content(const char *path, const struct content *c)
{
    static const char zeros[65536];
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    bool good = fd >= 0 && ftruncate(fd, (off_t)c->size) == 0;

    for (uint64_t off = 0; good && off < c->size; off += sizeof(zeros)) {
        size_t n = c->size - off < sizeof(zeros) ? (size_t)(c->size - off) : sizeof(zeros);

        if (memcmp(c->data + off, zeros, n) != 0)
            good = pwrite(fd, c->data + off, n, (off_t)off) == (ssize_t)n;
    }
    if (fd >= 0)
        close(fd);
    return good;
}

static int by_path(const void *a, const void *b)
{
    const struct name *x = a, *y = b;
    int r = memcmp(x->path, y->path, x->len < y->len ? x->len : y->len);

    return r ? r : (x->len > y->len) - (x->len < y->len);
}

bool model_cut(const struct model *m, const char *dir, uint64_t *random)
{
    struct names *names = mem_alloc(sizeof(*names));
    unsigned likely = odds(random);
    size_t first = m->changes.n ? model_below(random, m->changes.n + 1) : 0;
    bool good = true;

    *names = m->durable;
    for (size_t i = 0; i < m->changes.n; i++)
        if (m->kind == MODEL_EXT4 ? i < first : arrives(random, likely))
            rename_or_so(names, &m->changes.at[i]);
    qsort(names->at, names->n, sizeof(names->at[0]), by_path); /* folders before what is in them */
    for (size_t i = 0; i < names->n && good; i++) {
        const struct name *n = &names->at[i];
        char path[1024];

        snprintf(path, sizeof(path), "%s/%.*s", dir, (int)n->len, n->path);
        if (n->object) {
            struct content c = content_after(m, n->object, random);

            /* Where its folder is gone, so is the file. */
            good = write_content(path, &c) || errno == ENOENT;
            free(c.data);
        } else {
            good = mkdir(path, 0700) == 0 || errno == ENOENT;
        }
    }
    free(names);
    return good;
}
