/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "engine/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/callfilter.h"
#include "base/err.h"
#include "base/harden.h"
#include "base/landlock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/privileges.h"

#define LOOK_MS 10000
#define PORT_DNS 53     /* answers that are too long for UDP */
#define PORT_PROXY 1080 /* libcurl's */

/* What a library reads late, while it resolves a name or looks for a user, and what OpenSSL does.
 * Those of /etc one by one: beside them lie shadow, keys and other programs' passwords. */
static const char *const read_paths[] = {
    "/etc/ca-certificates",
    "/etc/crypto-policies",
    "/etc/gai.conf",
    "/etc/group",
    "/etc/host.conf",
    "/etc/hosts",
    "/etc/ld.so.cache",
    "/etc/localtime",
    "/etc/nsswitch.conf",
    "/etc/passwd",
    "/etc/pki/ca-trust",
    "/etc/pki/tls/cert.pem",
    "/etc/pki/tls/certs",
    "/etc/pki/tls/openssl.cnf",
    "/etc/protocols",
    "/etc/resolv.conf",
    "/etc/services",
    "/etc/ssl/cert.pem",
    "/etc/ssl/certs",
    "/etc/ssl/openssl.cnf",
    "/lib",
    "/lib64",
    "/proc/self/cgroup",
    "/proc/self/status",
    "/proc/sys/kernel/random/boot_id",
    "/proc/sys/crypto",
    "/run/systemd/resolve",
    "/run/systemd/userdb",
    "/sys/devices/system/cpu",
    "/sys/fs/cgroup",
    "/usr/lib",
    "/usr/lib64",
    "/usr/local/lib",
    "/usr/local/share/ca-certificates",
    "/usr/share",
    "/var/lib/ca-certificates",
    "/var/lib/extrausers",
    "/var/lib/sss/mc",
    "/dev/random",
    "/dev/urandom",
};

/* Those of them that administration replaces while we run. */
static const char *const pinned_paths[] = {"/etc/resolv.conf", "/etc/hosts", "/etc/nsswitch.conf",
                                           "/etc/passwd", "/etc/group"};

/* Folders that hold other things than ours: of these a file alone is allowed. */
static const char *const shared_folders[] = {
    "/",
    "/dev",
    "/dev/shm",
    "/etc",
    "/etc/pki/tls/private",
    "/etc/rsyslog.d",
    "/etc/ssl",
    "/home",
    "/opt",
    "/root",
    "/etc/ssl/private",
    "/run",
    "/srv",
    "/tmp",
    "/usr",
    "/usr/local",
    "/usr/local/etc",
    "/var",
    "/var/lib",
    "/var/log",
    "/var/run",
    "/var/spool",
    "/var/tmp",
    "/proc",
};

static bool is_shared(const char *folder)
{
    for (size_t i = 0; i < sizeof(shared_folders) / sizeof(shared_folders[0]); i++)
        if (strcmp(folder, shared_folders[i]) == 0)
            return true;
    return false;
}

/* ---- ports ----------------------------------------------------------------------------------- */

uint16_t confine_url_port(const char *url, uint16_t fallback)
{
    const char *host = strstr(url, "://"), *end, *colon;
    long port;

    host = host ? host + 3 : url;
    end = host + strcspn(host, "/?#");
    for (const char *at = host; at < end; at++)
        if (*at == '@')
            host = at + 1;
    colon = *host == '[' ? strchr(host, ']') : host;
    colon = colon && colon < end ? memchr(colon, ':', (size_t)(end - colon)) : NULL;
    if (!colon || colon + 1 == end)
        return fallback;
    port = strtol(colon + 1, NULL, 10);
    return port > 0 && port <= UINT16_MAX ? (uint16_t)port : fallback;
}

static uint16_t port_of(const char *url)
{
    return confine_url_port(url, strncasecmp(url, "https:", 6) == 0 ? 443 : 80);
}

static uint16_t port_of_proxy(const char *url)
{
    return confine_url_port(url, strncasecmp(url, "https:", 6) == 0 ? 443 : PORT_PROXY);
}

static bool has_port(const struct confine *c, uint16_t port)
{
    for (size_t i = 0; i < c->n_ports; i++)
        if (c->port[i] == port)
            return true;
    return false;
}

static void add_port(struct confine *c, uint16_t port)
{
    if (!has_port(c, port) && c->n_ports < CONFINE_PORTS)
        c->port[c->n_ports++] = port;
}

static void collect_ports(struct confine *c, const struct conf *conf)
{
    add_port(c, PORT_DNS);
    for (size_t i = 0; i < conf->url.n; i++)
        if (conf->receiver != CONF_RECEIVER_FILE)
            add_port(c, port_of(conf->url.item[i]));
    if (conf->proxy)
        add_port(c, port_of_proxy(conf->proxy));
}

/* ---- files ----------------------------------------------------------------------------------- */

static char *folder_of(const char *path)
{
    char *folder = mem_strdup(path), *slash = strrchr(folder, '/');

    if (slash)
        slash[slash == folder] = '\0';
    return slash ? folder : (free(folder), mem_strdup("."));
}

static void allow(struct landlock *l, const char *path, enum landlock_access access)
{
    int r = landlock_path(l, path, access);

    if (r < 0 && r != -ENOENT && r != -ENOTDIR)
        log_debug("%s: cannot be allowed: %s", path, err_text(r));
}

/* A file of the configuration's and, for it may be replaced, the folder that it is in, as far as
 * nobody else's things are there; behind a link, too. */
static void allow_around(struct landlock *l, const char *path)
{
    CLEANUP_FREE char *folder = NULL, *target = NULL, *beyond = NULL, *real = NULL;

    if (!path)
        return;
    allow(l, path, LANDLOCK_READ);
    folder = folder_of(path);
    real = realpath(folder, NULL);
    if (real && !is_shared(real))
        allow(l, real, LANDLOCK_READ);
    target = realpath(path, NULL);
    if (!target)
        return;
    beyond = folder_of(target);
    if (!is_shared(beyond))
        allow(l, beyond, LANDLOCK_READ);
}

/* A file that is made, or made anew, while we run. */
static void allow_created(struct landlock *l, const char *path, enum landlock_access access)
{
    CLEANUP_FREE char *folder = NULL;

    if (!path)
        return;
    folder = folder_of(path);
    allow(l, folder, access);
    allow(l, path, LANDLOCK_WRITE); /* behind a link */
}

static const char *output_path(const struct conf *conf)
{
    return conf->receiver == CONF_RECEIVER_FILE && conf->url.n ? conf->url.item[0] + 7 : NULL;
}

static int limit_files(struct confine *c, const struct conf *conf, int abi)
{
    struct landlock l;
    int r = landlock_begin(&l, abi);

    if (r < 0)
        return r;
    for (size_t i = 0; i < sizeof(read_paths) / sizeof(read_paths[0]); i++)
        allow(&l, read_paths[i], LANDLOCK_READ);
    allow(&l, "/dev/null", LANDLOCK_WRITE);
    r = landlock_path(&l, conf->state_dir, LANDLOCK_REPLACE);
    allow_around(&l, conf->config);
    allow_around(&l, conf->bearer_file);
    allow_around(&l, conf->user_file);
    allow_around(&l, conf->ca_file);
    allow_around(&l, conf->client_cert);
    allow_around(&l, conf->client_key);
    if (conf->ca_dir)
        allow(&l, conf->ca_dir, LANDLOCK_READ);
    allow_created(&l, conf->log, LANDLOCK_APPEND);
    allow_created(&l, conf->stats_file, LANDLOCK_REPLACE);
    allow_created(&l, output_path(conf), LANDLOCK_APPEND);
    for (size_t i = 0; r == 0 && i < c->n_ports; i++)
        r = landlock_port(&l, c->port[i]);
    if (r < 0) {
        landlock_drop(&l);
        return r;
    }
    return landlock_enforce(&l);
}

static void pin(struct confine *c)
{
    struct stat st;

    for (size_t i = 0; i < sizeof(pinned_paths) / sizeof(pinned_paths[0]); i++) {
        CLEANUP_FREE char *target = realpath(pinned_paths[i], NULL);
        CLEANUP_FREE char *folder = target ? folder_of(target) : NULL;

        /* Elsewhere (/run/systemd/resolve) the whole folder is allowed. */
        if (folder && is_shared(folder) && stat(target, &st) == 0)
            c->pinned[c->n_pinned++] =
                (struct confine_pinned){pinned_paths[i], st.st_dev, st.st_ino};
    }
}

const char *confine_replaced(struct confine *c, int64_t now_ms)
{
    struct stat st;

    if (!c->files || now_ms < c->next_look_ms)
        return NULL;
    c->next_look_ms = now_ms + LOOK_MS;
    for (size_t i = 0; i < c->n_pinned; i++) {
        const struct confine_pinned *p = &c->pinned[i];

        if (stat(p->path, &st) == 0 && (st.st_dev != p->dev || st.st_ino != p->ino))
            return p->path;
    }
    return NULL;
}

/* ---- capabilities ---------------------------------------------------------------------------- */

static bool lacks(const char *path, int mode)
{
    return path && faccessat(AT_FDCWD, path, mode, AT_EACCESS) < 0 && errno == EACCES;
}

/* Root without CAP_DAC_OVERRIDE is a user like others: a file that it only reached by that. */
static const char *unreachable(const struct conf *conf)
{
    const char *const readable[] = {conf->config, conf->bearer_file, conf->user_file, conf->ca_file,
                                    conf->ca_dir, conf->client_cert, conf->client_key};
    const char *const writable[] = {conf->log, output_path(conf)};

    if (lacks(conf->state_dir, R_OK | W_OK | X_OK))
        return conf->state_dir;
    for (size_t i = 0; i < sizeof(readable) / sizeof(readable[0]); i++)
        if (lacks(readable[i], R_OK))
            return readable[i];
    for (size_t i = 0; i < sizeof(writable) / sizeof(writable[0]); i++)
        if (lacks(writable[i], W_OK))
            return writable[i];
    return NULL;
}

static void limit_capabilities(const struct conf *conf, struct buf *in_force)
{
    const char *path = NULL;
    int r;

    if (geteuid() == 0 && privileges_lower() == 0)
        path = unreachable(conf);
    r = privileges_drop(path != NULL);
    if (r < 0)
        buf_printf(in_force, "capabilities as they were (%s)", err_text(r));
    else if (path)
        buf_printf(in_force,
                   "no capabilities but CAP_DAC_OVERRIDE, without which %s can't be "
                   "reached: give it to root",
                   path);
    else
        buf_append_str(in_force, "no capabilities");
}

/* ---- all of it ------------------------------------------------------------------------------- */

static void say_files(const struct confine *c, int abi, int r, struct buf *in_force)
{
    if (c->files)
        buf_printf(in_force, ", Landlock version %d (%s)", abi,
                   c->ports ? "files and TCP ports" : "files");
    else if (!abi)
        buf_append_str(in_force, ", no Landlock: the kernel has none");
    else
        buf_printf(in_force, ", no Landlock: %s", err_text(r));
}

void confine_process(struct confine *c, const struct conf *conf)
{
    struct buf in_force = BUF_INIT(2048);
    int abi, r;

    *c = (struct confine){0};
    if (conf->sandbox == CONF_SANDBOX_NO) {
        log_notice("not confined: sandbox = no");
        return;
    }
    if (harden_is_instrumented()) {
        log_notice("not confined: this build is instrumented");
        return;
    }
    limit_capabilities(conf, &in_force);
    r = privileges_no_new();
    buf_printf(&in_force, r == 0 ? ", no new privileges" : ", new privileges possible (%s)",
               err_text(r));
    abi = landlock_abi();
    r = 0;
    if (abi && r == 0) {
        collect_ports(c, conf);
        pin(c);
        r = limit_files(c, conf, abi);
        c->files = r == 0;
        c->ports = c->files && landlock_knows_ports(abi);
    }
    say_files(c, abi, r, &in_force);
    r = callfilter_enforce(conf->sandbox == CONF_SANDBOX_STRICT);
    if (r == 0)
        buf_append_str(&in_force, conf->sandbox == CONF_SANDBOX_STRICT
                                      ? ", system calls filtered (strict)"
                                      : ", system calls filtered");
    else
        buf_printf(&in_force, ", system calls not filtered: %s",
                   r == -ENOSYS ? "built without libseccomp" : err_text(r));
    log_notice("confined: %s", buf_cstr(&in_force));
    buf_done(&in_force);
}

/* ---- a new configuration --------------------------------------------------------------------- */

static void check_path(const char *key, const char *old, const char *path, int mode)
{
    int fd;

    if (!path || (old && strcmp(old, path) == 0))
        return;
    fd = open(path, mode | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd >= 0)
        close(fd);
    else if (errno == EACCES)
        log_error("%s = %s: not accessible in the sandbox of this process; restart rsyslog", key,
                  path);
}

static void check_port(const struct confine *c, const char *key, uint16_t port)
{
    if (c->ports && !has_port(c, port))
        log_error("%s: port %u: not accessible in the sandbox of this process; restart rsyslog",
                  key, port);
}

void confine_reloaded(const struct confine *c, const struct conf *old, const struct conf *conf)
{
    if (!c->files)
        return;
    check_path("config", NULL, old->config, O_RDONLY); /* replaced, in a folder like /etc */
    if (!conf)
        return;
    check_path("ca_file", old->ca_file, conf->ca_file, O_RDONLY);
    check_path("ca_dir", old->ca_dir, conf->ca_dir, O_RDONLY | O_DIRECTORY);
    check_path("client_cert", old->client_cert, conf->client_cert, O_RDONLY);
    check_path("client_key", old->client_key, conf->client_key, O_RDONLY);
    for (size_t i = 0; i < conf->url.n; i++)
        if (conf->receiver != CONF_RECEIVER_FILE)
            check_port(c, "url", port_of(conf->url.item[i]));
    if (conf->proxy)
        check_port(c, "proxy", port_of_proxy(conf->proxy));
}
