/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "engine/replies.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "conf/conf.h"

int replies_init(struct replies *r, const struct conf *conf, int out_fd, struct stats *stats)
{
    *r = (struct replies){.out_fd = out_fd, .confirming = out_fd >= 0, .stats = stats};
    return omprog_init(&r->omprog, conf->begin_mark, conf->commit_mark);
}

void replies_done(struct replies *r)
{
    omprog_done(&r->omprog);
}

bool replies_confirming(const struct replies *r)
{
    return r->confirming;
}

bool replies_are_read(const struct replies *r)
{
    return r->out_fd >= 0;
}

void replies_close(struct replies *r)
{
    r->out_fd = -1;
}

enum omprog_action replies_line(struct replies *r, const char *data, size_t len)
{
    return omprog_line(&r->omprog, data, len);
}

unsigned replies_depth(const struct replies *r)
{
    return r->omprog.depth;
}

/* One write() of a whole reply. */
static void write_text(struct replies *r, const char *text, size_t len)
{
    ssize_t n;

    if (r->out_fd < 0)
        return;
    do {
        n = write(r->out_fd, text, len);
    } while (n < 0 && errno == EINTR);
    if (n != (ssize_t)len) {
        log_warning("cannot write replies to rsyslog: %s; waiting for the end of input",
                    n < 0 ? strerror(errno) : "short write");
        r->out_fd = -1; /* end of input follows */
    }
}

void replies_first(struct replies *r)
{
    const char *text = omprog_first_reply();

    write_text(r, text, strlen(text));
}

void replies_send(struct replies *r, enum omprog_action action)
{
    const char *text = omprog_reply(&r->omprog, action);

    write_text(r, text, strlen(text));
}

void replies_hold(struct replies *r, int64_t now_ms, int64_t keepalive_ms)
{
    r->next_dot_ms = now_ms + keepalive_ms;
}

bool replies_dot(struct replies *r, int64_t now_ms, int64_t keepalive_ms)
{
    if (now_ms < r->next_dot_ms)
        return true;
    r->next_dot_ms = now_ms + keepalive_ms;
    if (!omprog_dot(&r->omprog))
        return false;
    write_text(r, ".", 1);
    r->stats->dots++;
    return true;
}

int64_t replies_next_dot_ms(const struct replies *r)
{
    return r->out_fd >= 0 ? r->next_dot_ms : CLOCK_NEVER;
}
