/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "answer.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"

/* A body made while it is sent. */
struct stream {
    struct server *server;
    char *text;
    size_t len;      /* of text, or of the huge body that has none */
    size_t break_at; /* the connection ends here; SIZE_MAX: it does not */
    unsigned slow_ms;
};

static ssize_t stream_read(void *cls, uint64_t pos, char *out, size_t max)
{
    struct stream *st = cls;
    if (pos >= st->break_at)
        return MHD_CONTENT_READER_END_WITH_ERROR;
    if (pos >= st->len)
        return MHD_CONTENT_READER_END_OF_STREAM;
    size_t n = st->len - (size_t)pos;
    if (n > max)
        n = max;
    if (n > st->break_at - pos)
        n = st->break_at - (size_t)pos;
    if (st->slow_ms > 0) {
        if (server_nap(st->server, st->slow_ms))
            return MHD_CONTENT_READER_END_WITH_ERROR;
        n = 1;
    }
    if (st->text != NULL)
        memcpy(out, st->text + pos, n);
    else
        memset(out, 'x', n);
    return (ssize_t)n;
}

static void stream_free(void *cls)
{
    struct stream *st = cls;
    free(st->text);
    free(st);
}

/* "@PATH" is the file's contents. */
static char *expand_text(const char *text)
{
    if (*text != '@')
        return mem_strdup(text);
    FILE *f = fopen(text + 1, "re");
    struct buf all = BUF_INIT(1 << 20);
    char piece[4096];
    size_t n;
    while (f != NULL && (n = fread(piece, 1, sizeof piece, f)) > 0)
        (void)buf_append(&all, piece, n);
    if (f != NULL)
        (void)fclose(f);
    char *ret = mem_strdup(buf_cstr(&all));
    buf_done(&all);
    return ret;
}

enum MHD_Result answer_send(struct server *s, struct MHD_Connection *c, const struct behave *how,
                            const char *text)
{
    struct stream *st = mem_calloc(1, sizeof *st);
    st->server = s;
    st->slow_ms = how->slow_answer_ms;
    st->break_at = SIZE_MAX;
    if (how->huge > 0) {
        st->len = how->huge;
    } else if (how->empty) {
        st->len = 0;
    } else {
        if (*how->text != '\0')
            st->text = expand_text(how->text);
        else if (text != NULL)
            st->text = mem_strdup(text);
        else
            st->text = mem_strdup(how->status < 300 ? "{\"ok\":true}\n" : "refused by the test\n");
        st->len = strlen(st->text);
    }
    if (how->kind == BEHAVE_HALF)
        st->break_at = st->len / 2;

    struct MHD_Response *answer =
        MHD_create_response_from_callback(st->len, 4096, stream_read, st, stream_free);
    if (answer == NULL) {
        stream_free(st);
        return MHD_NO;
    }
    if (!how->empty)
        (void)MHD_add_response_header(answer, MHD_HTTP_HEADER_CONTENT_TYPE,
                                      how->status < 300 ? "application/json" : "text/plain");
    if (*how->retry_after != '\0')
        (void)MHD_add_response_header(answer, MHD_HTTP_HEADER_RETRY_AFTER, how->retry_after);
    if (how->status == 401)
        (void)MHD_add_response_header(answer, MHD_HTTP_HEADER_WWW_AUTHENTICATE, "Bearer");
    if (how->close)
        (void)MHD_add_response_header(answer, MHD_HTTP_HEADER_CONNECTION, "close");
    enum MHD_Result r = MHD_queue_response(c, how->status, answer);
    MHD_destroy_response(answer);
    return r;
}

void answer_raw(int fd, const char *path)
{
    int from = open(path, O_RDONLY | O_CLOEXEC);
    char piece[4096];
    ssize_t n;
    while (from >= 0 && (n = read(from, piece, sizeof piece)) > 0)
        for (ssize_t done = 0; done < n;) {
            ssize_t w = send(fd, piece + done, (size_t)(n - done), MSG_NOSIGNAL);
            if (w <= 0) {
                n = 0;
                break;
            }
            done += w;
        }
    if (from >= 0)
        (void)close(from);
}
