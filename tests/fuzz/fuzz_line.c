/* SPDX-License-Identifier: Apache-2.0 */
/* lineio returns the same lines for any split of the input. Input: byte 0: max_line - 1; bytes 1
 * and 2: seed for the sizes of pieces; the rest: the text. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "fuzz.h"
#include "input/lineio.h"

struct expected {
    const char *text;
    size_t left;
    size_t max_line;
};

static void check_line(struct expected *e, const struct line *line, bool has_lf)
{
    const char *lf = memchr(e->text, '\n', e->left);
    size_t len = lf ? (size_t)(lf - e->text) : e->left;
    size_t kept = len < e->max_line ? len : e->max_line;

    FUZZ_ASSERT((lf != NULL) == has_lf);
    FUZZ_ASSERT(line->len == kept);
    FUZZ_ASSERT(line->cut == len - kept);
    FUZZ_ASSERT(memcmp(line->data, e->text, kept) == 0);
    e->text += len + has_lf;
    e->left -= len + has_lf;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static int fd[2] = {-1, -1};
    struct expected e;
    struct lineio l;
    struct line line;
    unsigned seed;
    const char *text;
    size_t len;

    if (size < 3)
        return 0;
    if (fd[0] < 0 && (pipe2(fd, O_NONBLOCK | O_CLOEXEC) < 0))
        abort();
    e = (struct expected){
        .text = (const char *)data + 3, .left = size - 3, .max_line = (size_t)data[0] + 1};
    seed = data[1] * 256u + data[2];
    text = e.text;
    len = e.left;
    lineio_init(&l, e.max_line);
    while (len) {
        size_t n = 1 + (size_t)rand_r(&seed) % (rand_r(&seed) % 8 ? 40 : 4096);

        n = n < len ? n : len;
        FUZZ_ASSERT(write(fd[1], text, n) == (ssize_t)n);
        text += n;
        len -= n;
        FUZZ_ASSERT(lineio_read(&l, fd[0]) == (ssize_t)n);
        while (lineio_next(&l, &line))
            check_line(&e, &line, true);
        FUZZ_ASSERT(l.held.len <= e.max_line);
        FUZZ_ASSERT(lineio_read(&l, fd[0]) == -EAGAIN);
    }
    if (lineio_rest(&l, &line))
        check_line(&e, &line, false);
    FUZZ_ASSERT(e.left == 0);
    FUZZ_ASSERT(!lineio_next(&l, &line) && !lineio_rest(&l, &line));
    lineio_done(&l);
    return 0;
}
