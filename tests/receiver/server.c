/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "answer.h"
#include "base/mem.h"
#include "server_internal.h"

/* -- small helpers --------------------------------------------------------------------------- */

/* True when the server is to stop. */
static bool nap(struct server *s, unsigned ms)
{
    struct timespec until;
    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += ms / 1000;
    until.tv_nsec += (long)(ms % 1000) * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_nsec -= 1000000000;
        until.tv_sec++;
    }
    (void)pthread_mutex_lock(&s->lock);
    while (!s->stop && pthread_cond_timedwait(&s->stopping, &s->lock, &until) == 0)
        ;
    bool stop = s->stop;
    (void)pthread_mutex_unlock(&s->lock);
    return stop;
}

bool server_nap(struct server *s, unsigned ms)
{
    return nap(s, ms);
}

static int connection_fd(struct MHD_Connection *c)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(c, MHD_CONNECTION_INFO_CONNECTION_FD);
    return info != NULL ? info->connect_fd : -1;
}

/* The close that follows becomes a RST. */
static enum MHD_Result reset(struct MHD_Connection *c)
{
    struct linger none = {.l_onoff = 1, .l_linger = 0};
    (void)setsockopt(connection_fd(c), SOL_SOCKET, SO_LINGER, &none, sizeof none);
    return MHD_NO;
}

static void hang(struct server *s, struct MHD_Connection *c)
{
    struct pollfd p = {.fd = connection_fd(c), .events = POLLRDHUP};
    while (!nap(s, 50))
        if (poll(&p, 1, 0) > 0 && (p.revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0)
            return;
}

/* -- one request ----------------------------------------------------------------------------- */

static enum MHD_Result finish(struct server *s, struct MHD_Connection *c, struct request *q,
                              const char *method, const char *url)
{
    struct buf why = BUF_INIT(4096);
    long events = 0;
    if (q->how.delay_ms > 0 && nap(s, q->how.delay_ms))
        return reset(c);
    if (strcmp(method, "POST") == 0 && q->how.kind != BEHAVE_LOST && q->how.kind != BEHAVE_HANG)
        events = take_body(s, c, q, url, &why);

    const char *answered = "yes";
    if (q->how.kind == BEHAVE_LOST || q->how.kind == BEHAVE_UNKNOWN)
        answered = "reset";
    else if (q->how.kind == BEHAVE_HANG)
        answered = "never";
    else if (q->how.kind == BEHAVE_HALF)
        answered = "half";
    else if (q->how.kind == BEHAVE_RAW)
        answered = "raw";
    take_log(s, c, q, method, url, events, answered, why.len > 0 ? buf_cstr(&why) : NULL);

    enum MHD_Result r;
    switch (q->how.kind) {
    case BEHAVE_HANG:
        hang(s, c);
        r = reset(c);
        break;
    case BEHAVE_LOST:
    case BEHAVE_UNKNOWN:
        r = reset(c);
        break;
    case BEHAVE_RAW:
        answer_raw(connection_fd(c), q->how.text);
        r = MHD_NO;
        break;
    default:
        r = answer_send(s, c, &q->how,
                        q->answer.len > 0 ? buf_cstr(&q->answer)
                        : why.len > 0     ? buf_cstr(&why)
                                          : NULL);
        break;
    }
    buf_done(&why);
    return r;
}

/* -- /_control and /_stats ------------------------------------------------------------------- */

static enum MHD_Result control(struct server *s, struct MHD_Connection *c, const char *url)
{
    struct behave plain = {.status = 200};
    struct buf text = BUF_INIT(1024);
    (void)pthread_mutex_lock(&s->lock);
    if (strcmp(url, "/_control") == 0) {
        const char *mode = MHD_lookup_connection_value(c, MHD_GET_ARGUMENT_KIND, "mode");
        const char *plan = MHD_lookup_connection_value(c, MHD_GET_ARGUMENT_KIND, "plan");
        int r = mode != NULL ? behave_plan_set_mode(&s->plan, mode, &text) : 0;
        if (r == 0 && (mode != NULL || plan != NULL))
            r = behave_plan_set(&s->plan, plan != NULL ? plan : "", &text);
        if (r < 0)
            plain.status = 400;
    } else {
        (void)buf_printf(&text,
                         "{\"requests\":%llu,\"events\":%llu,\"bad\":%llu,\"connections\":%llu}\n",
                         (unsigned long long)s->requests, (unsigned long long)store_count(s->store),
                         (unsigned long long)s->bad, (unsigned long long)s->connections);
    }
    (void)pthread_mutex_unlock(&s->lock);
    plain.close = true;
    enum MHD_Result r = answer_send(s, c, &plain, text.len > 0 ? buf_cstr(&text) : NULL);
    buf_done(&text);
    return r;
}

/* -- call-backs of libmicrohttpd ------------------------------------------------------------- */

static struct request *begin(struct server *s, struct MHD_Connection *c, const char *url)
{
    struct request *q = mem_calloc(1, sizeof *q);
    q->control = strcmp(url, "/_control") == 0 || strcmp(url, "/_stats") == 0;
    q->body = BUF_INIT(SERVER_BODY_MAX);
    q->answer = BUF_INIT(SERVER_BODY_MAX);
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(c, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    if (info != NULL && info->socket_context != NULL)
        memcpy(&q->connection, info->socket_context, sizeof q->connection);
    if (q->control)
        return q;
    (void)pthread_mutex_lock(&s->lock);
    q->how = behave_plan_next(&s->plan);
    q->n = ++s->requests;
    q->in_flight = ++s->in_flight;
    (void)pthread_mutex_unlock(&s->lock);
    return q;
}

static enum MHD_Result on_request(void *cls, struct MHD_Connection *c, const char *url,
                                  const char *method, const char *version, const char *data,
                                  size_t *data_len, void **ctx)
{
    struct server *s = cls;
    struct request *q = *ctx;
    (void)version;
    if (q == NULL) {
        q = *ctx = begin(s, c, url);
        if (!q->control && q->how.kind == BEHAVE_RESET) {
            take_log(s, c, q, method, url, 0, "reset before the body", NULL);
            return reset(c);
        }
        if (!q->control && q->how.kind == BEHAVE_EARLY) {
            take_log(s, c, q, method, url, 0, "before the body", NULL);
            q->how.close = true;
            return answer_send(s, c, &q->how, NULL);
        }
        return MHD_YES;
    }
    if (*data_len > 0) {
        if (q->how.slow_read_ms > 0 && nap(s, q->how.slow_read_ms))
            return reset(c);
        if (buf_append(&q->body, data, *data_len) < 0)
            q->too_large = true;
        *data_len = 0;
        return MHD_YES;
    }
    return q->control ? control(s, c, url) : finish(s, c, q, method, url);
}

static void on_completed(void *cls, struct MHD_Connection *c, void **ctx,
                         enum MHD_RequestTerminationCode how)
{
    struct server *s = cls;
    struct request *q = *ctx;
    (void)c;
    (void)how;
    if (q == NULL)
        return;
    if (!q->control) {
        (void)pthread_mutex_lock(&s->lock);
        s->in_flight--;
        (void)pthread_mutex_unlock(&s->lock);
    }
    buf_done(&q->body);
    buf_done(&q->answer);
    free(q);
    *ctx = NULL;
}

static void on_connection(void *cls, struct MHD_Connection *c, void **socket_context,
                          enum MHD_ConnectionNotificationCode what)
{
    struct server *s = cls;
    (void)c;
    if (what == MHD_CONNECTION_NOTIFY_STARTED) {
        uint64_t *number = mem_alloc(sizeof *number);
        (void)pthread_mutex_lock(&s->lock);
        *number = ++s->connections;
        (void)pthread_mutex_unlock(&s->lock);
        *socket_context = number;
    } else {
        free(*socket_context);
        *socket_context = NULL;
    }
}

/* -- start and stop -------------------------------------------------------------------------- */

int server_start(const struct server_conf *conf, struct behave_plan *plan, struct store *store,
                 struct server **ret)
{
    struct server *s = mem_calloc(1, sizeof *s);
    s->conf = *conf;
    s->store = store;
    s->elastic = conf->elasticsearch ? elastic_new(&conf->elastic) : NULL;
    s->siem = conf->siem.name != NULL ? siem_new(&conf->siem) : NULL;
    s->plan = *plan;
    behave_plan_init(plan);
    (void)pthread_mutex_init(&s->lock, NULL);
    pthread_condattr_t attr;
    (void)pthread_condattr_init(&attr);
    (void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&s->stopping, &attr);
    (void)pthread_condattr_destroy(&attr);

    if (conf->siem.name != NULL && s->siem == NULL) {
        server_stop(s);
        return -ENOTSUP;
    }
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(conf->port)};
    if (inet_pton(AF_INET, conf->address, &at.sin_addr) != 1) {
        server_stop(s);
        return -EINVAL;
    }
    struct MHD_OptionItem more[8];
    size_t n = 0;
    if (conf->cert != NULL) {
        more[n++] = (struct MHD_OptionItem){MHD_OPTION_HTTPS_MEM_CERT, 0, conf->cert};
        more[n++] = (struct MHD_OptionItem){MHD_OPTION_HTTPS_MEM_KEY, 0, conf->key};
        if (conf->client_ca != NULL)
            more[n++] = (struct MHD_OptionItem){MHD_OPTION_HTTPS_MEM_TRUST, 0, conf->client_ca};
        if (conf->tls_priority != NULL)
            more[n++] = (struct MHD_OptionItem){MHD_OPTION_HTTPS_PRIORITIES, 0,
                                                (void *)(uintptr_t)conf->tls_priority};
    }
    more[n] = (struct MHD_OptionItem){MHD_OPTION_END, 0, NULL};
    unsigned flags = MHD_USE_THREAD_PER_CONNECTION | MHD_USE_INTERNAL_POLLING_THREAD |
                     MHD_USE_POLL | (conf->cert != NULL ? MHD_USE_TLS : 0);
    errno = 0;
    s->daemon = MHD_start_daemon(
        flags, conf->port, NULL, NULL, on_request, s, MHD_OPTION_SOCK_ADDR, &at,
        MHD_OPTION_LISTENING_ADDRESS_REUSE, 1U, MHD_OPTION_CONNECTION_TIMEOUT, conf->idle_s,
        MHD_OPTION_NOTIFY_COMPLETED, on_completed, s, MHD_OPTION_NOTIFY_CONNECTION, on_connection,
        s, MHD_OPTION_ARRAY, more, MHD_OPTION_END);
    if (s->daemon == NULL) {
        int r = errno != 0 ? -errno : -EINVAL;
        server_stop(s);
        return r;
    }
    *ret = s;
    return 0;
}

uint16_t server_port(const struct server *s)
{
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(s->daemon, MHD_DAEMON_INFO_BIND_PORT);
    return info != NULL ? info->port : 0;
}

void server_stop(struct server *s)
{
    if (s == NULL)
        return;
    (void)pthread_mutex_lock(&s->lock);
    s->stop = true;
    (void)pthread_cond_broadcast(&s->stopping);
    (void)pthread_mutex_unlock(&s->lock);
    if (s->daemon != NULL)
        MHD_stop_daemon(s->daemon);
    behave_plan_done(&s->plan);
    elastic_free(s->elastic);
    siem_free(s->siem);
    (void)pthread_cond_destroy(&s->stopping);
    (void)pthread_mutex_destroy(&s->lock);
    free(s);
}
