/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "format/ends.h"

#include <arpa/inet.h>
#include <libaudit.h>
#include <string.h>

#define PORT_MAX 65535
#define NETFILTER_PKT 1324

bool ends_is_ip(const char *p, size_t len, int *family)
{
    char text[INET6_ADDRSTRLEN];
    unsigned char ignored[16];

    if (len >= sizeof(text))
        return false;
    memcpy(text, p, len);
    text[len] = '\0';
    *family = inet_pton(AF_INET, text, ignored) == 1    ? 4
              : inet_pton(AF_INET6, text, ignored) == 1 ? 6
                                                        : 0;
    return *family != 0;
}

static bool is_ip(const char *p, size_t len)
{
    int ignored;

    return ends_is_ip(p, len, &ignored);
}

static bool is_port(const char *p, size_t len)
{
    const struct event_field f = {.value = p, .value_len = (uint32_t)len};
    uint64_t n;

    return len > 0 && len <= 5 && event_field_number(&f, 10, &n) && n <= PORT_MAX;
}

static void set_port(struct end *e, const struct event_field *f)
{
    if (!f || !is_port(f->value, f->value_len))
        return;
    e->port = f->value;
    e->port_len = f->value_len;
    e->port_field = f;
}

/* "192.0.2.1:61", "[2001:db8::1]:61", "2001:db8::1:61" with port=61 beside it. */
static bool split_port(struct end *e, const struct event_field *f, const struct event_field *port)
{
    const char *p = f->value, *end = p + f->value_len, *colon = memrchr(p, ':', f->value_len);
    const char *host = p, *host_end = colon;

    if (*p == '[') {
        host = p + 1;
        host_end = memchr(p, ']', f->value_len);
        if (!host_end || (host_end + 1 != end && host_end + 1 != colon))
            return false;
        if (host_end + 1 == end)
            colon = NULL;
    } else if (!colon || (is_ip(p, f->value_len) &&
                          !(port && port->value_len == (size_t)(end - colon - 1) &&
                            memcmp(port->value, colon + 1, port->value_len) == 0))) {
        return false;
    }
    if (!is_ip(host, (size_t)(host_end - host)) ||
        (colon && !is_port(colon + 1, (size_t)(end - colon - 1))))
        return false;
    e->ip = host;
    e->ip_len = (size_t)(host_end - host);
    if (colon) {
        e->port = colon + 1;
        e->port_len = (size_t)(end - colon - 1);
    }
    return true;
}

static void set_end(struct end *e, const struct event_field *f, const struct event_field *port)
{
    if (f && split_port(e, f, port)) {
        if (!e->port)
            set_port(e, port);
        else if (port && port->value_len == e->port_len &&
                 memcmp(port->value, e->port, e->port_len) == 0)
            e->port_field = port;
        return;
    }
    if (f && is_ip(f->value, f->value_len)) {
        e->ip = f->value;
        e->ip_len = f->value_len;
        e->ip_field = f;
    }
    set_port(e, port);
}

static void from_sockaddr(const struct view *v, struct ends *ret)
{
    struct end *e = v->addr_is == VIEW_ADDR_TO ? &ret->to : &ret->from;

    if (v->addr_is == VIEW_ADDR_UNKNOWN)
        return;
    if (v->addr.address[0]) {
        e->ip = v->addr.address;
        e->ip_len = strlen(e->ip);
    }
    if (v->addr.port[0]) {
        e->port = v->addr.port;
        e->port_len = strlen(e->port);
    }
    ret->from_is_own = v->addr_is == VIEW_ADDR_OWN;
    if (v->addr_is != VIEW_ADDR_OWN)
        ret->direction = v->addr_is == VIEW_ADDR_TO ? ENDS_EGRESS : ENDS_INGRESS;
}

/* One of the words is in the field. */
static bool says(const struct event_field *f, const char *const *words)
{
    for (; f && *words; words++) {
        if (memmem(f->value, f->value_len, *words, strlen(*words)))
            return true;
    }
    return false;
}

/* Which way, as AppArmor's operation, SELinux's permissions or Landlock's blockers have it. */
static enum ends_direction judged(const struct event_record *rec, bool *own)
{
    static const char *const out[] = {"connect", "send", NULL};
    static const char *const in[] = {"accept", "recv", NULL};
    static const char *const bind[] = {"bind", "listen", NULL};
    const struct event_field *f = view_own_field(rec, EVENT_NAME_operation);

    if (!f)
        f = view_own_field(rec, EVENT_NAME_seperms);
    if (!f)
        f = view_own_field(rec, EVENT_NAME_blockers);
    *own = says(f, bind);
    return says(f, out) ? ENDS_EGRESS : says(f, in) ? ENDS_INGRESS : ENDS_UNKNOWN;
}

static const struct event_field *either(const struct event_record *rec, enum event_name a,
                                        enum event_name b)
{
    const struct event_field *f = view_field(rec, a);

    return f ? f : view_field(rec, b);
}

/* laddr is this end and faddr the other: who sends is said elsewhere. */
static void from_lsm(const struct event_record *rec, struct ends *ret, bool own)
{
    const struct event_field *laddr = view_field(rec, EVENT_NAME_laddr);
    const struct event_field *faddr = view_field(rec, EVENT_NAME_faddr);
    const struct event_field *lport = view_field(rec, EVENT_NAME_lport);
    const struct event_field *fport = view_field(rec, EVENT_NAME_fport);

    if (ret->direction == ENDS_EGRESS) {
        set_end(&ret->from, laddr, lport);
        set_end(&ret->to, faddr, fport);
    } else if (ret->direction == ENDS_INGRESS) {
        set_end(&ret->from, faddr, fport);
        set_end(&ret->to, laddr, lport);
    } else if (own) {
        set_end(&ret->from, laddr, lport);
        ret->from_is_own = true;
    }
}

static void from_packet(const struct view *v, struct ends *ret)
{
    const struct event_record *rec = v->packet;
    const struct event_field *src = view_field(rec, EVENT_NAME_src);
    const struct event_field *dst = view_field(rec, EVENT_NAME_dst);
    bool own;

    ret->direction = judged(rec, &own);
    from_lsm(rec, ret, own);
    if (src && is_ip(src->value, src->value_len)) /* IPsec */
        set_end(&ret->from, src, NULL);
    else if (!ret->from.ip)
        set_end(&ret->from, view_field(rec, EVENT_NAME_saddr),
                either(rec, EVENT_NAME_sport, EVENT_NAME_src));
    if (dst && is_ip(dst->value, dst->value_len))
        set_end(&ret->to, dst, NULL);
    else if (!ret->to.ip)
        set_end(&ret->to, view_field(rec, EVENT_NAME_daddr),
                either(rec, EVENT_NAME_dport, EVENT_NAME_dest));
    ret->from_is_own = ret->from_is_own || (own && !ret->to.ip && !ret->to.port);
}

/* A program's addr, else its hostname, is where somebody comes from; both may be "?" or a name. */
static void from_program(const struct view *v, struct ends *ret)
{
    const struct event_field *addr = view_user_field(v, EVENT_NAME_addr);
    const struct event_field *port = view_user_field(v, EVENT_NAME_rport);

    if (!port)
        port = view_user_field(v, EVENT_NAME_port);
    set_end(&ret->from, addr, port);
    if (!ret->from.ip)
        set_end(&ret->from, view_user_field(v, EVENT_NAME_hostname), port);
    ret->from.ip_field = NULL; /* addr and hostname have a place of their own */
    if (!ret->from.ip) {
        ret->from = (struct end){0};
        return;
    }
    ret->direction = ENDS_INGRESS;
    if (view_user_field(v, EVENT_NAME_laddr))
        set_end(&ret->to, view_user_field(v, EVENT_NAME_laddr),
                view_user_field(v, EVENT_NAME_lport));
}

void ends_find(const struct view *v, struct ends *ret)
{
    *ret = (struct ends){0};
    if (v->has_addr)
        from_sockaddr(v, ret);
    if (ret->from.ip || ret->to.ip || ret->from.port || ret->to.port)
        return;
    if (v->packet != &view_no_record)
        from_packet(v, ret);
    else if (!v->has_addr && v->user != &view_no_record)
        from_program(v, ret);
}
