/* SPDX-License-Identifier: Apache-2.0 */
/* Dead letters on a disk that fails at the moment when one file of them is full and the next one
 * begins: what was in the full one and not synced yet is lost, and must not count as kept. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "deliver/deadletter.h"
#include "rig.h"
#include "unit.h"

static struct rig rig;
static unsigned fail_fdatasync, n_fsync;

/* These stand before the C library's. */
int fsync(int fd)
{
    (void)fd;
    n_fsync++;
    return 0;
}

int fdatasync(int fd)
{
    (void)fd;
    if (!fail_fdatasync)
        return 0;
    fail_fdatasync--;
    errno = EIO;
    return -1;
}

static bool kept(struct rig *r, const char *text)
{
    static const char *const names[] = {"1", "2", "3", "4", "5", "6", "7", "8", "9"};
    char path[64], data[4096];

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        FILE *f;
        size_t n;

        snprintf(path, sizeof(path), "dead/000000000%s.json", names[i]);
        f = fopen(rig_path(r, path), "re");
        n = f ? fread(data, 1, sizeof(data) - 1, f) : 0;
        data[n] = '\0';
        if (f)
            fclose(f);
        if (strstr(data, text))
            return true;
    }
    return false;
}

START_TEST(events_in_the_full_file_are_kept_again)
{
    struct httpd *h = rig_serve(&rig, CONF_RECEIVER_SINGLE, rig_by_content, NULL);

    rig.conf.in_flight = 3;
    rig_start(&rig);
    deadletter_free(rig.dead);
    ck_assert_int_eq(deadletter_new(rig_path(&rig, "dead"), 250, 9, &rig.dead), 0);
    rig.d->dead = rig.dead;
    rig.d->dead_retry.next_ms =
        rig_now(&rig) + 60000; /* so that all three are in_dead_letters at once */
    for (unsigned i = 0; i < 3; i++)
        rig_add(&rig, "BAD");
    rig_add(&rig, "x"); /* without it they would be held */
    fail_fdatasync = 1;
    rig_finish(&rig);
    ck_assert_uint_eq(fail_fdatasync, 0);
    ck_assert_uint_eq(deadletter_losses(rig.dead), 1);
    ck_assert(kept(&rig, "\"n\":0,"));
    ck_assert(kept(&rig, "\"n\":1,"));
    ck_assert(kept(&rig, "\"n\":2,"));
    rig_done(&rig);
    httpd_free(h);
}
END_TEST

/* The file was made by a life that was killed before its name was on the disk. */
START_TEST(a_file_of_a_former_life_is_synced_with_its_name)
{
    struct deadletter_entry e = {.reason = "test", .line = "line", .line_len = 4};
    char dir[] = "/tmp/oaj-dead-XXXXXX", command[64];
    struct deadletter *dl;

    ck_assert_ptr_nonnull(mkdtemp(dir));
    ck_assert_int_eq(deadletter_new(dir, 1000, 2, &dl), 0);
    ck_assert_int_eq(deadletter_add(dl, &e), 0);
    deadletter_free(dl);
    ck_assert_uint_eq(n_fsync, 0);
    ck_assert_int_eq(deadletter_new(dir, 1000, 2, &dl), 0);
    ck_assert_int_eq(deadletter_add(dl, &e), 0);
    ck_assert_int_eq(deadletter_sync(dl), 0);
    ck_assert_uint_eq(n_fsync, 1);
    deadletter_free(dl);
    snprintf(command, sizeof(command), "rm -rf '%s'", dir);
    ck_assert_int_eq(system(command), 0);
}
END_TEST

UNIT_MAIN("deadletter_faults", a_file_of_a_former_life_is_synced_with_its_name,
          events_in_the_full_file_are_kept_again)
