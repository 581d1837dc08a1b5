/* SPDX-License-Identifier: Apache-2.0 */
/* What this process may still do once it has started: no capabilities, no new privileges, the
 * system calls of base/callfilter.c, and by Landlock the files and ports that the configuration
 * names. Policy only; base/ has the means. Never an obstacle: what the system does not offer is
 * left out, and the log says so. */
#ifndef OMAUDITJSON_ENGINE_CONFINE_H
#define OMAUDITJSON_ENGINE_CONFINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "conf/conf.h"

#define CONFINE_PORTS 64
#define CONFINE_PINNED 8

/* A file of the system's that is allowed as it stood at the start: Landlock knows files, not names,
 * and a folder like /etc can't be allowed whole for it holds secrets. */
struct confine_pinned {
    const char *path;
    dev_t dev;
    ino_t ino;
};

struct confine {
    bool files; /* Landlock is in force */
    bool ports;
    uint16_t port[CONFINE_PORTS];
    size_t n_ports;
    struct confine_pinned pinned[CONFINE_PINNED];
    size_t n_pinned;
    int64_t next_look_ms;
};

/* For good; logs one line that states what is in force. The state directory must be there. */
void confine_process(struct confine *c, const struct conf *conf);

/* The configuration was read again: log what in it the confinement keeps from working. conf NULL:
 * it could not be read. path: of its file. */
void confine_reloaded(const struct confine *c, const struct conf *old, const struct conf *conf);

/* A file of the system's that was replaced since the start and can't be read any more, such as
 * /etc/resolv.conf; NULL: none. Looks every ten seconds. */
const char *confine_replaced(struct confine *c, int64_t now_ms);

/* The port of an URL; of none that it names: fallback. For the tests. */
uint16_t confine_url_port(const char *url, uint16_t fallback);

#endif
