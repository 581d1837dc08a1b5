/* SPDX-License-Identifier: Apache-2.0 */
/* The floor for a program that uses libauparse: its feed alone, with an empty call-back. */
#include "config.h"

#include <auparse.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define PIECE ((size_t)64 << 10)

static void count(auparse_state_t *au, auparse_cb_event_t what, void *arg)
{
    (void)au;
    if (what == AUPARSE_CB_EVENT_READY)
        ++*(unsigned long *)arg;
}

int main(int argc, char **argv)
{
    unsigned long n_events = 0;
    struct stat st;
    auparse_state_t *au;
    char *text;
    int fd;

    if (argc != 2) {
        fprintf(stderr, "usage: floor LOG\n");
        return 64;
    }
    fd = open(argv[1], O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) < 0 || st.st_size == 0) {
        perror(argv[1]);
        return 66;
    }
    text = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
    au = auparse_init(AUSOURCE_FEED, NULL);
    if (text == MAP_FAILED || !au) {
        fprintf(stderr, "floor: no memory\n");
        return 71;
    }
    auparse_add_callback(au, count, &n_events, NULL);
    for (size_t at = 0, size = (size_t)st.st_size; at < size; at += PIECE)
        auparse_feed(au, text + at, size - at < PIECE ? size - at : PIECE);
    auparse_flush_feed(au);
    auparse_destroy(au);
    printf("%lu\n", n_events);
    munmap(text, (size_t)st.st_size);
    close(fd);
    return 0;
}
