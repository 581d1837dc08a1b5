/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "journal/hand.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/mem.h"

#define HAND_FILE "hand"
#define HAND_MAGIC UINT64_C(0x31444e41484a414f) /* "OAJHAND1" */
#define HAND_BYTES 4096u
#define DEATHS_MAX 2
#define STAGE_LAST HAND_BATCH

_Static_assert(sizeof(struct hand_page) <= HAND_BYTES, "one page");

/* ---- a disk that fails under the page ---------------------------------------------------------
 * A store into a mapped file can meet a file system without room or one that has gone read-only;
 * the kernel's word for that is SIGBUS. Memory of our own takes the page's place then and the store
 * is done again. */

static char *volatile mapped;
static size_t mapped_bytes;

static void on_bus_error(int signo, siginfo_t *info, void *context)
{
    char *at = info->si_addr, *from = mapped;
    int saved = errno;

    (void)context;
    if (!from || at < from || at >= from + mapped_bytes ||
        mmap(from, mapped_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
             -1, 0) == MAP_FAILED)
        signal(signo, SIG_DFL); /* not ours: the instruction fails again and we die of it */
    errno = saved;
}

static void guard(void *page, size_t bytes)
{
    struct sigaction sa = {.sa_sigaction = on_bus_error, .sa_flags = SA_SIGINFO};

    mapped_bytes = bytes;
    mapped = page;
    sigemptyset(&sa.sa_mask);
    sigaction(SIGBUS, &sa, NULL);
}

/* ---- opening ----------------------------------------------------------------------------------
 */

/* Bytes that are written are there: a hole would have to be filled by a store. */
static int write_fresh(int fd)
{
    CLEANUP_FREE char *block = mem_calloc(1, HAND_BYTES);
    struct hand_page page = {.magic = HAND_MAGIC};
    int r;

    if (getrandom(&page.seed, sizeof(page.seed), GRND_NONBLOCK) < 0)
        page.seed = (uint64_t)(uintptr_t)block;
    memcpy(block, &page, sizeof(page));
    r = posix_fallocate(fd, 0, HAND_BYTES);
    if (r == 0 || r == EOPNOTSUPP || r == EINVAL) {
        ssize_t n = pwrite(fd, block, HAND_BYTES, 0);

        return n == (ssize_t)HAND_BYTES ? 0 : n < 0 ? -errno : -ENOSPC;
    }
    return -r;
}

static int map_file(struct hand *h, int state_fd)
{
    int r = 0, fd = openat(state_fd, HAND_FILE, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    long page = sysconf(_SC_PAGESIZE);
    uint64_t magic = 0;
    struct stat st;
    void *p;

    if (fd < 0)
        return -errno;
    if (fstat(fd, &st) < 0)
        r = -errno;
    else if (!S_ISREG(st.st_mode))
        r = -EINVAL;
    else if (st.st_size != (off_t)HAND_BYTES ||
             pread(fd, &magic, sizeof(magic), 0) != (ssize_t)sizeof(magic) || magic != HAND_MAGIC)
        r = ftruncate(fd, 0) < 0 ? -errno : write_fresh(fd);
    if (r == 0) {
        size_t bytes = page > (long)HAND_BYTES ? (size_t)page : HAND_BYTES;

        p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        if (p == MAP_FAILED) {
            r = -errno;
        } else {
            h->page = p;
            h->shared = true;
            guard(p, bytes);
        }
    } else {
        (void)unlinkat(state_fd, HAND_FILE, 0);
    }
    close(fd);
    return r;
}

static uint64_t digest(const struct hand_page *p, uint32_t stage, const void *text, size_t len)
{
    uint64_t d = XXH3_64bits_withSeed(text, len < HAND_TEXT_MAX ? len : HAND_TEXT_MAX,
                                      p->seed ^ len ^ (uint64_t)(stage == HAND_EVENT) << 63 ^
                                          (uint64_t)(stage == HAND_BATCH) << 62);

    return d ? d : 1;
}

static struct hand_suspect *find(const struct hand *h, uint64_t d)
{
    for (size_t i = 0; i < HAND_SUSPECTS; i++)
        if (h->page->suspects[i].digest == d)
            return &h->page->suspects[i];
    return NULL;
}

static void count(struct hand *h)
{
    h->n_suspects = 0;
    for (size_t i = 0; i < HAND_SUSPECTS; i++)
        h->n_suspects += h->page->suspects[i].digest != 0;
}

/* A free place, else that of the oldest one that is only suspected, else of the oldest. */
static struct hand_suspect *place(struct hand_page *p)
{
    struct hand_suspect *best = &p->suspects[0];

    for (size_t i = 0; i < HAND_SUSPECTS; i++) {
        struct hand_suspect *s = &p->suspects[i];
        bool condemned = s->deaths >= DEATHS_MAX, best_condemned = best->deaths >= DEATHS_MAX;

        if (s->digest == 0)
            return s;
        if (condemned != best_condemned ? best_condemned : s->since < best->since)
            best = s;
    }
    return best;
}

/* What the former process left. */
static void take_stock(struct hand *h, struct hand_report *report)
{
    struct hand_page *p = h->page;
    struct hand_suspect *s;
    uint64_t d;

    if (p->stage == HAND_NOTHING || p->stage > STAGE_LAST)
        return;
    report->stage = (enum hand_stage)p->stage;
    report->len = (size_t)p->len;
    memcpy(report->text, p->text, sizeof(report->text));
    p->deaths++;
    d = digest(p, p->stage, p->text, report->len);
    s = find(h, d);
    if (!s) {
        s = place(p);
        *s = (struct hand_suspect){.digest = d, .since = p->deaths};
    }
    s->stage = p->stage;
    s->deaths++;
    report->deaths = s->deaths;
}

int hand_open(struct hand *h, int state_fd, struct hand_report *report)
{
    int r;

    *h = (struct hand){0};
    *report = (struct hand_report){.stage = HAND_NOTHING};
    r = map_file(h, state_fd);
    if (r < 0) {
        h->page = mem_calloc(1, HAND_BYTES);
        return r;
    }
    take_stock(h, report);
    atomic_signal_fence(memory_order_seq_cst);
    h->page->stage = HAND_NOTHING;
    count(h);
    return 0;
}

void hand_close(struct hand *h)
{
    if (h->shared) {
        size_t bytes = mapped_bytes;

        mapped = NULL;
        munmap(h->page, bytes);
    } else {
        free(h->page);
    }
    *h = (struct hand){0};
}

/* ---- judging ----------------------------------------------------------------------------------
 */

bool hand_condemned_slowly(const struct hand *h, enum hand_stage stage, const void *text,
                           size_t len)
{
    const struct hand_suspect *s = find(h, digest(h->page, stage, text, len));

    return s && s->deaths >= DEATHS_MAX;
}

void hand_forget(struct hand *h, enum hand_stage stage, const void *text, size_t len)
{
    struct hand_suspect *s = find(h, digest(h->page, stage, text, len));

    if (s)
        *s = (struct hand_suspect){0};
    count(h);
}

void hand_acquit(struct hand *h)
{
    const struct hand_page *p = h->page;
    struct hand_suspect *s;

    if (p->stage == HAND_NOTHING)
        return;
    s = find(h, digest(p, p->stage, p->text, (size_t)p->len));
    if (s && s->stage == p->stage) {
        *s = (struct hand_suspect){0};
        count(h);
    }
}
