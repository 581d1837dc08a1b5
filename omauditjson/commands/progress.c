/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "commands/progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"

#define FIRST_MS 500
#define EVERY_MS 100
#define BAR 30
#define NAME_MAX_SHOWN 30
#define LINE_SIZE 160

void progress_init(struct progress *p, int out_fd, int err_fd)
{
    *p = (struct progress){.on = isatty(err_fd) && !isatty(out_fd)};
    if (p->on)
        p->next_ms = clock_mono_ms() + FIRST_MS;
}

void progress_file(struct progress *p, const char *name, uint64_t size)
{
    p->name = name;
    p->size = size;
    p->done = 0;
}

/* The end of a long path says more than its beginning; what a terminal would obey is not shown. */
static void put_name(const char *name, char out[NAME_MAX_SHOWN + 1])
{
    size_t len = strlen(name), n = 0;

    if (len > NAME_MAX_SHOWN)
        name += len - NAME_MAX_SHOWN;
    for (; name[n]; n++)
        out[n] = name[n] < ' ' || name[n] == 0x7f ? '?' : name[n];
    out[n] = '\0';
}

void progress_text(const struct progress *p, char *out, unsigned size)
{
    char name[NAME_MAX_SHOWN + 1], bar[BAR + 1];
    uint64_t done = p->done < p->size ? p->done : p->size;
    unsigned part = p->size ? (unsigned)((double)done / (double)p->size * BAR) : 0;

    put_name(p->name ? p->name : "", name);
    if (!p->size) {
        snprintf(out, size, "%s: %" PRIu64 " MiB, %" PRIu64 " events", name, p->done >> 20,
                 p->events);
        return;
    }
    memset(bar, '.', BAR);
    memset(bar, '#', part);
    bar[BAR] = '\0';
    snprintf(out, size, "%s: [%s] %u %%, %" PRIu64 " events", name, bar,
             (unsigned)((double)done / (double)p->size * 100), p->events);
}

void progress_add(struct progress *p, uint64_t bytes, int64_t now_ms)
{
    char line[LINE_SIZE], text[LINE_SIZE + 8];
    int n;

    p->done += bytes;
    if (!p->on || now_ms < p->next_ms)
        return;
    p->next_ms = now_ms + EVERY_MS;
    progress_text(p, line, sizeof(line));
    n = snprintf(text, sizeof(text), "\r%s\033[K", line);
    if (write(STDERR_FILENO, text, (size_t)n) != n)
        p->on = false;
    p->shown = true;
}

void progress_wipe(struct progress *p)
{
    static const char wipe[] = "\r\033[K";

    if (p->shown && write(STDERR_FILENO, wipe, sizeof(wipe) - 1) < 0)
        p->on = false;
    p->shown = false;
}
