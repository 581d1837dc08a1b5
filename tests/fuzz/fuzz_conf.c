/* SPDX-License-Identifier: Apache-2.0 */
/* Any configuration file is read, or refused with a message that is safe to show; values that were
 * read are within the bounds of the table. Input: the file. */
#include "config.h"

#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/buf.h"
#include "conf/conf.h"
#include "base/err.h"
#include "fuzz.h"

#define ERRORS_MAX ((size_t)64 * 1024)

static void check_errors(int r, const struct buf *errors)
{
    FUZZ_ASSERT(r == 0 || r == ERR_CONFIG);
    FUZZ_ASSERT((r == 0) == (errors->len == 0));
    if (r == 0)
        return;
    FUZZ_ASSERT(errors->data[errors->len - 1] == '\n');
    for (size_t i = 0; i < errors->len; i++) {
        unsigned char c = (unsigned char)errors->data[i];

        FUZZ_ASSERT((c >= ' ' && c != 0x7f) || c == '\n');
    }
}

static void check_list(const struct conf_list *list)
{
    FUZZ_ASSERT(list->n == 0 || list->item);
    for (size_t i = 0; i < list->n; i++)
        FUZZ_ASSERT(strlen(list->item[i]) < (1 << 20));
}

static void check_values(const struct conf *c)
{
    check_list(&c->url);
    check_list(&c->header);
    check_list(&c->tags);
    FUZZ_ASSERT(c->state_dir && c->state_dir[0]);
    FUZZ_ASSERT(c->window >= (4u << 20));
    FUZZ_ASSERT(c->max_line >= 4096 && c->max_line <= (2u << 20));
    FUZZ_ASSERT(c->max_event >= 16384 && c->max_event_records > 0 && c->max_open_events > 0);
    FUZZ_ASSERT(c->batch_events > 0 && c->in_flight > 0 && c->in_flight <= 64);
    FUZZ_ASSERT(c->keepalive >= 10 && c->keepalive <= 9000);
    FUZZ_ASSERT(c->end_of_event_timeout >= 10 && c->settle >= 0 && c->shutdown_timeout >= 0);
    FUZZ_ASSERT(c->begin_mark && c->commit_mark);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static int fd = -1;
    static char path[64];
    struct buf errors = BUF_INIT(ERRORS_MAX), again = BUF_INIT(ERRORS_MAX);
    struct conf conf;
    int r;

    if (fd < 0) {
        fd = memfd_create("fuzz_conf", MFD_CLOEXEC);
        FUZZ_ASSERT(fd >= 0);
        snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    }
    FUZZ_ASSERT(ftruncate(fd, 0) == 0 && pwrite(fd, data, size, 0) == (ssize_t)size);

    conf_init(&conf);
    r = conf_read_file(&conf, path, &errors);
    check_errors(r, &errors);
    if (r == 0) {
        int checked = conf_check(&conf, CONF_RUN, &again);

        check_errors(checked, &again);
        if (checked == 0)
            check_values(&conf);
    }
    conf_done(&conf);

    buf_truncate(&again, 0);
    conf_init(&conf);
    FUZZ_ASSERT(conf_read_file(&conf, path, &again) == r);
    FUZZ_ASSERT(again.len == errors.len &&
                (again.len == 0 || memcmp(again.data, errors.data, again.len) == 0));
    conf_done(&conf);
    buf_done(&errors);
    buf_done(&again);
    return 0;
}
