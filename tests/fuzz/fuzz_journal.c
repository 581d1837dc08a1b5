/* SPDX-License-Identifier: Apache-2.0 */
/* With any files in the journal's folder, the journal opens, returns the intact records, accepts a
 * new one, and has it after the next start. Input: operations, each a byte and its arguments, that
 * create segment files entry by entry or byte by byte; see make_files(). Missing data counts as
 * zeros. */
#include "config.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fuzz.h"
#include "journal/journal.h"

#define WINDOW ((uint64_t)64 << 20)

static char dir[4096];
static int dir_fd = -1;

struct input {
    const uint8_t *p;
    const uint8_t *end;
};

static uint8_t next(struct input *in)
{
    return in->p < in->end ? *in->p++ : 0;
}

/* Small most of the time, any 64 bits now and then. */
static uint64_t next_number(struct input *in)
{
    uint64_t n = next(in);

    if (n == 0xff) {
        for (int i = 0; i < 8; i++)
            n = n << 8 | next(in);
    }
    return n;
}

static size_t next_bytes(struct input *in, const char **ret)
{
    size_t n = next(in), left = (size_t)(in->end - in->p);

    n = n < left ? n : left;
    *ret = (const char *)in->p;
    in->p += n;
    return n;
}

static void make_dir(void)
{
    const char *tmp = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";

    snprintf(dir, sizeof(dir), "%s/fuzz_journal.XXXXXX", tmp);
    if (!mkdtemp(dir))
        abort();
    dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    FUZZ_ASSERT(dir_fd >= 0);
}

static void empty_dir(void)
{
    int fd = openat(dir_fd, "journal", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *d = fd < 0 ? NULL : fdopendir(fd);

    if (!d)
        return;
    for (struct dirent *e; (e = readdir(d));)
        (void)unlinkat(fd, e->d_name, 0);
    closedir(d);
    (void)unlinkat(dir_fd, "journal", AT_REMOVEDIR);
}

static void make_files(struct input *in)
{
    struct segment s = {.fd = -1};
    int fd;

    (void)mkdirat(dir_fd, "journal", 0700);
    fd = openat(dir_fd, "journal", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    FUZZ_ASSERT(fd >= 0);
    for (unsigned files = 0, ops = 0; in->p < in->end && ops < 200; ops++) {
        uint8_t op = next(in);
        struct segment_entry e = {0};
        const char *bytes;
        size_t n;

        if (s.fd < 0 || op % 8 == 7) { /* a file, whose header may not fit its name */
            char name[32];

            if (++files > 4)
                break;
            segment_close(&s);
            snprintf(name, sizeof(name), "%016x.seg", files);
            if (segment_create(&s, fd, name, op & 8 ? next_number(in) : files, next_number(in)) < 0)
                break;
        } else if (op % 8 == 6) { /* damage anywhere */
            off_t at = (off_t)(next_number(in) % SEGMENT_SIZE);

            n = next_bytes(in, &bytes);
            FUZZ_ASSERT(pwrite(s.fd, bytes, n, at) == (ssize_t)n);
        } else if (op % 8 == 5) { /* cut */
            FUZZ_ASSERT(ftruncate(s.fd, (off_t)(next_number(in) % SEGMENT_SIZE)) == 0);
        } else { /* an entry with a good checksum */
            e.type = op % 8 ? op % 8 : next(in);
            e.number = next_number(in);
            e.extra = op;
            n = next_bytes(in, &bytes);
            e.data = bytes;
            e.len = n;
            (void)segment_append(&s, &e);
        }
    }
    segment_close(&s);
    close(fd);
}

/* Read all that is undone; *last is the number of the last one, *found whether it is the new one.
 */
static uint64_t read_all(struct journal *j, const char *text, uint64_t *last, bool *found)
{
    struct journal_cursor c;
    struct segment_entry e;
    uint64_t n = 0;
    int r;

    *last = 0;
    *found = false;
    journal_cursor_init(&c);
    while ((r = journal_cursor_read(j, &c, &e)) == 1) {
        FUZZ_ASSERT(e.type == ENTRY_RECORD || e.type == ENTRY_GARBAGE);
        n++;
        *last = e.number;
        *found = e.len == strlen(text) && memcmp(e.data, text, e.len) == 0;
        FUZZ_ASSERT(n < 100000);
    }
    FUZZ_ASSERT(r == 0);
    journal_cursor_done(&c);
    return n;
}

static int count_undone(void *ctx, const struct segment_entry *e, bool done)
{
    uint64_t *n = ctx;

    if ((e->type == ENTRY_RECORD || e->type == ENTRY_GARBAGE) && !done)
        ++*n;
    return 0;
}

static struct journal *open_journal(void)
{
    struct journal_conf conf = {.state_fd = dir_fd, .window = WINDOW};
    struct journal_report report;
    struct journal *j = NULL;
    uint64_t scanned = 0;

    FUZZ_ASSERT(journal_open(&conf, &j, &report) == 0);
    FUZZ_ASSERT(journal_undone(j) == report.undone);
    FUZZ_ASSERT(journal_scan(j, count_undone, &scanned) == 0);
    return j;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char text[] = "the record that comes after all this";
    struct input in = {data, data + size};
    struct segment_entry e = {.type = ENTRY_RECORD, .data = text, .len = strlen(text)};
    struct journal *j;
    uint64_t before, last, seq;
    bool found;

    if (dir_fd < 0)
        make_dir();
    make_files(&in);

    j = open_journal();
    before = read_all(j, text, &last, &found);
    FUZZ_ASSERT(journal_append(j, &e, &seq) == 0);
    FUZZ_ASSERT(journal_sync(j) == 0);
    journal_close(j);

    j = open_journal();
    FUZZ_ASSERT(read_all(j, text, &last, &found) == before + 1);
    FUZZ_ASSERT(found && last == seq);
    journal_done(j, &seq, 1);
    FUZZ_ASSERT(read_all(j, text, &last, &found) == before);
    journal_close(j);

    empty_dir();
    return 0;
}

__attribute__((destructor)) static void remove_dir(void)
{
    if (dir_fd < 0)
        return;
    empty_dir();
    (void)rmdir(dir);
}
