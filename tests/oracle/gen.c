/* SPDX-License-Identifier: Apache-2.0 */
/* Writes a synthetic audit log: what the samples have not got. The same seed gives the same bytes.
 * Events of up to --width are interleaved; each node has its own serials, and all nodes start with
 * the same time and serial, so that many events differ in nothing but the node. */
#include "config.h"

#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"

#define NODES_MAX 16
#define WIDTH_MAX 16384
#define LINE_MAX_BYTES ((size_t)1 << 20)

static const char usage[] =
    "usage: gen [OPTION...] >LOG\n"
    "  --seed N            default 1              --events N     default 1000\n"
    "  --width N           interleaved events, default 1\n"
    "  --nodes A,B,...     write node=; default none\n"
    "  --eoe               an EOE at the end      --no-proctitle\n"
    "  --enriched          0x1d and names         --kernel       as the kernel log has it\n"
    "  --alone PERCENT     events of a single user-space record, default 10\n"
    "  --open PERCENT      events that nothing ends (no PROCTITLE, no EOE), default 0\n"
    "  --long PERCENT      events with long arguments, default 2\n"
    "  --rate N            events a second of their own clock, default 1000\n"
    "  --start SEC         default 1795356082     --serial N     default 1000\n";

struct gen {
    uint64_t random;
    const char *nodes[NODES_MAX];
    size_t n_nodes;
    uint64_t serial[NODES_MAX];
    uint64_t start;
    uint64_t first_serial;
    uint64_t rate;
    unsigned alone, open, with_long;
    bool eoe, no_proctitle, enriched, kernel;
};

/* An event under way: its records are made when it begins and written one at a time. */
struct event {
    struct buf text;
    size_t at;
};

/* splitmix64 */
static uint64_t next_random(struct gen *g)
{
    uint64_t z = g->random += 0x9e3779b97f4a7c15U;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9U;
    z = (z ^ z >> 27) * 0x94d049bb133111ebU;
    return z ^ z >> 31;
}

static uint64_t below(struct gen *g, uint64_t n)
{
    return next_random(g) % n;
}

static bool percent(struct gen *g, unsigned p)
{
    return below(g, 100) < p;
}

static const char *one_of(struct gen *g, const char *const *words, size_t n)
{
    return words[below(g, n)];
}
#define ONE_OF(g, words) one_of(g, words, sizeof(words) / sizeof(words)[0])

/* A record's header. number is the type as the kernel writes it. */
static void head(struct gen *g, struct buf *b, size_t node, const char *type, int number)
{
    uint64_t n = g->serial[node] - g->first_serial;
    uint64_t ms = n * 1000 / g->rate;
    if (g->n_nodes > 0)
        (void)buf_printf(b, "node=%s ", g->nodes[node]);
    if (g->kernel)
        (void)buf_printf(b, "audit: type=%d ", number);
    else
        (void)buf_printf(b, "type=%s msg=", type);
    (void)buf_printf(b, "audit(%llu.%03u:%llu): ", (unsigned long long)(g->start + ms / 1000),
                     (unsigned)(ms % 1000), (unsigned long long)g->serial[node]);
}

static void hexadecimal(struct buf *b, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        (void)buf_printf(b, "%02X", (unsigned char)text[i]);
}

static const char *const commands[] = {"ls", "cat", "id", "curl", "make", "python3", "sh"};
static const char *const paths[] = {"/etc/passwd", "/tmp/a", "/usr/bin/id", "/var/log/x.log",
                                    "/home/eve/.ssh/id_ed25519"};

static void add_syscall(struct gen *g, struct buf *b, size_t node, bool exec, unsigned items)
{
    const char *comm = ONE_OF(g, commands);
    unsigned uid = (unsigned)below(g, 3) * 1000;
    head(g, b, node, "SYSCALL", 1300);
    (void)buf_printf(b,
                     "arch=c000003e syscall=%d success=%s exit=%d a0=%llx a1=%llx a2=0 a3=0 "
                     "items=%u ppid=%u pid=%u auid=%u uid=%u gid=0 euid=%u suid=0 fsuid=0 egid=0 "
                     "sgid=0 fsgid=0 tty=pts0 ses=%u comm=\"%s\" exe=\"/usr/bin/%s\" key=%s",
                     exec ? 59 : 257, percent(g, 90) ? "yes" : "no", exec ? 0 : 3,
                     (unsigned long long)below(g, 1ULL << 47), (unsigned long long)below(g, 4096),
                     items, 100 + (unsigned)below(g, 100), 200 + (unsigned)below(g, 30000), uid,
                     uid, uid, 1 + (unsigned)below(g, 50), comm, comm,
                     percent(g, 50) ? "\"watch\"" : "(null)");
    if (g->enriched)
        (void)buf_printf(b,
                         "\x1d"
                         "ARCH=x86_64 SYSCALL=%s AUID=\"user%u\" UID=\"user%u\"",
                         exec ? "execve" : "openat", uid, uid);
    (void)buf_append_char(b, '\n');
}

static void add_execve(struct gen *g, struct buf *b, size_t node)
{
    unsigned argc = 1 + (unsigned)below(g, 5);
    if (percent(g, g->with_long)) {
        size_t len = 1000 + (size_t)below(g, 6000);
        head(g, b, node, "EXECVE", 1309);
        (void)buf_append_str(b, "argc=2 a0=\"echo\" a1=\"");
        for (size_t i = 0; i < len; i++)
            (void)buf_append_char(b, (char)('a' + below(g, 26)));
        (void)buf_append_str(b, "\"\n");
        return;
    }
    head(g, b, node, "EXECVE", 1309);
    (void)buf_printf(b, "argc=%u a0=\"%s\"", argc, ONE_OF(g, commands));
    for (unsigned i = 1; i < argc; i++) {
        if (percent(g, 30)) {
            static const char odd[] = "tab\there \"quoted\" \xc3\xa9 \xff end";
            (void)buf_printf(b, " a%u=", i);
            hexadecimal(b, odd, (size_t)below(g, sizeof odd - 1) + 1);
        } else {
            (void)buf_printf(b, " a%u=\"--%s=%llu\"", i, ONE_OF(g, commands),
                             (unsigned long long)below(g, 100000));
        }
    }
    (void)buf_append_char(b, '\n');
}

static void add_path(struct gen *g, struct buf *b, size_t node, unsigned item)
{
    head(g, b, node, "PATH", 1302);
    (void)buf_printf(b,
                     "item=%u name=\"%s\" inode=%u dev=fd:01 mode=0100644 ouid=0 ogid=0 rdev=00:00 "
                     "nametype=%s cap_fp=0 cap_fi=0 cap_fe=0 cap_fver=0 cap_frootid=0",
                     item, ONE_OF(g, paths), 1000 + (unsigned)below(g, 1000000),
                     item == 0 ? "NORMAL" : "PARENT");
    if (g->enriched)
        (void)buf_append_str(b, "\x1dOUID=\"root\" OGID=\"root\"");
    (void)buf_append_char(b, '\n');
}

static void make_syscall_event(struct gen *g, struct buf *b, size_t node)
{
    bool exec = percent(g, 30);
    unsigned items = 1 + (unsigned)below(g, 3);
    bool open = percent(g, g->open);
    add_syscall(g, b, node, exec, items);
    if (exec)
        add_execve(g, b, node);
    head(g, b, node, "CWD", 1307);
    (void)buf_printf(b, "cwd=\"/home/user%u\"\n", (unsigned)below(g, 100));
    for (unsigned i = 0; i < items; i++)
        add_path(g, b, node, i);
    if (!g->no_proctitle && !open) {
        head(g, b, node, "PROCTITLE", 1327);
        (void)buf_append_str(b, "proctitle=");
        hexadecimal(b, "run\0--fast", 10);
        (void)buf_append_char(b, '\n');
    }
    if (g->eoe && !open) {
        head(g, b, node, "EOE", 1320);
        (void)buf_append_char(b, '\n');
    }
}

static void make_single_event(struct gen *g, struct buf *b, size_t node)
{
    static const struct {
        const char *type;
        int number;
        const char *op;
    } rows[] = {{"USER_LOGIN", 1112, "login"},
                {"CRED_ACQ", 1103, "PAM:setcred"},
                {"USER_AUTH", 1100, "PAM:authentication"},
                {"SERVICE_START", 1130, "unit=cron"}};
    size_t i = (size_t)below(g, sizeof rows / sizeof rows[0]);
    head(g, b, node, rows[i].type, rows[i].number);
    (void)buf_printf(b,
                     "pid=%u uid=0 auid=4294967295 ses=4294967295 msg='op=%s acct=\"user%u\" "
                     "exe=\"/usr/sbin/sshd\" hostname=? addr=192.0.2.%u terminal=ssh res=%s'",
                     100 + (unsigned)below(g, 30000), rows[i].op, (unsigned)below(g, 100),
                     (unsigned)below(g, 256), percent(g, 80) ? "success" : "failed");
    if (g->enriched)
        (void)buf_append_str(b, "\x1dUID=\"root\" AUID=\"unset\"");
    (void)buf_append_char(b, '\n');
}

static void begin_event(struct gen *g, struct event *e)
{
    size_t node = g->n_nodes > 1 ? (size_t)below(g, g->n_nodes) : 0;
    e->text.len = 0;
    e->at = 0;
    if (percent(g, g->alone))
        make_single_event(g, &e->text, node);
    else
        make_syscall_event(g, &e->text, node);
    g->serial[node]++;
}

static void write_events(struct gen *g, uint64_t events, size_t width)
{
    struct event *open = mem_calloc(width, sizeof *open);
    size_t n = 0;
    for (size_t i = 0; i < width; i++)
        open[i].text = BUF_INIT(LINE_MAX_BYTES);
    while (events > 0 || n > 0) {
        while (n < width && events > 0) {
            begin_event(g, &open[n++]);
            events--;
        }
        size_t i = (size_t)below(g, n);
        struct event *e = &open[i];
        const char *from = e->text.data + e->at;
        size_t len = (size_t)((const char *)memchr(from, '\n', e->text.len - e->at) - from) + 1;
        (void)fwrite(from, 1, len, stdout);
        e->at += len;
        if (e->at == e->text.len) {
            struct event done = *e;
            *e = open[--n];
            open[n] = done;
        }
    }
    for (size_t i = 0; i < width; i++)
        buf_done(&open[i].text);
    free(open);
}

static uint64_t number(const char *option, const char *text, uint64_t max)
{
    char *end;
    errno = 0;
    unsigned long long v = strtoull(text, &end, 10);
    if (errno == 0 && end != text && *end == '\0' && v <= max)
        return v;
    (void)fprintf(stderr, "gen: --%s: not a number in its range: %s\n", option, text);
    exit(2);
}

int main(int argc, char **argv)
{
    static const struct option options[] = {
        {"seed", required_argument, NULL, 's'},  {"events", required_argument, NULL, 'n'},
        {"width", required_argument, NULL, 'w'}, {"nodes", required_argument, NULL, 'N'},
        {"eoe", no_argument, NULL, 'e'},         {"no-proctitle", no_argument, NULL, 'P'},
        {"enriched", no_argument, NULL, 'E'},    {"kernel", no_argument, NULL, 'K'},
        {"alone", required_argument, NULL, 'a'}, {"open", required_argument, NULL, 'o'},
        {"long", required_argument, NULL, 'l'},  {"rate", required_argument, NULL, 'r'},
        {"start", required_argument, NULL, 'S'}, {"serial", required_argument, NULL, 'i'},
        {"help", no_argument, NULL, 'h'},        {NULL, 0, NULL, 0},
    };
    struct gen g = {.random = 1,
                    .start = 1795356082,
                    .first_serial = 1000,
                    .rate = 1000,
                    .alone = 10,
                    .with_long = 2};
    uint64_t events = 1000;
    size_t width = 1;
    int opt;
    int at = 0;
    while ((opt = getopt_long(argc, argv, "", options, &at)) != -1) {
        const char *name = opt != '?' ? options[at].name : "";
        switch (opt) {
        case 's':
            g.random = number(name, optarg, UINT64_MAX);
            break;
        case 'n':
            events = number(name, optarg, UINT32_MAX);
            break;
        case 'w':
            width = (size_t)number(name, optarg, WIDTH_MAX);
            break;
        case 'N':
            for (char *save, *p = strtok_r(optarg, ",", &save); p != NULL && g.n_nodes < NODES_MAX;
                 p = strtok_r(NULL, ",", &save))
                g.nodes[g.n_nodes++] = p;
            break;
        case 'e':
            g.eoe = true;
            break;
        case 'P':
            g.no_proctitle = true;
            break;
        case 'E':
            g.enriched = true;
            break;
        case 'K':
            g.kernel = true;
            break;
        case 'a':
            g.alone = (unsigned)number(name, optarg, 100);
            break;
        case 'o':
            g.open = (unsigned)number(name, optarg, 100);
            break;
        case 'l':
            g.with_long = (unsigned)number(name, optarg, 100);
            break;
        case 'r':
            g.rate = number(name, optarg, 1000000);
            break;
        case 'S':
            g.start = number(name, optarg, UINT32_MAX);
            break;
        case 'i':
            g.first_serial = number(name, optarg, UINT64_MAX / 2);
            break;
        case 'h':
            (void)fputs(usage, stdout);
            return 0;
        default:
            (void)fputs(usage, stderr);
            return 2;
        }
    }
    if (width == 0 || g.rate == 0)
        return 2;
    for (size_t i = 0; i < NODES_MAX; i++)
        g.serial[i] = g.first_serial;
    write_events(&g, events, width);
    return fflush(stdout) != 0 || ferror(stdout);
}
