/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "run.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "journal_file.h"

#define TEXT_MAX ((size_t)1 << 20)

static void die(const char *what)
{
    (void)fprintf(stderr, "torture: %s: %s\n", what, strerror(errno));
    exit(2);
}

static void write_file(const struct run *r, const char *name, const struct buf *text)
{
    char path[1024];
    FILE *f;

    (void)snprintf(path, sizeof(path), "%s/%s", r->dir, name);
    f = fopen(path, "we");
    if (f == NULL || fwrite(text->data, 1, text->len, f) != text->len || fclose(f) != 0)
        die(path);
}

static void read_file(const char *path, struct buf *out)
{
    char piece[8192];
    size_t n;
    FILE *f = fopen(path, "re");

    if (f == NULL)
        die(path);
    while ((n = fread(piece, 1, sizeof(piece), f)) > 0)
        (void)buf_append(out, piece, n);
    (void)fclose(f);
}

/* Every occurrence; it must be there when wanted. */
static void replace(struct buf *b, const char *from, const char *to, bool wanted)
{
    struct buf out = BUF_INIT(TEXT_MAX);
    size_t len = strlen(from), at = 0;
    char *p;
    unsigned found = 0;

    while ((p = memmem(b->data + at, b->len - at, from, len)) != NULL) {
        (void)buf_append(&out, b->data + at, (size_t)(p - b->data) - at);
        (void)buf_append_str(&out, to);
        at = (size_t)(p - b->data) + len;
        found++;
    }
    (void)buf_append(&out, b->data + at, b->len - at);
    buf_done(b);
    *b = out;
    if (wanted && found == 0) {
        (void)fprintf(stderr, "torture: the stanza has no %s\n", from);
        exit(2);
    }
}

static void write_conf(const struct run *r)
{
    const struct schedule *s = &r->s;
    const char *path = strcmp(s->receiver, "mozdef-bulk") == 0 ? "/_bulk" : "/events";
    struct buf b = BUF_INIT(TEXT_MAX);

    (void)buf_printf(&b, "url = http%s://127.0.0.1:%u%s\n", s->tls ? "s" : "", r->port, path);
    (void)buf_printf(&b, "receiver = %s\ncompress = %s\nsync = %s\nin_flight = %u\n", s->receiver,
                     s->compress, s->sync, s->in_flight);
    (void)buf_printf(&b, "batch_events = %u\nstate_dir = %s/state\nlog = %s/oaj.log\n",
                     s->batch_events, r->dir, r->dir);
    if (s->window)
        (void)buf_append_str(&b, "window = 4MiB\n");
    if (s->strict)
        (void)buf_append_str(&b, "sandbox = strict\n");
    if (s->tls)
        (void)buf_printf(&b, "ca_file = %s/ca.pem\n", r->at->work);
    (void)buf_append_str(&b, "hostname = testhost\nretry_min = 20ms\nretry_max = 200ms\n"
                             "connect_timeout = 1s\ntimeout = 1s\nend_of_event_timeout = 300ms\n"
                             "keepalive = 50ms\nshutdown_timeout = 300ms\n");
    write_file(r, "oaj.conf", &b);
    buf_done(&b);
}

static void write_stanza(const struct run *r)
{
    const struct schedule *s = &r->s;
    /* each alone would be the end of deliveries, were it obeyed */
    static const char hostile[] =
        "SSLKEYLOGFILE=/is/not/there SSL_CERT_FILE=/dev/null SSL_CERT_DIR=/dev/null "
        "OPENSSL_CONF=/etc/passwd http_proxy=http://127.0.0.1:1 https_proxy=http://127.0.0.1:1 "
        "ALL_PROXY=http://127.0.0.1:1 HOSTALIASES=/dev/null RES_OPTIONS=ndots:15 "
        "GNUTLS_SYSTEM_PRIORITY_FILE=/dev/null MALLOC_PERTURB_=165 TZ=:/dev/null HOME=/dev/null ";
    struct buf b = BUF_INIT(TEXT_MAX), input = BUF_INIT(TEXT_MAX), all = BUF_INIT(TEXT_MAX);
    char text[4096];

    (void)snprintf(text, sizeof(text), "%s/omauditjson-%s.conf", r->at->stanzas,
                   schedule_stanza_name(s->stanza));
    read_file(text, &b);
    (void)snprintf(text, sizeof(text),
                   "/usr/bin/env %sLD_PRELOAD=%s " CRASH_ENV "=%s %s --config %s/oaj.conf",
                   s->hostile ? hostile : "", r->at->shim, r->dir,
                   s->small ? r->at->small : r->at->program, r->dir);
    replace(&b, "/usr/libexec/rsyslog/omauditjson", text, true);
    (void)snprintf(text, sizeof(text), "%s/audit/", r->dir);
    replace(&b, "/var/log/audit/", text, false);
    (void)snprintf(text, sizeof(text), "%s/wakeup", r->dir);
    replace(&b, "/var/log/omauditjson.wakeup", text, false);
    replace(&b, "interval=\"10\"", "interval=\"1\"", true);
    (void)snprintf(text, sizeof(text), "output=\"%s/oaj.err\"", r->dir);
    /* rsyslogd 8.2302 without a queue waits closeTimeout for the end of our standard error, and so
     * does one that had to cancel its worker */
    replace(&b, "output=\"/var/log/omauditjson.log\"",
            s->stanza == STANZA_DIRECT || s->window ? "" : text, true);
    /* the same waits, shorter: thousands of schedules are to be run */
    replace(&b, "action.resumeInterval=\"5\"", "action.resumeInterval=\"1\"", true);
    replace(&b, "minDequeueBatchSize.timeout=\"1000\"", "minDequeueBatchSize.timeout=\"50\"",
            false);
    if (s->window && s->stanza == STANZA_DISKQUEUE)
        replace(&b, "timeoutShutdown=\"10000\" queue.timeoutActionCompletion=\"20000\"",
                "timeoutShutdown=\"300\" queue.timeoutActionCompletion=\"300\"", true);
    if (s->impatient) {
        (void)snprintf(text, sizeof(text), "confirmTimeout=\"%d\"", SCHEDULE_IMPATIENT_MS);
        replace(&b, "confirmTimeout=\"30000\"", text, true);
        (void)snprintf(text, sizeof(text), "killUnresponsive=\"%s\" closeTimeout=\"300\"",
                       s->kills ? "on" : "off");
        replace(&b, "killUnresponsive=\"on\" closeTimeout=\"10000\"", text, true);
    }
    if (s->stanza == STANZA_AUDISP)
        (void)buf_printf(
            &input,
            "module(load=\"imuxsock\" SysSock.Use=\"off\")\n"
            "input(type=\"imuxsock\" Socket=\"%s/log.sock\" RateLimit.Interval=\"0\")\n",
            r->dir);
    else if (s->stanza == STANZA_KMSG)
        (void)buf_printf(&input, "module(load=\"imklog\" logpath=\"%s/kmsg\")\n", r->dir);
    (void)buf_printf(&all, "global(workDirectory=\"%s/spool\" processInternalMessages=\"on\")\n%s",
                     r->dir, buf_cstr(&input));
    (void)buf_append(&all, b.data, b.len);
    (void)buf_printf(&all,
                     "action(type=\"omfile\" file=\"%s/internal.log\""
                     " template=\"RSYSLOG_FileFormat\")\n",
                     r->dir);
    write_file(r, "rsyslog.conf", &all);
    buf_done(&b);
    buf_done(&input);
    buf_done(&all);
}

static void make_folder(const struct run *r, const char *name)
{
    char path[1024];

    (void)snprintf(path, sizeof(path), "%s/%s", r->dir, name);
    if (mkdir(path, 0755) < 0 && errno != EEXIST)
        die(path);
}

static void make_page(struct run *r)
{
    char path[1024];
    int fd;

    (void)snprintf(path, sizeof(path), "%s/page", r->dir);
    fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0 || ftruncate(fd, (off_t)sizeof(*r->page)) < 0)
        die(path);
    r->page = mmap(NULL, sizeof(*r->page), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (r->page == MAP_FAILED)
        die(path);
    (void)close(fd);
    r->page->sync_mode = r->s.sync[0] == 'n' ? 0 : r->s.sync[0] == 'c' ? 1 : 2;
    r->page->n_triggers = r->s.n_triggers;
    r->page->hunt_left = r->s.hunt_left;
    r->page->hunt_at = r->s.hunt_at;
    r->page->damage = r->s.damage;
    r->page->damage_seed = (uint32_t)r->s.seed;
    memcpy(r->page->triggers, r->s.triggers, sizeof(r->s.triggers));
}

/* A disk that can be filled: large enough for what a quiet schedule needs. */
static void mount_state(struct run *r)
{
    char path[1024];
    bool fills = false;

    for (size_t i = 0; i < r->s.n_steps; i++)
        fills |= r->s.steps[i].kind == STEP_FILL;
    (void)snprintf(path, sizeof(path), "%s/state", r->dir);
    if (fills &&
        mount("tmpfs", path, "tmpfs", 0, r->s.small ? "size=6m,mode=700" : "size=44m,mode=700") < 0)
        die(path);
    r->mounted = fills;
}

void setup_write(struct run *r)
{
    make_folder(r, "spool");
    make_folder(r, "state");
    mount_state(r);
    make_page(r);
    if (r->s.stanza == STANZA_JOURNAL && !journal_file_make(r->dir)) {
        (void)fputs("torture: no journal file\n", stderr);
        exit(2);
    }
    write_conf(r);
    write_stanza(r);
}

bool setup_certificates(const struct places *at)
{
    static const char script[] =
        "cd \"$0\" && for ca in ca other; do "
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 3650 "
        "-subj /CN=$ca -keyout $ca.key -out $ca.pem -addext basicConstraints=critical,CA:TRUE && "
        "openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=receiver "
        "-keyout $ca-server.key -out $ca.csr && "
        "printf 'subjectAltName=IP:127.0.0.1' >$ca.ext && "
        "openssl x509 -req -in $ca.csr -CA $ca.pem -CAkey $ca.key -CAcreateserial -days 3650 "
        "-extfile $ca.ext -out $ca-server.pem || exit 1; done";
    const char *argv[] = {"/bin/sh", "-c", script, at->work, NULL};

    return run_command(argv, NULL) == 0;
}
