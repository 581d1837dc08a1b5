/* SPDX-License-Identifier: Apache-2.0 */
/* A child for rsyslog's omprog that only answers: the upper bound of what omprog can do. With a
 * third argument it writes each line to that file first: the upper bound for a program that stores
 * before it acknowledges. Writes a file when it has received the given number of lines. */
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

/* Preallocated, as a journal is. */
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
            n = 0; /* longer than any audit line */
    }
    return 0;
}
