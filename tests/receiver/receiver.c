/* SPDX-License-Identifier: Apache-2.0 */
/* A web server for the tests and the demo: it takes events as a SIEM does, keeps them, and
 * misbehaves on command.
 *   receiver.c  command line, signals        server.c  HTTP          answer.c  what goes back
 *   behave.c    plans of misbehaviour        body.c    documents     store.c   what is kept
 *   take.c      judges a body                strict.c  JSON to the letter
 *   elastic.c   Elasticsearch's _bulk          siem.c, siem_NAME.c   others, by name */
#include "config.h"

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "behave.h"
#include "server.h"
#include "store.h"

static const char usage[] =
    "usage: receiver [OPTION...]\n"
    "  --port N             port (0: any, the default)    --bind ADDRESS   default 127.0.0.1\n"
    "  --port-file FILE     write the port there once connections are accepted\n"
    "  --out FILE           append accepted documents, one a line, before they are answered\n"
    "  --requests FILE      append one JSON line a request\n"
    "  --print              a short line an event on standard output\n"
    "  --plan PLAN          behaviour of the first requests: 503+retry-after=2x3,reset,ok\n"
    "  --script FILE        the same, one step a line\n"
    "  --mode STEP          behaviour after the plan (default ok)\n"
    "     status delay=MS retry-after=V body=TEXT|@FILE empty huge=BYTES slow-read=MS\n"
    "     slow-answer=MS close reset lost unknown hang half raw=FILE\n"
    "  --max-events N       more events in a request: 413  --max-bytes N    larger body: 413\n"
    "  --reject TEXT        a body that contains it: 400\n"
    "  --require HEADER     'Name: value' must be sent, else 401\n"
    "  --idle SECONDS       close idle connections\n"
    "  --elasticsearch      _bulk with create, to the byte; an answer for each event\n"
    "     --busy N          each Nth item: 429    --blocked N    the first N items: 403\n"
    "     --item-fault 'STATUS TYPE'   instead of 201\n"
    "  --siem NAME          splunk-hec, to the byte\n"
    "     --busy N          each Nth request is one too many\n"
    "  --tls CERT KEY       PEM files   --client-ca CA   --tls-priority STRING\n"
    "while it runs: GET /_control?mode=STEP   GET /_control?plan=PLAN   GET /_stats\n";

static void die(const char *what, const char *why)
{
    (void)fprintf(stderr, "receiver: %s: %s\n", what, why);
    exit(1);
}

static unsigned long number(const char *option, const char *text, unsigned long max)
{
    char *end;
    errno = 0;
    unsigned long v = strtoul(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || v > max)
        die(option, "not a number in its range");
    return v;
}

static char *read_file(const char *path)
{
    FILE *f = fopen(path, "re");
    if (f == NULL)
        die(path, strerror(errno));
    struct buf all = BUF_INIT(1 << 20);
    char piece[4096];
    size_t n;
    while ((n = fread(piece, 1, sizeof piece, f)) > 0)
        if (buf_append(&all, piece, n) < 0)
            die(path, "too large");
    (void)fclose(f);
    char *ret = mem_strdup(buf_cstr(&all));
    buf_done(&all);
    return ret;
}

/* Whoever sees the file sees a whole number. */
static void write_port(const char *path, unsigned port)
{
    struct buf name = BUF_INIT(4096);
    if (buf_printf(&name, "%s.new", path) < 0)
        die(path, "name too long");
    FILE *f = fopen(buf_cstr(&name), "we");
    if (f == NULL || fprintf(f, "%u\n", port) < 0 || fclose(f) != 0 ||
        rename(buf_cstr(&name), path) != 0)
        die(path, strerror(errno));
    buf_done(&name);
}

enum {
    OPT_PORT = 256,
    OPT_BIND,
    OPT_PORT_FILE,
    OPT_OUT,
    OPT_REQUESTS,
    OPT_PRINT,
    OPT_PLAN,
    OPT_SCRIPT,
    OPT_MODE,
    OPT_MAX_EVENTS,
    OPT_MAX_BYTES,
    OPT_REJECT,
    OPT_REQUIRE,
    OPT_IDLE,
    OPT_TLS,
    OPT_CLIENT_CA,
    OPT_TLS_PRIORITY,
    OPT_ELASTICSEARCH,
    OPT_SIEM,
    OPT_BUSY,
    OPT_BLOCKED,
    OPT_ITEM_FAULT,
    OPT_HELP,
};

static const struct option options[] = {
    {"port", required_argument, NULL, OPT_PORT},
    {"bind", required_argument, NULL, OPT_BIND},
    {"port-file", required_argument, NULL, OPT_PORT_FILE},
    {"out", required_argument, NULL, OPT_OUT},
    {"requests", required_argument, NULL, OPT_REQUESTS},
    {"print", no_argument, NULL, OPT_PRINT},
    {"plan", required_argument, NULL, OPT_PLAN},
    {"script", required_argument, NULL, OPT_SCRIPT},
    {"mode", required_argument, NULL, OPT_MODE},
    {"max-events", required_argument, NULL, OPT_MAX_EVENTS},
    {"max-bytes", required_argument, NULL, OPT_MAX_BYTES},
    {"reject", required_argument, NULL, OPT_REJECT},
    {"require", required_argument, NULL, OPT_REQUIRE},
    {"idle", required_argument, NULL, OPT_IDLE},
    {"tls", required_argument, NULL, OPT_TLS},
    {"client-ca", required_argument, NULL, OPT_CLIENT_CA},
    {"tls-priority", required_argument, NULL, OPT_TLS_PRIORITY},
    {"elasticsearch", no_argument, NULL, OPT_ELASTICSEARCH},
    {"siem", required_argument, NULL, OPT_SIEM},
    {"busy", required_argument, NULL, OPT_BUSY},
    {"blocked", required_argument, NULL, OPT_BLOCKED},
    {"item-fault", required_argument, NULL, OPT_ITEM_FAULT},
    {"help", no_argument, NULL, OPT_HELP},
    {NULL, 0, NULL, 0},
};

struct settings {
    struct server_conf server;
    struct behave_plan plan;
    const char *port_file;
    const char *out;
    const char *requests;
    bool print;
};

static void read_options(int argc, char **argv, struct settings *c)
{
    struct buf why = BUF_INIT(4096);
    int opt;
    int r = 0;
    while (r == 0 && (opt = getopt_long(argc, argv, "", options, NULL)) != -1) {
        switch (opt) {
        case OPT_PORT:
            c->server.port = (uint16_t)number("--port", optarg, UINT16_MAX);
            break;
        case OPT_BIND:
            c->server.address = optarg;
            break;
        case OPT_PORT_FILE:
            c->port_file = optarg;
            break;
        case OPT_OUT:
            c->out = optarg;
            break;
        case OPT_REQUESTS:
            c->requests = optarg;
            break;
        case OPT_PRINT:
            c->print = true;
            break;
        case OPT_PLAN:
            r = behave_plan_set(&c->plan, optarg, &why);
            break;
        case OPT_SCRIPT:
            r = behave_plan_read(&c->plan, optarg, &why);
            break;
        case OPT_MODE:
            r = behave_plan_set_mode(&c->plan, optarg, &why);
            break;
        case OPT_MAX_EVENTS:
            c->server.max_events = number("--max-events", optarg, UINT32_MAX);
            break;
        case OPT_MAX_BYTES:
            c->server.max_bytes = number("--max-bytes", optarg, UINT32_MAX);
            break;
        case OPT_REJECT:
            c->server.reject = c->server.elastic.reject = c->server.siem.reject = optarg;
            break;
        case OPT_REQUIRE:
            c->server.require = optarg;
            break;
        case OPT_IDLE:
            c->server.idle_s = (unsigned)number("--idle", optarg, 86400);
            break;
        case OPT_TLS:
            if (optind >= argc)
                die("--tls", "needs a certificate and a key");
            c->server.cert = read_file(optarg);
            c->server.key = read_file(argv[optind++]);
            break;
        case OPT_CLIENT_CA:
            c->server.client_ca = read_file(optarg);
            break;
        case OPT_TLS_PRIORITY:
            c->server.tls_priority = optarg;
            break;
        case OPT_ELASTICSEARCH:
            c->server.elasticsearch = true;
            break;
        case OPT_SIEM:
            c->server.siem.name = optarg;
            break;
        case OPT_BUSY:
            c->server.elastic.busy = c->server.siem.busy = number("--busy", optarg, UINT32_MAX);
            break;
        case OPT_BLOCKED:
            c->server.elastic.blocked = number("--blocked", optarg, UINT32_MAX);
            break;
        case OPT_ITEM_FAULT:
            c->server.elastic.item_fault = optarg;
            break;
        case OPT_HELP:
            (void)fputs(usage, stdout);
            exit(0);
        default:
            (void)fputs(usage, stderr);
            exit(2);
        }
    }
    if (r < 0)
        die("plan", buf_cstr(&why));
    if (optind < argc)
        die(argv[optind], "not an option");
    buf_done(&why);
}

int main(int argc, char **argv)
{
    struct settings c = {.server = {.address = "127.0.0.1"}};
    behave_plan_init(&c.plan);
    read_options(argc, argv, &c);

    /* before any thread is there: they inherit the mask, and only sigwait() below sees these */
    sigset_t end;
    (void)sigemptyset(&end);
    (void)sigaddset(&end, SIGTERM);
    (void)sigaddset(&end, SIGINT);
    (void)pthread_sigmask(SIG_BLOCK, &end, NULL);
    (void)signal(SIGPIPE, SIG_IGN);

    struct store *store = NULL;
    struct server *server = NULL;
    const char *bad = NULL;
    int r = store_new(c.out, c.requests, c.print, &store, &bad);
    if (r < 0)
        die(bad, strerror(-r));
    r = server_start(&c.server, &c.plan, store, &server);
    if (r < 0)
        die("cannot listen", strerror(-r));
    if (c.port_file != NULL)
        write_port(c.port_file, server_port(server));
    int sig;
    (void)sigwait(&end, &sig);
    server_stop(server);
    store_free(store);
    behave_plan_done(&c.plan);
    free(c.server.cert);
    free(c.server.key);
    free(c.server.client_ca);
    return 0;
}
