/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "journal/scoreboard.h"

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
#include "journal/scoreboard_death.h"
#include "journal/scoreboard_trial.h"

#define SCOREBOARD_FILE "scoreboard"
#define SCOREBOARD_MAGIC UINT64_C(0x32444e41484a414f) /* "OAJHAND2" */
#define SCOREBOARD_BYTES 4096u
#define DEATHS_MAX 2
#define STAGE_LAST SCOREBOARD_BATCH

_Static_assert(sizeof(struct scoreboard_page) <= SCOREBOARD_BYTES, "one page");

/* ---- opening ----------------------------------------------------------------------------------
 */

/* Bytes that are written are there: a hole would have to be filled by a store. */
static int write_fresh(int fd)
{
    CLEANUP_FREE char *block = mem_calloc(1, SCOREBOARD_BYTES);
    struct scoreboard_page page = {.magic = SCOREBOARD_MAGIC};
    int r;

    if (getrandom(&page.seed, sizeof(page.seed), GRND_NONBLOCK) < 0)
        page.seed = (uint64_t)(uintptr_t)block;
    memcpy(block, &page, sizeof(page));
    r = posix_fallocate(fd, 0, SCOREBOARD_BYTES);
    if (r == 0 || r == EOPNOTSUPP || r == EINVAL) {
        ssize_t n = pwrite(fd, block, SCOREBOARD_BYTES, 0);

        return n == (ssize_t)SCOREBOARD_BYTES ? 0 : n < 0 ? -errno : -ENOSPC;
    }
    return -r;
}

static int map_file(struct scoreboard *h, int state_fd)
{
    int r = 0,
        fd = openat(state_fd, SCOREBOARD_FILE, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
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
    else if (st.st_size != (off_t)SCOREBOARD_BYTES ||
             pread(fd, &magic, sizeof(magic), 0) != (ssize_t)sizeof(magic) ||
             magic != SCOREBOARD_MAGIC)
        r = ftruncate(fd, 0) < 0 ? -errno : write_fresh(fd);
    if (r == 0) {
        size_t bytes = page > (long)SCOREBOARD_BYTES ? (size_t)page : SCOREBOARD_BYTES;

        p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        if (p == MAP_FAILED) {
            r = -errno;
        } else {
            h->page = p;
            h->bytes = bytes;
            h->shared = true;
        }
    } else {
        (void)unlinkat(state_fd, SCOREBOARD_FILE, 0);
    }
    close(fd);
    return r;
}

static uint64_t digest(const struct scoreboard_page *p, uint32_t stage, const void *text,
                       size_t len)
{
    uint64_t d = XXH3_64bits_withSeed(text, len < SCOREBOARD_TEXT_MAX ? len : SCOREBOARD_TEXT_MAX,
                                      p->seed ^ len ^ (uint64_t)(stage == SCOREBOARD_EVENT) << 63 ^
                                          (uint64_t)(stage == SCOREBOARD_BATCH) << 62);

    return d ? d : 1;
}

static struct scoreboard_suspect *find(const struct scoreboard *h, uint64_t d)
{
    for (size_t i = 0; i < SCOREBOARD_SUSPECTS; i++)
        if (h->page->suspects[i].digest == d)
            return &h->page->suspects[i];
    return NULL;
}

static void count(struct scoreboard *h)
{
    h->n_suspects = 0;
    for (size_t i = 0; i < SCOREBOARD_SUSPECTS; i++)
        h->n_suspects += h->page->suspects[i].digest != 0;
    h->n_suspects += h->page->row.deaths >= SCOREBOARD_ROW;
}

/* A free place, else that of the oldest one that is only suspected, else of the oldest. */
static struct scoreboard_suspect *place(struct scoreboard_page *p)
{
    struct scoreboard_suspect *best = &p->suspects[0];

    for (size_t i = 0; i < SCOREBOARD_SUSPECTS; i++) {
        struct scoreboard_suspect *s = &p->suspects[i];
        bool poison = s->deaths >= DEATHS_MAX, best_poison = best->deaths >= DEATHS_MAX;

        if (s->digest == 0)
            return s;
        if (poison != best_poison ? best_poison : s->since < best->since)
            best = s;
    }
    return best;
}

static struct scoreboard_suspect *suspect(struct scoreboard_page *p, uint64_t d)
{
    struct scoreboard_suspect *s;

    for (size_t i = 0; i < SCOREBOARD_SUSPECTS; i++)
        if (p->suspects[i].digest == d)
            return &p->suspects[i];
    s = place(p);
    *s = (struct scoreboard_suspect){.digest = d, .since = p->deaths};
    return s;
}

/* What the former process left. */
static void take_stock(struct scoreboard *h, struct scoreboard_report *report)
{
    struct scoreboard_page *p = h->page;
    struct scoreboard_suspect *s = &p->row;
    uint64_t d;

    if (p->stage == SCOREBOARD_NOTHING || p->stage > STAGE_LAST) {
        p->row = (struct scoreboard_suspect){0}; /* it got further */
        return;
    }
    report->stage = (enum scoreboard_stage)p->stage;
    report->mark = (enum scoreboard_mark)p->mark;
    report->signo = (int)p->signo;
    report->len = (size_t)p->len;
    memcpy(report->text, p->text, sizeof(report->text));
    p->deaths++;
    d = digest(p, p->stage, p->text, report->len);
    if (p->mark == SCOREBOARD_UNMARKED && (s->digest != d || s->stage != p->stage))
        *s = (struct scoreboard_suspect){.digest = d, .since = p->deaths};
    if (p->mark != SCOREBOARD_UNMARKED) {
        *s = (struct scoreboard_suspect){0};
        s = suspect(p, d);
    }
    s->stage = p->stage;
    s->deaths++;
    *(p->mark == SCOREBOARD_UNMARKED ? &report->row : &report->deaths) = s->deaths;
}

int scoreboard_open(struct scoreboard *h, int state_fd, struct scoreboard_report *report)
{
    int r;

    *h = (struct scoreboard){.trial_fd = -1};
    *report = (struct scoreboard_report){.stage = SCOREBOARD_NOTHING};
    r = map_file(h, state_fd);
    if (r < 0) {
        h->page = mem_calloc(1, SCOREBOARD_BYTES);
        return r;
    }
    scoreboard_death_guard(h->page, h->bytes);
    take_stock(h, report);
    atomic_signal_fence(memory_order_seq_cst);
    h->page->stage = SCOREBOARD_NOTHING;
    h->page->mark = SCOREBOARD_UNMARKED;
    count(h);
    return 0;
}

void scoreboard_close(struct scoreboard *h)
{
    if (h->shared) {
        scoreboard_death_guard(NULL, 0);
        munmap(h->page, h->bytes);
    } else {
        free(h->page);
    }
    *h = (struct scoreboard){.trial_fd = -1};
}

/* ---- judging ----------------------------------------------------------------------------------
 */

bool scoreboard_was_poison(const struct scoreboard *h, enum scoreboard_stage stage,
                           const void *text, size_t len)
{
    const struct scoreboard_suspect *s = find(h, digest(h->page, stage, text, len));

    return s && s->deaths >= DEATHS_MAX;
}

/* The child of a trial works on a copy of the page; it is no file's, but a loop ends it all the
 * same. */
static void become_child(struct scoreboard *h)
{
    struct scoreboard_page *page = mem_alloc(sizeof(*page));

    *page = *h->page;
    h->page = page;
    h->shared = false;
    h->n_suspects = 1; /* scoreboard_end() comes by scoreboard_clear() */
    scoreboard_death_guard(page, sizeof(*page));
    scoreboard_death_watch_again();
}

bool scoreboard_check(struct scoreboard *h, enum scoreboard_stage stage, const void *text,
                      size_t len)
{
    struct scoreboard_suspect *row = &h->page->row;
    uint64_t d = digest(h->page, stage, text, len);
    const struct scoreboard_suspect *s = find(h, d);

    if (s && s->deaths >= DEATHS_MAX)
        return true;
    if (row->deaths < SCOREBOARD_ROW || row->digest != d || row->stage != stage || h->trial_fd >= 0)
        return false;
    switch (scoreboard_trial_run(&h->trial_fd)) {
    case SCOREBOARD_TRIAL_CHILD: /* goes on with it, for us */
        become_child(h);
        return false;
    case SCOREBOARD_TRIAL_DIED:
        *suspect(h->page, d) = (struct scoreboard_suspect){
            .digest = d, .since = h->page->deaths, .stage = stage, .deaths = DEATHS_MAX};
        break;
    case SCOREBOARD_TRIAL_NO_VERDICT:
        break;
    }
    *row = (struct scoreboard_suspect){0};
    count(h);
    return scoreboard_was_poison(h, stage, text, len);
}

void scoreboard_forget(struct scoreboard *h, enum scoreboard_stage stage, const void *text,
                       size_t len)
{
    struct scoreboard_suspect *s = find(h, digest(h->page, stage, text, len));

    if (s)
        *s = (struct scoreboard_suspect){0};
    count(h);
}

void scoreboard_clear(struct scoreboard *h)
{
    struct scoreboard_page *p = h->page;
    struct scoreboard_suspect *s;
    uint64_t d;

    if (p->stage == SCOREBOARD_NOTHING)
        return;
    if (h->trial_fd >= 0)
        scoreboard_trial_passed(h->trial_fd);
    d = digest(p, p->stage, p->text, (size_t)p->len);
    s = find(h, d);
    if (s && s->stage == p->stage)
        *s = (struct scoreboard_suspect){0};
    if (p->row.digest == d && p->row.stage == p->stage)
        p->row = (struct scoreboard_suspect){0};
    count(h);
}

/* ---- who sends ------------------------------------------------------------------------------ */

bool scoreboard_sender_is_new(struct scoreboard *h, uint64_t number, uint64_t started)
{
    uint64_t *was = h->page->sender;
    bool differs = was[0] && (was[0] != number || (was[1] && started && was[1] != started));

    was[0] = number;
    was[1] = started;
    return differs;
}
