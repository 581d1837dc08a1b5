/* SPDX-License-Identifier: Apache-2.0 */
/* A child for rsyslog's omprog that only answers: what rsyslog could do with a program that costs
 * nothing. Given a third argument it writes each line there before it answers: what rsyslog could
 * do with one that costs nothing but the promise. Says in a file when it had so many lines. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"

#define KEPT_BYTES ((off_t)64 << 20)

static void say(const char *text)
{
    ssize_t n = write(STDOUT_FILENO, text, strlen(text));

    (void)n;
}

static void done(const char *path)
{
    FILE *f = fopen(path, "we");

    if (!f)
        return;
    fprintf(f, "%lld\n", (long long)clock_mono_ms());
    fclose(f);
}

static bool begins(const char *line, size_t len, const char *word)
{
    return len >= strlen(word) && memcmp(line, word, strlen(word)) == 0;
}

/* Into blocks that are there already, as a journal's are. */
static int open_kept(const char *path)
{
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    if (fd < 0 || posix_fallocate(fd, 0, KEPT_BYTES) != 0) {
        fprintf(stderr, "answer: %s can't be made\n", path);
        exit(73);
    }
    return fd;
}

static void keep(int fd, const char *line, size_t len)
{
    static off_t at;

    if (at + (off_t)len > KEPT_BYTES)
        at = 0;
    if (pwrite(fd, line, len, at) != (ssize_t)len)
        exit(74);
    at += (off_t)len;
}

int main(int argc, char **argv)
{
    static char b[1 << 18];
    unsigned long long want = argc >= 3 ? strtoull(argv[1], NULL, 10) : 0, lines = 0;
    bool in_transaction = false;
    int kept = argc == 4 ? open_kept(argv[3]) : -1;
    size_t n = 0;
    ssize_t r;

    if (argc != 3 && argc != 4) {
        fprintf(stderr, "usage: answer LINES FILE [KEEP]\n");
        return 64;
    }
    say("OK\n");
    while ((r = read(STDIN_FILENO, b + n, sizeof(b) - n)) > 0 || (r < 0 && errno == EINTR)) {
        char *p = b, *lf;

        if (r < 0)
            continue;
        n += (size_t)r;
        while ((lf = memchr(p, '\n', (size_t)(b + n - p)))) {
            size_t len = (size_t)(lf - p);

            if (begins(p, len, "BEGIN TRANSACTION")) {
                in_transaction = true;
                say("OK\n");
            } else if (begins(p, len, "COMMIT TRANSACTION")) {
                in_transaction = false;
                say("OK\n");
            } else {
                if (kept >= 0)
                    keep(kept, p, len + 1);
                say(in_transaction ? "DEFER_COMMIT\n" : "OK\n");
                if (++lines == want)
                    done(argv[2]);
            }
            p = lf + 1;
        }
        n = (size_t)(b + n - p);
        memmove(b, p, n);
        if (n == sizeof(b))
            n = 0; /* no audit line is as long */
    }
    return 0;
}
