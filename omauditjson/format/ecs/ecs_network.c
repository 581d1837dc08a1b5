/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "format/ecs/ecs_network.h"

#include <inttypes.h>
#include <libaudit.h>
#include <stdio.h>
#include <string.h>

#include "format/ecs/ecs_writers.h"
#include "format/ends.h"

#define NETFILTER_PKT 1324
#define NO_PROTOCOL UINT64_MAX

static const char *type_of(const char *p, size_t len)
{
    int family;

    return !ends_is_ip(p, len, &family) ? NULL : family == 4 ? "ipv4" : "ipv6";
}

static void take_end(struct ecs *e, struct ecs_end *end, const struct end *from)
{
    const struct event_field port = {.value = from->port, .value_len = (uint32_t)from->port_len};
    uint64_t number;

    if (from->ip) {
        end->ip = end->address = (struct ecs_text){from->ip, from->ip_len};
        e->network.type = type_of(from->ip, from->ip_len);
    }
    if (from->port && event_field_number(&port, 10, &number) && number <= 65535)
        end->port = (int64_t)number;
}

/* A local socket has a path, a link-local address the interface. */
static void take_sockaddr(struct ecs *e, struct ecs_end *end)
{
    const struct view *v = e->view;

    if (v->addr.path)
        end->address = end->path = (struct ecs_text){v->addr.path, v->addr.path_len};
    if (v->addr.scope[0] && end->ip.p) {
        snprintf(e->network.scoped, sizeof(e->network.scoped), "%s%%%s", v->addr.address,
                 v->addr.scope);
        end->address = (struct ecs_text){e->network.scoped, strlen(e->network.scoped)};
    }
    if (v->addr.address[0] || v->addr.path)
        written_mark(&e->written, event_field(v->sockaddr, EVENT_NAME_saddr));
}

/* AppArmor's addr is the name of a local socket. */
static bool is_decision(const struct ecs *e)
{
    return e->what.lead->type == AUDIT_AVC;
}

static bool is_name(const struct event_field *f)
{
    return f && !type_of(f->value, f->value_len);
}

/* The name of a host stands beside its address, or in its place. */
static void take_names(struct ecs *e)
{
    struct ecs_end *end = &e->network.source;
    const struct event_field *addr = ecs_field(e->what.lead, "addr");
    const struct event_field *host = ecs_field(e->what.lead, "hostname");

    if (!end->ip.p && is_name(addr))
        end->domain = end->address = (struct ecs_text){addr->value, addr->value_len};
    if (is_name(host)) {
        end->domain = (struct ecs_text){host->value, host->value_len};
        if (!end->address.p)
            end->address = end->domain;
    }
}

void ecs_network_find(struct ecs *e)
{
    const struct view *v = e->view;
    struct ecs_network *n = &e->network;
    struct ends ends;
    bool own;

    *n = (struct ecs_network){
        .source.port = -1, .destination.port = -1, .server.port = -1, .protocol = NO_PROTOCOL};
    ends_find(v, &ends);
    own = ends.from_is_own;
    take_end(e, own ? &n->server : &n->source, &ends.from);
    take_end(e, &n->destination, &ends.to);
    if (ends.direction != ENDS_UNKNOWN)
        n->direction = ends.direction == ENDS_EGRESS ? "egress" : "ingress";
    if (v->has_addr) {
        if (v->addr_is != VIEW_ADDR_UNKNOWN)
            take_sockaddr(e, own                          ? &n->server
                             : v->addr_is == VIEW_ADDR_TO ? &n->destination
                                                          : &n->source);
    } else if (e->what.row->number == NETFILTER_PKT) {
        if (!event_field_number(ecs_field(e->what.lead, "proto"), 10, &n->protocol))
            n->protocol = NO_PROTOCOL;
    } else if (e->what.lead != v->syscall && v->packet == &view_no_record && !is_decision(e)) {
        take_names(e);
    }
    if (v->packet != &view_no_record && n->protocol == NO_PROTOCOL &&
        !event_field_number(ecs_field(v->packet, "protocol"), 10, &n->protocol))
        n->protocol = NO_PROTOCOL;
}

static void put_ip(struct ecs *e, const char *path, size_t len, const struct ecs_end *end)
{
    ecs_put_text(e, path, len, end->ip);
    if (end->ip.p)
        ecs_relate(&e->ips, end->ip.p, end->ip.len);
}

static void put_port(struct ecs *e, const char *path, size_t len, const struct ecs_end *end)
{
    if (end->port >= 0)
        ecs_out_number(&e->out, path, len, (uint64_t)end->port);
}

void ecs_write_source_ip(struct ecs *e, const char *path, size_t len)
{
    put_ip(e, path, len, &e->network.source);
}

void ecs_write_source_port(struct ecs *e, const char *path, size_t len)
{
    put_port(e, path, len, &e->network.source);
}

void ecs_write_source_address(struct ecs *e, const char *path, size_t len)
{
    ecs_put_text(e, path, len, e->network.source.address);
}

void ecs_write_source_domain(struct ecs *e, const char *path, size_t len)
{
    const struct ecs_text *domain = &e->network.source.domain;

    ecs_put_text(e, path, len, *domain);
    if (domain->p)
        ecs_relate(&e->hosts, domain->p, domain->len);
}

void ecs_write_source_path(struct ecs *e, const char *path, size_t len)
{
    ecs_put_text(e, path, len, e->network.source.path);
}

void ecs_write_destination_ip(struct ecs *e, const char *path, size_t len)
{
    put_ip(e, path, len, &e->network.destination);
}

void ecs_write_destination_port(struct ecs *e, const char *path, size_t len)
{
    put_port(e, path, len, &e->network.destination);
}

void ecs_write_destination_address(struct ecs *e, const char *path, size_t len)
{
    ecs_put_text(e, path, len, e->network.destination.address);
}

void ecs_write_destination_path(struct ecs *e, const char *path, size_t len)
{
    ecs_put_text(e, path, len, e->network.destination.path);
}

void ecs_write_server_ip(struct ecs *e, const char *path, size_t len)
{
    put_ip(e, path, len, &e->network.server);
}

void ecs_write_server_port(struct ecs *e, const char *path, size_t len)
{
    put_port(e, path, len, &e->network.server);
}

void ecs_write_server_address(struct ecs *e, const char *path, size_t len)
{
    ecs_put_text(e, path, len, e->network.server.address);
}

void ecs_write_network_direction(struct ecs *e, const char *path, size_t len)
{
    if (e->network.direction)
        ecs_out_text(&e->out, path, len, e->network.direction);
}

void ecs_write_network_type(struct ecs *e, const char *path, size_t len)
{
    if (e->network.type)
        ecs_out_text(&e->out, path, len, e->network.type);
}

/* The ones that have a name of their own [IANA, Protocol Numbers]. */
void ecs_write_network_transport(struct ecs *e, const char *path, size_t len)
{
    static const struct {
        uint64_t number;
        const char *name;
    } names[] = {{1, "icmp"}, {2, "igmp"},       {6, "tcp"},   {17, "udp"},
                 {47, "gre"}, {58, "ipv6-icmp"}, {132, "sctp"}};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (names[i].number == e->network.protocol)
            ecs_out_text(&e->out, path, len, names[i].name);
    }
}

void ecs_write_network_iana(struct ecs *e, const char *path, size_t len)
{
    char text[24];

    if (e->network.protocol > 255)
        return;
    snprintf(text, sizeof(text), "%" PRIu64, e->network.protocol);
    ecs_out_text(&e->out, path, len, text);
    written_mark(&e->written, ecs_field(e->what.lead, "proto"));
}

void ecs_write_related_ip(struct ecs *e, const char *path, size_t len)
{
    ecs_put_related(e, path, len, &e->ips);
}

void ecs_write_related_hosts(struct ecs *e, const char *path, size_t len)
{
    ecs_put_related(e, path, len, &e->hosts);
}

void ecs_write_socket_family(struct ecs *e, const char *path, size_t len)
{
    if (e->view->has_addr)
        ecs_out_text(&e->out, path, len, e->view->addr.family);
}
