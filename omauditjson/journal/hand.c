/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "journal/hand.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/mem.h"
#include "journal/hand_death.h"
#include "journal/hand_trial.h"

#define HAND_FILE "hand"
#define HAND_MAGIC UINT64_C(0x32444e41484a414f) /* "OAJHAND2" */
#define HAND_BYTES 4096u
#define DEATHS_MAX 2
#define STAGE_LAST HAND_BATCH

_Static_assert(sizeof(struct hand_page) <= HAND_BYTES, "one page");

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
            h->bytes = bytes;
            h->shared = true;
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
    h->n_suspects += h->page->row.deaths >= HAND_ROW;
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

static struct hand_suspect *suspect(struct hand_page *p, uint64_t d)
{
    struct hand_suspect *s;

    for (size_t i = 0; i < HAND_SUSPECTS; i++)
        if (p->suspects[i].digest == d)
            return &p->suspects[i];
    s = place(p);
    *s = (struct hand_suspect){.digest = d, .since = p->deaths};
    return s;
}

/* What the former process left. */
static void take_stock(struct hand *h, struct hand_report *report)
{
    struct hand_page *p = h->page;
    struct hand_suspect *s = &p->row;
    uint64_t d;

    if (p->stage == HAND_NOTHING || p->stage > STAGE_LAST) {
        p->row = (struct hand_suspect){0}; /* it got further */
        return;
    }
    report->stage = (enum hand_stage)p->stage;
    report->mark = (enum hand_mark)p->mark;
    report->signo = (int)p->signo;
    report->len = (size_t)p->len;
    memcpy(report->text, p->text, sizeof(report->text));
    p->deaths++;
    d = digest(p, p->stage, p->text, report->len);
    if (p->mark == HAND_UNMARKED && (s->digest != d || s->stage != p->stage))
        *s = (struct hand_suspect){.digest = d, .since = p->deaths};
    if (p->mark != HAND_UNMARKED) {
        *s = (struct hand_suspect){0};
        s = suspect(p, d);
    }
    s->stage = p->stage;
    s->deaths++;
    *(p->mark == HAND_UNMARKED ? &report->row : &report->deaths) = s->deaths;
}

int hand_open(struct hand *h, int state_fd, struct hand_report *report)
{
    int r;

    *h = (struct hand){.trial_fd = -1};
    *report = (struct hand_report){.stage = HAND_NOTHING};
    r = map_file(h, state_fd);
    if (r < 0) {
        h->page = mem_calloc(1, HAND_BYTES);
        return r;
    }
    hand_death_guard(h->page, h->bytes);
    take_stock(h, report);
    atomic_signal_fence(memory_order_seq_cst);
    h->page->stage = HAND_NOTHING;
    h->page->mark = HAND_UNMARKED;
    count(h);
    return 0;
}

void hand_close(struct hand *h)
{
    if (h->shared) {
        hand_death_guard(NULL, 0);
        munmap(h->page, h->bytes);
    } else {
        free(h->page);
    }
    *h = (struct hand){.trial_fd = -1};
}

/* ---- judging ----------------------------------------------------------------------------------
 */

bool hand_was_condemned(const struct hand *h, enum hand_stage stage, const void *text, size_t len)
{
    const struct hand_suspect *s = find(h, digest(h->page, stage, text, len));

    return s && s->deaths >= DEATHS_MAX;
}

/* The child of a trial works on a copy of the page; it is no file's, but a loop ends it all the
 * same. */
static void become_child(struct hand *h)
{
    struct hand_page *page = mem_alloc(sizeof(*page));

    *page = *h->page;
    h->page = page;
    h->shared = false;
    h->n_suspects = 1; /* hand_put() comes by hand_acquit() */
    hand_death_guard(page, sizeof(*page));
    hand_death_watch_again();
}

bool hand_condemned_slowly(struct hand *h, enum hand_stage stage, const void *text, size_t len)
{
    struct hand_suspect *row = &h->page->row;
    uint64_t d = digest(h->page, stage, text, len);
    const struct hand_suspect *s = find(h, d);

    if (s && s->deaths >= DEATHS_MAX)
        return true;
    if (row->deaths < HAND_ROW || row->digest != d || row->stage != stage || h->trial_fd >= 0)
        return false;
    switch (hand_trial_run(&h->trial_fd)) {
    case HAND_TRIAL_CHILD: /* goes on with it, for us */
        become_child(h);
        return false;
    case HAND_TRIAL_DIED:
        *suspect(h->page, d) = (struct hand_suspect){
            .digest = d, .since = h->page->deaths, .stage = stage, .deaths = DEATHS_MAX};
        break;
    case HAND_TRIAL_NO_VERDICT:
        break;
    }
    *row = (struct hand_suspect){0};
    count(h);
    return hand_was_condemned(h, stage, text, len);
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
    struct hand_page *p = h->page;
    struct hand_suspect *s;
    uint64_t d;

    if (p->stage == HAND_NOTHING)
        return;
    if (h->trial_fd >= 0)
        hand_trial_passed(h->trial_fd);
    d = digest(p, p->stage, p->text, (size_t)p->len);
    s = find(h, d);
    if (s && s->stage == p->stage)
        *s = (struct hand_suspect){0};
    if (p->row.digest == d && p->row.stage == p->stage)
        p->row = (struct hand_suspect){0};
    count(h);
}

/* ---- who sends ------------------------------------------------------------------------------ */

bool hand_sender_is_new(struct hand *h, uint64_t number, uint64_t started)
{
    uint64_t *was = h->page->sender;
    bool differs = was[0] && (was[0] != number || (was[1] && started && was[1] != started));

    was[0] = number;
    was[1] = started;
    return differs;
}
