/* SPDX-License-Identifier: Apache-2.0 */
/* Runs a fuzz target once on each file of its corpus and says so in TAP. The corpus of fuzz_X is
 * $srcdir/tests/fuzz/corpus/X; files or folders may be given instead. An empty corpus is a failure:
 * otherwise a lost folder would go unseen. A crash is reported by the harness, with the name of the
 * input on the last line. */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "fuzz.h"

static unsigned replayed;

/* A block of exactly the input's size, so that a sanitizer sees a read beyond it. */
static bool replay_file(const char *path, size_t size)
{
    FILE *f = fopen(path, "rbe");
    CLEANUP_FREE uint8_t *data = mem_alloc(size ? size : 1);
    bool ok = f && fread(data, 1, size, f) == size;

    if (f)
        fclose(f);
    if (!ok) {
        printf("# %s: %s\n", path, strerror(errno));
        return false;
    }
    printf("# %s\n", path);
    fflush(stdout);
    (void)LLVMFuzzerTestOneInput(data, size);
    replayed++;
    return true;
}

static int is_visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static bool replay(const char *path)
{
    struct stat st;
    struct dirent **entry;
    bool ok = true;
    int n;

    if (stat(path, &st) < 0) {
        printf("# %s: %s\n", path, strerror(errno));
        return false;
    }
    if (!S_ISDIR(st.st_mode))
        return replay_file(path, (size_t)st.st_size);
    n = scandir(path, &entry, is_visible, alphasort);
    for (int i = 0; i < n; i++) {
        char sub[4096];

        snprintf(sub, sizeof(sub), "%s/%s", path, entry[i]->d_name);
        ok = replay(sub) && ok;
        free(entry[i]);
    }
    if (n >= 0)
        free(entry);
    return ok && n >= 0;
}

int main(int argc, char **argv)
{
    const char *name = strrchr(argv[0], '/') ? strrchr(argv[0], '/') + 1 : argv[0];
    const char *srcdir = getenv("srcdir");
    bool ok = true;

    printf("1..1\n");
    if (argc > 1) {
        for (int i = 1; i < argc; i++)
            ok = replay(argv[i]) && ok;
    } else {
        char path[4096];

        if (strncmp(name, "fuzz_", 5) == 0)
            name += 5;
        snprintf(path, sizeof(path), "%s/tests/fuzz/corpus/%s", srcdir ? srcdir : ".", name);
        ok = replay(path);
    }
    printf("%s 1 - %s: %u inputs\n", ok && replayed ? "ok" : "not ok", name, replayed);
    return ok && replayed ? EXIT_SUCCESS : EXIT_FAILURE;
}
