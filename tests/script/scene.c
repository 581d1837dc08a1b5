/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "scene.h"

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "child.h"

#define FILE_MAX ((size_t)256 << 20)
#define PAUSE_MS 10

void scene_init(struct scene *s)
{
    const char *tmp = getenv("TMPDIR");

    snprintf(s->dir, sizeof(s->dir), "%s/oaj-talk.XXXXXX", tmp && *tmp ? tmp : "/tmp");
    if (!mkdtemp(s->dir)) {
        perror(s->dir);
        exit(EXIT_FAILURE);
    }
    if (mkdir(scene_path(s, "state"), 0700) < 0)
        exit(EXIT_FAILURE);
}

static int remove_one(const char *path, const struct stat *st, int what, struct FTW *ftw)
{
    (void)st;
    (void)what;
    (void)ftw;
    return remove(path);
}

void scene_done(struct scene *s)
{
    const char *keep = getenv("KEEP");

    if (keep && strcmp(keep, "1") == 0)
        printf("# kept: %s\n", s->dir);
    else
        nftw(s->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

const char *scene_path(const struct scene *s, const char *name)
{
    static char path[4][1024];
    static unsigned turn;

    turn = (turn + 1) % 4;
    snprintf(path[turn], sizeof(path[turn]), "%s/%s", s->dir, name);
    return path[turn];
}

/* The whole file; an empty buffer when there is none. */
static void slurp(const char *path, struct buf *out)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = 1;

    while (fd >= 0 && n > 0 && buf_reserve(out, 65536) == 0) {
        n = read(fd, out->data + out->len, 65536);
        if (n > 0)
            out->len += (size_t)n;
    }
    if (fd >= 0)
        close(fd);
}

static bool has(const char *data, size_t len, const char *text)
{
    size_t n = strlen(text);

    return n == 0 || (len && memmem(data, len, text, n) != NULL);
}

size_t scene_events(const struct scene *s, const char *text)
{
    struct buf b = BUF_INIT(FILE_MAX);
    size_t n = 0;
    const char *p, *end, *lf;

    slurp(scene_path(s, "out.json"), &b);
    p = buf_cstr(&b);
    end = p + b.len;
    while (p < end && (lf = memchr(p, '\n', (size_t)(end - p))) != NULL) {
        n += has(p, (size_t)(lf - p), text);
        p = lf + 1;
    }
    buf_done(&b);
    return n;
}

bool scene_has(const struct scene *s, const char *name, const char *text)
{
    const char *path = scene_path(s, name);
    DIR *d = opendir(path);
    struct buf b = BUF_INIT(FILE_MAX);
    bool found = false;

    if (!d) {
        slurp(path, &b);
        found = b.len && has(b.data, b.len, text);
        buf_done(&b);
        return found;
    }
    for (struct dirent *e; !found && (e = readdir(d));) {
        char sub[512];

        if (e->d_name[0] == '.')
            continue;
        snprintf(sub, sizeof(sub), "%s/%s", name, e->d_name);
        found = scene_has(s, sub, text);
    }
    closedir(d);
    return found;
}

int64_t scene_stat(const struct scene *s, const char *key)
{
    struct buf b = BUF_INIT(1 << 20);
    char quoted[128];
    const char *p;
    int64_t value = -1;

    slurp(scene_path(s, "stats"), &b);
    snprintf(quoted, sizeof(quoted), "\"%s\":", key);
    p = b.len ? strstr(buf_cstr(&b), quoted) : NULL;
    if (p)
        value = strtoll(p + strlen(quoted), NULL, 10);
    buf_done(&b);
    return value;
}

bool scene_wait_events(const struct scene *s, const char *text, size_t n)
{
    int64_t until = clock_mono_ms() + CHILD_TIMEOUT_MS;

    while (scene_events(s, text) < n) {
        if (clock_mono_ms() > until)
            return false;
        poll(NULL, 0, PAUSE_MS);
    }
    return true;
}

bool scene_wait_has(const struct scene *s, const char *name, const char *text)
{
    int64_t until = clock_mono_ms() + CHILD_TIMEOUT_MS;

    while (!scene_has(s, name, text)) {
        if (clock_mono_ms() > until)
            return false;
        poll(NULL, 0, PAUSE_MS);
    }
    return true;
}

bool scene_wait_stat(const struct scene *s, const char *key, int64_t n, bool exactly)
{
    int64_t until = clock_mono_ms() + CHILD_TIMEOUT_MS, now;

    while ((now = scene_stat(s, key)) < n || (exactly && now != n)) {
        if (clock_mono_ms() > until)
            return false;
        poll(NULL, 0, PAUSE_MS);
    }
    return true;
}

bool scene_random_file(const struct scene *s, const char *name, size_t n, unsigned seed)
{
    FILE *f = fopen(scene_path(s, name), "we");

    if (!f)
        return false;
    while (n--)
        putc(rand_r(&seed) >> 7 & 0xff, f);
    return fclose(f) == 0;
}

void scene_show(const struct scene *s, const char *name)
{
    FILE *f = fopen(scene_path(s, name), "re");
    char line[512];

    for (int i = 0; f && i < 40 && fgets(line, sizeof(line), f); i++)
        printf("# %s: %.*s\n", name, (int)strcspn(line, "\n"), line);
    if (f)
        fclose(f);
}
