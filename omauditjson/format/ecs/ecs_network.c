/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "format/ecs/ecs_network.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "format/ecs/ecs_writers.h"

#define NETFILTER_PKT 1324
#define AVC 1400
#define CRYPTO_SESSION 2407
#define NO_PROTOCOL UINT64_MAX

static bool syscall_is(const struct view *v, const char *names)
{
    size_t len = v->syscall_name_len;

    for (const char *p = names; *p; p += strcspn(p, " "), p += *p == ' ') {
        if (strcspn(p, " ") == len && memcmp(p, v->syscall_name, len) == 0)
            return true;
    }
    return false;
}

static bool is_ip(const char *p, size_t len, const char **type)
{
    char text[INET6_ADDRSTRLEN];
    unsigned char ignored[16];

    if (len >= sizeof(text))
        return false;
    memcpy(text, p, len);
    text[len] = '\0';
    if (inet_pton(AF_INET, text, ignored) == 1)
        *type = "ipv4";
    else if (inet_pton(AF_INET6, text, ignored) == 1)
        *type = "ipv6";
    else
        return false;
    return true;
}

/* The address of a SOCKADDR record; is it the destination, the source, or the local end? */
static void take_sockaddr(struct ecs *e)
{
    const struct view *v = e->view;
    struct ecs_network *n = &e->network;
    struct ecs_end *end;

    if (v->addr_is_peer || syscall_is(v, "send")) {
        end = &n->destination;
        n->direction = "egress";
    } else if (syscall_is(v, "accept accept4 recv recvfrom recvmsg recvmmsg")) {
        end = &n->source;
        n->direction = "ingress";
    } else if (syscall_is(v, "bind")) {
        end = &n->server;
    } else {
        return;
    }
    if (v->addr.address[0]) {
        end->ip = end->address = (struct ecs_text){v->addr.address, strlen(v->addr.address)};
        end->port = strtol(v->addr.port, NULL, 10);
        n->type = strchr(v->addr.address, ':') ? "ipv6" : "ipv4";
    } else {
        n->direction = NULL; /* a local socket, or a family without addresses */
        if (v->addr.path)
            end->address = end->path = (struct ecs_text){v->addr.path, v->addr.path_len};
    }
    if (v->addr.whole)
        written_mark(&e->written, event_field(v->sockaddr, EVENT_NAME_saddr));
}

static void take_address(struct ecs *e, struct ecs_end *end, const char *address, const char *port)
{
    const struct event_field *f = ecs_field(e->what.lead, address);
    const struct event_field *p = ecs_field(e->what.lead, port);
    uint64_t number;

    if (!f)
        return;
    end->address = (struct ecs_text){f->value, f->value_len};
    if (is_ip(f->value, f->value_len, &e->network.type))
        end->ip = end->address;
    else
        end->domain = end->address;
    if (event_field_number(p, 10, &number) && number <= 65535)
        end->port = (int64_t)number;
}

/* A program's addr and hostname name the source. */
static void take_program(struct ecs *e)
{
    struct ecs_end *end = &e->network.source;
    const struct event_field *host = ecs_field(e->what.lead, "hostname");
    const char *ignored;

    take_address(e, end, "addr", "rport|port");
    if (host && !is_ip(host->value, host->value_len, &ignored))
        end->domain = (struct ecs_text){host->value, host->value_len};
    if (host && !end->address.p)
        take_address(e, end, "hostname", "rport|port");
    if (e->what.row->number == CRYPTO_SESSION)
        take_address(e, &e->network.destination, "laddr", "lport");
}

void ecs_network_find(struct ecs *e)
{
    const struct view *v = e->view;
    struct ecs_network *n = &e->network;

    *n = (struct ecs_network){
        .source.port = -1, .destination.port = -1, .server.port = -1, .protocol = NO_PROTOCOL};
    if (v->has_addr) {
        take_sockaddr(e);
    } else if (e->what.row->number == NETFILTER_PKT) {
        take_address(e, &n->source, "saddr", "sport");
        take_address(e, &n->destination, "daddr", "dport");
        if (!event_field_number(ecs_field(e->what.lead, "proto"), 10, &n->protocol))
            n->protocol = NO_PROTOCOL;
    } else if (e->what.row->number == AVC) {
        /* SELinux's of a packet; AppArmor's laddr and faddr don't say who sends, its addr is the
         * name of a local socket */
        take_address(e, &n->source, "saddr", "src");
        take_address(e, &n->destination, "daddr", "dest");
    } else if (e->what.lead != v->syscall) {
        take_program(e);
    }
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

/* Protocols with a keyword [IANA, Protocol Numbers]. */
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
