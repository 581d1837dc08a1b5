/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <fcntl.h>
#include <libaudit.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "event/recent.h"
#include "event/recent_internal.h"
#include "input/record.h"
#include "unit.h"

/* Distinct, and spread like digests (so that some share a bucket). */
static uint64_t digest(uint64_t n)
{
    uint64_t x = (n + 1) * UINT64_C(0x9e3779b97f4a7c15);

    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return x ^ x >> 31;
}

/* ---- a log, rsyslog, and what is kept ---------------------------------------------------------
 * A record is an event's number and a letter; Z ends its event: "1A 1B 1Z 2Z". */

#define RECORDS_MAX 8192

struct life {
    struct recent *r;
    size_t n; /* went to the journal, */
    uint64_t digests[RECORDS_MAX];
    bool taken_back[RECORDS_MAX]; /* and was taken back */
    bool stored;                  /* the last one was */
};

static struct life *life_new(void)
{
    struct life *l = mem_calloc(1, sizeof(*l));

    l->r = recent_new(8192, 64);
    return l;
}

static void life_free(struct life *l)
{
    recent_free(l->r);
    free(l);
}

static uint64_t digest_of(unsigned event, char letter)
{
    return digest((uint64_t)event * 256 + (unsigned char)letter);
}

static void send_record(struct life *l, unsigned event, char letter)
{
    struct record rec = {
        .sec = 1, .serial = event, .type = letter == 'Z' ? AUDIT_PROCTITLE : AUDIT_SYSCALL};
    uint64_t d = digest_of(event, letter);
    const uint64_t *back;
    size_t n;

    l->stored = !recent_is_repeat(l->r, &rec, d);
    if (l->stored) {
        ck_assert(!recent_is_repeat(l->r, &rec, d)); /* the disk said no: it is asked again */
        ck_assert_uint_lt(l->n, RECORDS_MAX);
        l->digests[l->n] = d;
        recent_stored(l->r, &rec, d, l->n++, 1);
        return;
    }
    n = recent_taken_back(l->r, &back);
    for (size_t i = 0; i < n; i++) {
        ck_assert(!l->taken_back[back[i]]);
        ck_assert(i == 0 || back[i] > back[i - 1]);
        l->taken_back[back[i]] = true;
    }
}

static void send_text(struct life *l, const char *text)
{
    unsigned event;
    char letter;
    int n;

    for (; sscanf(text, " %u%c%n", &event, &letter, &n) == 2; text += n)
        send_record(l, event, letter);
}

/* Events of four records, from one number to another, in their order. */
static void send_events(struct life *l, unsigned from, unsigned to)
{
    for (unsigned i = from; i < to; i++)
        for (const char *p = "ABCZ"; *p; p++)
            send_record(l, i, *p);
}

/* How many of the journal's records go out. */
static size_t kept(const struct life *l)
{
    size_t n = 0;

    for (size_t i = 0; i < l->n; i++)
        n += !l->taken_back[i];
    return n;
}

/* We die and start: memory is filled anew from the journal; the youngest records are unanswered. */
static void restart(struct life *l, size_t unanswered, bool new_rsyslogd)
{
    recent_free(l->r);
    l->r = recent_new(8192, 64);
    for (size_t i = 0; i < l->n; i++)
        recent_replay(l->r, l->digests[i], 1);
    recent_set_unanswered(l->r, unanswered, l->n ? l->digests[l->n - 1] : 0);
    if (new_rsyslogd)
        recent_new_sender(l->r);
}

/* ---- equal records of a log ------------------------------------------------------------------ */

START_TEST(equal_records_of_a_log_are_all_kept)
{
    static const struct {
        const char *text;
        size_t n;
    } logs[] = {
        {"1A 1B 1A 1B 1C 1Z", 6},
        {"1A 1A", 2},
        {"1A 1B 1B 1A 1Z", 5},
        {"1A 2A 1A 2A 1Z 2Z 2Z 1Z", 8},
        {"1A 2B 3C 1A 2B 3C 3Z 2Z 1Z 1Z 3Z 2Z", 12},
        {"1Z 1Z 1Z", 3},
        {"1A 1B 1Z 1A 1B 1Z 1A 1B 1Z", 9},
        {"1Z 2Z 3Z 4Z 1Z 2Z 3Z 4Z 1Z 2Z 3Z 4Z 1Z 2Z 3Z 4Z 1Z 2Z 3Z 4Z 1Z 2Z 3Z 4Z", 24},
        {"1Z 2Z 3Z 4Z 5Z 1Z 3Z 5Z 2Z 4Z", 10}, /* late ones */
    };

    for (size_t i = 0; i < sizeof(logs) / sizeof(logs[0]); i++) {
        /* Whole, and with each of us killed between any two records. */
        for (size_t cut = 0; cut <= logs[i].n; cut++) {
            struct life *l = life_new();
            const char *p = logs[i].text;

            for (size_t k = 0; *p; k++) {
                if (k == cut)
                    restart(l, 0, false);
                send_record(l, (unsigned)(p[0] - '0'), p[1]);
                p += p[2] ? 3 : 2;
            }
            ck_assert_uint_eq(kept(l), logs[i].n);
            life_free(l);
        }
    }
}
END_TEST

/* Any log of few different records, any kill with its line answered or not, any place to which a
 * new rsyslogd goes back: what was answered is kept as often as it was there. */
START_TEST(at_least_as_many_are_kept_as_were_answered)
{
    uint64_t random = 0;

    for (unsigned round = 0; round < 3000; round++) {
        struct life *l = life_new();
        unsigned events = 1 + (unsigned)(digest(random++) % 6), n = 200, from = 0;
        struct {
            unsigned event;
            char letter;
        } log[200];
        size_t count[8][128] = {{0}}, there[8][128] = {{0}};

        for (unsigned i = 0; i < n; i++) {
            uint64_t x = digest(random++);

            log[i].event = (unsigned)(x % events);
            log[i].letter = "ABZ"[x / 8 % 3];
            count[log[i].event][(int)log[i].letter]++;
        }
        while (from < n) {
            unsigned upto = from + 1 + (unsigned)(digest(random++) % 60), how;

            for (; from < n && from < upto; from++)
                send_record(l, log[from].event, log[from].letter);
            how = (unsigned)(digest(random++) % 3);
            if (how == 1 && from < n) { /* the last one was not answered, and comes first */
                restart(l, l->stored, false);
                from--;
            } else if (how == 2) { /* the new one goes back to an older place, or does not */
                restart(l, 0, true);
                if (digest(random++) % 2)
                    from -= (unsigned)(digest(random++) % (from < 50 ? from + 1 : 50));
                upto = from + 50;
            }
        }
        for (size_t i = 0; i < l->n; i++)
            for (unsigned ev = 0; ev < events; ev++)
                for (const char *p = "ABZ"; *p; p++)
                    there[ev][(int)*p] += l->digests[i] == digest_of(ev, *p) && !l->taken_back[i];
        for (unsigned ev = 0; ev < events; ev++)
            for (const char *p = "ABZ"; *p; p++)
                ck_assert_uint_ge(there[ev][(int)*p], count[ev][(int)*p]);
        life_free(l);
    }
}
END_TEST

/* ---- what was not answered ------------------------------------------------------------------- */

START_TEST(the_line_that_was_not_answered_is_a_repeat_once)
{
    struct life *l = life_new();

    send_text(l, "1A 1B");
    restart(l, 1, false);
    ck_assert_uint_eq(recent_unanswered(l->r), 1);
    send_text(l, "1B");
    ck_assert_uint_eq(kept(l), 2);
    ck_assert_uint_eq(recent_unanswered(l->r), 0);
    send_text(l, "1B 1A"); /* these are further ones */
    ck_assert_uint_eq(kept(l), 4);
    restart(l, 0, false); /* answered */
    send_text(l, "1A");
    ck_assert_uint_eq(kept(l), 5);
    life_free(l);
}
END_TEST

START_TEST(a_transaction_that_was_at_its_commit_comes_again_whole)
{
    struct life *l = life_new();

    send_text(l, "1A");
    recent_open(l->r, RECENT_TRANSACTION);
    send_text(l, "1A 1B 1A 1B");
    ck_assert_uint_eq(recent_open_records(l->r, RECENT_TRANSACTION), 4);
    restart(l, 4, false);
    recent_open(l->r, RECENT_TRANSACTION);
    send_text(l, "1A");
    ck_assert_uint_eq(recent_unanswered(l->r), 3);
    ck_assert_uint_eq(recent_open_records(l->r, RECENT_TRANSACTION),
                      0); /* the others are no part of it yet */
    send_text(l, "1B 1A 1B");
    ck_assert_uint_eq(recent_open_records(l->r, RECENT_TRANSACTION),
                      4); /* killed once more: the same ones */
    ck_assert_uint_eq(kept(l), 5);
    send_text(l, "1C 1A 1B 1A 1B");
    ck_assert_uint_eq(recent_open_records(l->r, RECENT_TRANSACTION), 9);
    ck_assert_uint_eq(kept(l), 10);

    /* Two workers, one of which sends the other's records between its own. */
    restart(l, 4, false);
    send_text(l, "2A 1B 2B 1A 2Z 1A 1B");
    ck_assert_uint_eq(kept(l), 13);
    life_free(l);
}
END_TEST

START_TEST(a_transaction_cut_in_the_middle_does_not_come_again)
{
    for (unsigned k = 1; k < 8; k++) { /* killed with message k in process */
        struct life *l = life_new();

        send_events(l, 1, 1 + k);
        restart(l, 0, false);
        send_events(l, 1, 2); /* further ones that look like its first */
        ck_assert_uint_eq(kept(l), 4 * k + 4);
        life_free(l);
    }
}
END_TEST

START_TEST(what_is_owed_must_be_the_end_of_memory)
{
    struct life *l = life_new();

    send_text(l, "1A 1B");
    recent_set_unanswered(l->r, 1, digest_of(1, 'A')); /* the file could not be written then */
    recent_set_unanswered(l->r, 3, digest_of(1, 'B'));
    recent_set_unanswered(l->r, 0, digest_of(1, 'B'));
    ck_assert_uint_eq(recent_unanswered(l->r), 0);
    send_text(l, "1B");
    ck_assert_uint_eq(kept(l), 3);
    life_free(l);
}
END_TEST

/* ---- stretches ------------------------------------------------------------------------------- */

START_TEST(a_long_stretch_is_a_repeat_from_its_beginning)
{
    struct life *l = life_new();

    send_events(l, 1, 1000);
    send_events(l, 1, 1000); /* the file is read again, in one life */
    ck_assert_uint_eq(kept(l), 999 * 4);
    send_events(l, 1000, 1010);
    ck_assert_uint_eq(kept(l), 1009 * 4);
    restart(l, 0, false);
    send_events(l, 500, 1020); /* from the middle, and it goes on */
    ck_assert_uint_eq(kept(l), 1019 * 4);
    life_free(l);
}
END_TEST

START_TEST(a_stretch_may_hold_equal_records)
{
    static const char log[] =
        "1A 1A 1B 1A 1B 1Z 2A 2Z 2Z 3A 3B 3B 3A 3Z 4Z 4Z 4Z 5A 5Z 6A 6B 6A 6Z "
        "7A 7A 7A 7A 7Z 8Z 9A 9Z 10A 10A 10Z";
    struct life *l = life_new();
    size_t n;

    send_text(l, log);
    send_events(l, 20, 30);
    n = kept(l);
    restart(l, 0, true);
    send_text(l, log);
    send_events(l, 20, 30);
    ck_assert_uint_ge(kept(l), n);
    ck_assert_uint_le(kept(l), n + 5); /* the first event's could be any of them */
    life_free(l);
}
END_TEST

START_TEST(two_workers_send_two_stretches_at_a_time)
{
    struct life *l = life_new();

    send_events(l, 1, 200);
    for (unsigned i = 0; i < 50 * 4; i++) {
        send_record(l, 20 + i / 4, "ABCZ"[i % 4]);
        send_record(l, 120 + i / 4, "ABCZ"[i % 4]);
        if (i % 3 == 0)
            send_record(l, 1000 + i, 'Z'); /* and a third what is new */
    }
    ck_assert_uint_eq(kept(l), 199 * 4 + 67);
    life_free(l);
}
END_TEST

START_TEST(a_stretch_that_breaks_off_costs_no_record)
{
    struct life *l = life_new();

    send_events(l, 1, 100);
    send_events(l, 10, 30); /* proven; the next of memory is 30A */
    for (unsigned i = 0; i < 70; i++)
        send_record(l, 200 + i, 'Z');
    send_text(l, "30A");
    ck_assert_uint_eq(kept(l), 99 * 4 + 70 + 1);
    life_free(l);
}
END_TEST

START_TEST(what_proves_nothing_is_kept)
{
    struct life *l = life_new();

    send_events(l, 1, 100);
    send_events(l, 10, 13); /* three events */
    ck_assert_uint_eq(kept(l), 99 * 4 + 12);
    restart(l, 0, true);
    send_text(l, "12Z"); /* the last one, answered: a further one, or not */
    ck_assert_uint_eq(kept(l), 99 * 4 + 13);
    life_free(l);

    l = life_new(); /* within an event that is open */
    for (unsigned i = 0; i < 50; i++)
        send_record(l, 1, (char)(i + 1));
    for (unsigned i = 0; i < 50; i++)
        send_record(l, 1, (char)(i + 1));
    ck_assert_uint_eq(kept(l), 100);
    life_free(l);
}
END_TEST

START_TEST(a_short_stretch_up_to_what_is_owed_is_proven)
{
    struct life *l = life_new();

    send_events(l, 1, 10);
    send_text(l, "10A 10B");
    restart(l, 1, true);
    send_text(l, "10A 10B 10C");
    ck_assert_uint_eq(kept(l), 9 * 4 + 3);
    life_free(l);
}
END_TEST

START_TEST(a_new_rsyslogd_goes_on_from_where_it_was)
{
    struct life *l = life_new();

    send_events(l, 1, 10);
    restart(l, 0, true);
    send_events(l, 8, 10); /* two events, to the end */
    ck_assert_uint_eq(kept(l), 9 * 4);
    restart(l, 0, false); /* the same rsyslogd does not do that */
    send_events(l, 8, 10);
    ck_assert_uint_eq(kept(l), 11 * 4);
    restart(l, 0, true);
    send_events(l, 20, 21); /* it has begun with what is new */
    send_events(l, 8, 10);
    ck_assert_uint_eq(kept(l), 14 * 4);
    life_free(l);
}
END_TEST

/* A thousand equal ones cost no more than others, and the index stays right as items leave. */
START_TEST(the_oldest_is_forgotten_first_and_the_index_stays_right)
{
    static const size_t sizes[] = {1, 8, 1024, RECENT_RECORDS};

    for (size_t k = 0; k < sizeof(sizes) / sizeof(sizes[0]); k++) {
        size_t size = sizes[k], n = size < 1000 ? 10000 : 3 * size;
        struct ring g;

        ring_init(&g, size);
        for (size_t i = 0; i < n; i++) { /* every other one is the same */
            const struct ring_item *it;

            (void)ring_add(&g, digest(i % 2 ? i : 0), i);
            it = ring_find(&g, digest(i % 2 ? i : 0));
            ck_assert_uint_eq(ring_number(&g, it), i);
            it = ring_find_older(&g, it);
            if (i % 2 || i < 2 || size < 3)
                ck_assert_ptr_null(it);
            else
                ck_assert_uint_eq(ring_number(&g, it), i - 2);
        }
        for (size_t i = 1; i < n; i += 2)
            ck_assert_int_eq(ring_find(&g, digest(i)) != NULL, i + size >= n);
        ring_done(&g);
    }
}
END_TEST

/* ---- the file -------------------------------------------------------------------------------- */

static const struct record any = {.type = AUDIT_SYSCALL};

static bool knows(const struct recent *r, uint64_t d)
{
    return ring_find(&r->records, d) != NULL;
}

START_TEST(parts_of_an_event_are_remembered)
{
    struct recent *r = recent_new(64, 64);
    struct record a = {.sec = 1, .ms = 2, .serial = 3}, b = a;

    b.node = "x";
    b.node_len = 1;
    ck_assert_uint_eq(recent_parts(r, recent_event_digest(r, &a)), 0);
    recent_add_part(r, recent_event_digest(r, &a), 1, 1);
    recent_add_part(r, recent_event_digest(r, &a), 2, 1);
    ck_assert_uint_eq(recent_parts(r, recent_event_digest(r, &a)), 2);
    ck_assert_uint_eq(recent_parts(r, recent_event_digest(r, &b)), 0);
    recent_free(r);
}
END_TEST

START_TEST(the_file_brings_back_digests_seed_and_parts)
{
    char dir[] = "/tmp/oaj-recent-XXXXXX", path[64];
    struct record key = {.sec = 5, .serial = 6};
    struct recent *r;
    struct stat st;
    uint64_t event;
    int fd;

    ck_assert_ptr_nonnull(mkdtemp(dir));
    fd = open(dir, O_RDONLY | O_DIRECTORY);
    r = recent_new(1024, 64);
    ck_assert_int_eq(recent_load(r, fd), 0);
    event = recent_event_digest(r, &key);
    recent_add_part(r, event, 1, 1);
    recent_add_part(r, event, 3, 4);
    for (uint64_t i = 0; i < 3000; i++) { /* more than the ring holds, in uneven pieces */
        recent_stored(r, &any, digest(i), 1, 1 + i / 100);
        if (i % 700 == 0)
            ck_assert_int_eq(recent_save(r, i / 100), 0);
    }
    ck_assert_int_eq(recent_save(r, 30), 0);
    recent_free(r);

    r = recent_new(1024, 64);
    ck_assert_int_eq(recent_load(r, fd), 0);
    ck_assert_uint_eq(recent_event_digest(r, &key), event);
    ck_assert_uint_eq(recent_parts(r, event), 3);
    for (uint64_t i = 3000 - 1024; i < 3000; i++)
        ck_assert(knows(r, digest(i)));
    ck_assert(!knows(r, digest(3000 - 1025)));
    recent_free(r);

    snprintf(path, sizeof(path), "%s/recent", dir);
    ck_assert_int_eq(truncate(path, 10), 0);
    r = recent_new(1024, 64);
    ck_assert_int_lt(recent_load(r, fd), 0); /* said, and a new one is begun */
    recent_stored(r, &any, digest(7), 1, 1);
    ck_assert_int_eq(recent_save(r, 1), 0);
    recent_free(r);
    r = recent_new(1024, 64);
    ck_assert_int_eq(recent_load(r, fd), 0);
    ck_assert(knows(r, digest(7)));
    recent_free(r);

    /* Its blocks are there from the start; one that got no further has nothing to say. */
    ck_assert_int_eq(truncate(path, 0), 0);
    ck_assert_int_eq(truncate(path, 4096), 0);
    r = recent_new(1024, 64);
    ck_assert_int_eq(recent_load(r, fd), 0);
    recent_free(r);
    ck_assert_int_eq(stat(path, &st), 0);
    ck_assert_int_ge(st.st_blocks * 512, (1024 + 64) * 8);
    close(fd);
    unlink(path);
    rmdir(dir);
}
END_TEST

/* What would a start know that finds the file alone? */
static struct recent *only_the_file(int fd)
{
    struct recent *r = recent_new(256, 64);

    ck_assert_int_eq(recent_load(r, fd), 0);
    return r;
}

START_TEST(what_stays_in_the_journal_is_not_in_the_file)
{
    char dir[] = "/tmp/oaj-recent-XXXXXX", path[64];
    struct record key[4] = {{.serial = 1}, {.serial = 2}, {.serial = 3}, {.serial = 4}};
    uint64_t event[4], segment = 65534; /* they are numbered on for ever */
    struct recent *r, *s;
    int fd;

    ck_assert_ptr_nonnull(mkdtemp(dir));
    fd = open(dir, O_RDONLY | O_DIRECTORY);
    r = only_the_file(fd);
    for (unsigned i = 0; i < 4; i++)
        event[i] = recent_event_digest(r, &key[i]);
    for (uint64_t i = 0; i < 40; i++) /* ten in a segment */
        recent_stored(r, &any, digest(i), 1, segment + i / 10);
    /* They settle in another order than they came. */
    recent_add_part(r, event[2], 1, segment + 2);
    recent_add_part(r, event[0], 1, segment);
    recent_add_part(r, event[1], 1, segment + 1);
    recent_add_part(r, event[0], 2, segment + 1);

    for (unsigned gone = 0; gone < 4; gone++) {
        ck_assert_int_eq(recent_save(r, segment + gone), 0);
        s = only_the_file(fd);
        for (uint64_t i = 0; i < 40; i++)
            ck_assert_int_eq(knows(s, digest(i)), i / 10 <= gone);
        ck_assert_uint_eq(recent_parts(s, event[0]), 2);
        ck_assert_uint_eq(recent_parts(s, event[1]), gone >= 1);
        ck_assert_uint_eq(recent_parts(s, event[2]), gone >= 2 ? 1 + (gone == 3) : 0);
        ck_assert_uint_eq(recent_parts(s, event[3]), 0);
        recent_free(s);
        if (gone == 2) /* its first part has left already */
            recent_add_part(r, event[2], 2, segment + 3);
    }
    /* The next life goes on with file and journal: what both have takes two places. */
    s = only_the_file(fd);
    recent_replay(s, digest(39), segment + 3);
    for (uint64_t i = 40; i < 256; i++)
        recent_replay(s, digest(i), segment + 4);
    ck_assert_int_eq(recent_save(s, segment + 4), 0);
    recent_free(s);
    s = only_the_file(fd);
    for (uint64_t i = 1; i < 256; i++)
        ck_assert(knows(s, digest(i)));
    recent_free(s);
    recent_free(r);
    close(fd);
    snprintf(path, sizeof(path), "%s/recent", dir);
    unlink(path);
    rmdir(dir);
}
END_TEST

START_TEST(what_could_not_be_saved_is_saved_with_the_next)
{
    char dir[] = "/tmp/oaj-recent-XXXXXX", path[64];
    struct record key = {.serial = 1};
    struct rlimit limit = {0}, old;
    struct recent *r;
    uint64_t event;
    int fd;

    ck_assert_ptr_nonnull(mkdtemp(dir));
    fd = open(dir, O_RDONLY | O_DIRECTORY);
    r = only_the_file(fd);
    event = recent_event_digest(r, &key);
    recent_stored(r, &any, digest(1), 1, 1);
    recent_add_part(r, event, 1, 1);
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &old);
    limit.rlim_max = old.rlim_max;
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
    ck_assert_int_lt(recent_save(r, 1), 0);
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &old), 0);
    recent_stored(r, &any, digest(2), 1, 2);
    ck_assert_int_eq(recent_save(r, 2), 0);
    recent_free(r);
    r = only_the_file(fd);
    ck_assert(knows(r, digest(1)));
    ck_assert(knows(r, digest(2)));
    ck_assert_uint_eq(recent_parts(r, event), 1);
    recent_free(r);
    close(fd);
    snprintf(path, sizeof(path), "%s/recent", dir);
    unlink(path);
    rmdir(dir);
}
END_TEST

UNIT_MAIN("recent", equal_records_of_a_log_are_all_kept, at_least_as_many_are_kept_as_were_answered,
          the_line_that_was_not_answered_is_a_repeat_once,
          a_transaction_that_was_at_its_commit_comes_again_whole,
          a_transaction_cut_in_the_middle_does_not_come_again,
          what_is_owed_must_be_the_end_of_memory, a_long_stretch_is_a_repeat_from_its_beginning,
          a_stretch_may_hold_equal_records, two_workers_send_two_stretches_at_a_time,
          a_stretch_that_breaks_off_costs_no_record, what_proves_nothing_is_kept,
          a_short_stretch_up_to_what_is_owed_is_proven, a_new_rsyslogd_goes_on_from_where_it_was,
          the_oldest_is_forgotten_first_and_the_index_stays_right, parts_of_an_event_are_remembered,
          the_file_brings_back_digests_seed_and_parts, what_stays_in_the_journal_is_not_in_the_file,
          what_could_not_be_saved_is_saved_with_the_next)
