/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "httpd.h"

#include <arpa/inet.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define REQUESTS_MAX 20000
#define GATED_MAX 64

struct exchange {
    struct httpd_request *request;
    struct httpd_answer answer;
    bool judged;
};

struct httpd {
    struct MHD_Daemon *daemon;
    pthread_mutex_t lock;
    httpd_script script;
    void *ctx;
    struct httpd_request *requests[REQUESTS_MAX];
    size_t n, connections;
    struct MHD_Connection *gated[GATED_MAX];
    size_t n_gated;
};

static void copy_header(struct MHD_Connection *c, const char *name, char *out, size_t size)
{
    const char *v = MHD_lookup_connection_value(c, MHD_HEADER_KIND, name);

    snprintf(out, size, "%s", v ? v : "");
}

static struct exchange *begin(struct MHD_Connection *c, const char *url, const char *method)
{
    struct exchange *x = calloc(1, sizeof(*x));
    struct httpd_request *r = calloc(1, sizeof(*r));

    x->request = r;
    snprintf(r->path, sizeof(r->path), "%s", url);
    snprintf(r->method, sizeof(r->method), "%s", method);
    copy_header(c, "Content-Type", r->type, sizeof(r->type));
    copy_header(c, "Content-Encoding", r->encoding, sizeof(r->encoding));
    copy_header(c, "Idempotency-Key", r->key, sizeof(r->key));
    copy_header(c, "Authorization", r->auth, sizeof(r->auth));
    copy_header(c, "User-Agent", r->agent, sizeof(r->agent));
    copy_header(c, "X-Extra", r->extra, sizeof(r->extra));
    r->expect = MHD_lookup_connection_value(c, MHD_HEADER_KIND, "Expect") != NULL;
    return x;
}

static enum MHD_Result answer(struct MHD_Connection *c, const struct httpd_answer *a)
{
    struct MHD_Response *response;
    enum MHD_Result r;

    if (a->reset) {
        const union MHD_ConnectionInfo *info =
            MHD_get_connection_info(c, MHD_CONNECTION_INFO_CONNECTION_FD);
        struct linger linger = {.l_onoff = 1, .l_linger = 0};

        setsockopt(info->connect_fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
        return MHD_NO;
    }
    if (a->fill) {
        char *text = malloc(a->fill);

        memset(text, 'x', a->fill);
        response = MHD_create_response_from_buffer(a->fill, text, MHD_RESPMEM_MUST_FREE);
    } else {
        const char *text = a->body ? a->body : "";

        response =
            MHD_create_response_from_buffer(strlen(text), (void *)text, MHD_RESPMEM_MUST_COPY);
    }
    if (a->retry_after)
        MHD_add_response_header(response, "Retry-After", a->retry_after);
    r = MHD_queue_response(c, a->status, response);
    MHD_destroy_response(response);
    return r;
}

static enum MHD_Result handle(void *cls, struct MHD_Connection *c, const char *url,
                              const char *method, const char *version, const char *data,
                              size_t *size, void **con_cls)
{
    struct httpd *h = cls;
    struct exchange *x = *con_cls;

    (void)version;
    if (!x) {
        *con_cls = begin(c, url, method);
        return MHD_YES;
    }
    if (*size) {
        struct httpd_request *r = x->request;

        r->body = realloc(r->body, r->len + *size + 1);
        memcpy(r->body + r->len, data, *size);
        r->len += *size;
        r->body[r->len] = '\0';
        *size = 0;
        return MHD_YES;
    }
    if (!x->judged) {
        bool wait;

        pthread_mutex_lock(&h->lock);
        x->judged = true;
        x->answer.status = 200;
        if (!x->request->body)
            x->request->body = calloc(1, 1);
        if (h->script)
            h->script(h->ctx, h->n, x->request, &x->answer);
        x->request->status = x->answer.reset ? 0 : x->answer.status;
        if (h->n == REQUESTS_MAX)
            abort();
        h->requests[h->n++] = x->request;
        wait = x->answer.gate;
        if (wait) {
            MHD_suspend_connection(c);
            h->gated[h->n_gated++] = c;
        }
        pthread_mutex_unlock(&h->lock);
        if (wait)
            return MHD_YES;
    }
    return answer(c, &x->answer);
}

static void ended(void *cls, struct MHD_Connection *c, void **con_cls,
                  enum MHD_RequestTerminationCode why)
{
    struct exchange *x = *con_cls;

    (void)cls;
    (void)c;
    (void)why;
    if (!x)
        return;
    if (!x->judged) {
        free(x->request->body);
        free(x->request);
    }
    free(x);
    *con_cls = NULL;
}

static void connected(void *cls, struct MHD_Connection *c, void **socket_ctx,
                      enum MHD_ConnectionNotificationCode what)
{
    struct httpd *h = cls;

    (void)c;
    (void)socket_ctx;
    if (what != MHD_CONNECTION_NOTIFY_STARTED)
        return;
    pthread_mutex_lock(&h->lock);
    h->connections++;
    pthread_mutex_unlock(&h->lock);
}

struct httpd *httpd_new(httpd_script script, void *ctx, const char *cert, const char *key)
{
    struct httpd *h = calloc(1, sizeof(*h));
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct MHD_OptionItem tls[] = {{MHD_OPTION_HTTPS_MEM_CERT, 0, (void *)cert},
                                   {MHD_OPTION_HTTPS_MEM_KEY, 0, (void *)key},
                                   {MHD_OPTION_END, 0, NULL}};

    pthread_mutex_init(&h->lock, NULL);
    h->script = script;
    h->ctx = ctx;
    h->daemon = MHD_start_daemon(
        MHD_USE_INTERNAL_POLLING_THREAD | MHD_ALLOW_SUSPEND_RESUME | (cert ? MHD_USE_TLS : 0), 0,
        NULL, NULL, handle, h, MHD_OPTION_SOCK_ADDR, &address, MHD_OPTION_NOTIFY_COMPLETED, ended,
        NULL, MHD_OPTION_NOTIFY_CONNECTION, connected, h, MHD_OPTION_ARRAY, cert ? tls : tls + 2,
        MHD_OPTION_END);
    if (!h->daemon)
        abort();
    return h;
}

void httpd_free(struct httpd *h)
{
    httpd_open_gate(h);
    MHD_stop_daemon(h->daemon);
    for (size_t i = 0; i < h->n; i++) {
        free(h->requests[i]->body);
        free(h->requests[i]);
    }
    pthread_mutex_destroy(&h->lock);
    free(h);
}

unsigned httpd_port(const struct httpd *h)
{
    return MHD_get_daemon_info(h->daemon, MHD_DAEMON_INFO_BIND_PORT)->port;
}

static size_t get(struct httpd *h, const size_t *value)
{
    size_t n;

    pthread_mutex_lock(&h->lock);
    n = *value;
    pthread_mutex_unlock(&h->lock);
    return n;
}

size_t httpd_count(struct httpd *h)
{
    return get(h, &h->n);
}

size_t httpd_waiting(struct httpd *h)
{
    return get(h, &h->n_gated);
}

size_t httpd_connections(struct httpd *h)
{
    return get(h, &h->connections);
}

void httpd_open_gate(struct httpd *h)
{
    pthread_mutex_lock(&h->lock);
    while (h->n_gated)
        MHD_resume_connection(h->gated[--h->n_gated]);
    pthread_mutex_unlock(&h->lock);
}

const struct httpd_request *httpd_request(struct httpd *h, size_t i)
{
    const struct httpd_request *r;

    pthread_mutex_lock(&h->lock);
    r = i < h->n ? h->requests[i] : NULL;
    pthread_mutex_unlock(&h->lock);
    return r;
}
