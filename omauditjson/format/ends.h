/* SPDX-License-Identifier: Apache-2.0 */
/* The two ends of the event's connection or packet, wherever its records tell them: an address in a
 * SOCKADDR, the fields of a packet, of AppArmor, SELinux, Landlock or IPsec, a program's addr.
 * Never guesses a direction. Borrows from the view. */
#ifndef OMAUDITJSON_FORMAT_ENDS_H
#define OMAUDITJSON_FORMAT_ENDS_H

#include "format/view.h"

struct end {
    const char *ip; /* an address in text, certainly; NULL: none */
    size_t ip_len;
    const char *port; /* digits, at most 65535 but of vsock; NULL: none */
    size_t port_len;
    /* the fields that say just that, or NULL: written so, they need no other place */
    const struct event_field *ip_field, *port_field;
};

enum ends_direction { ENDS_UNKNOWN, ENDS_EGRESS, ENDS_INGRESS };

struct ends {
    struct end from, to;
    bool from_is_own; /* bound: `from` is our own address and nothing comes from it yet */
    enum ends_direction direction;
};

void ends_find(const struct view *v, struct ends *ret);

/* Is it an IPv4 or IPv6 address? *family: 4 or 6. */
bool ends_is_ip(const char *p, size_t len, int *family);

#endif
