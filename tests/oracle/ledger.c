/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "ledger.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

void ledger_init(struct ledger *l)
{
    *l = (struct ledger){.n_buckets = 1 << 16};
    l->buckets = mem_calloc(l->n_buckets, sizeof(struct ledger_event *));
}

void ledger_done(struct ledger *l)
{
    for (size_t i = 0; i < l->n_events; i++) {
        struct ledger_event *e = l->events[i];
        for (size_t k = 0; k < e->n_docs; k++)
            free(e->docs[k].id);
        free(e->docs);
        free(e->records);
        free(e->node);
        free(e);
    }
    free(l->events);
    free(l->buckets);
    free(l->garbage);
    *l = (struct ledger){0};
}

/* Room for one more; arrays double. */
static void *room(void *p, size_t n, size_t size)
{
    if (n > 0 && (n & (n - 1)) != 0)
        return p;
    return mem_realloc_array(p, n == 0 ? 1 : n * 2, size);
}

static uint64_t bucket(const struct ledger *l, const char *node, int64_t sec, unsigned ms,
                       uint64_t serial)
{
    uint64_t key[3] = {(uint64_t)sec, ms, serial};
    return (XXH3_64bits(key, sizeof key) + XXH3_64bits(node, strlen(node))) & (l->n_buckets - 1);
}

struct ledger_event *ledger_find(struct ledger *l, const char *node, int64_t sec, unsigned ms,
                                 uint64_t serial)
{
    struct ledger_event *e = l->buckets[bucket(l, node, sec, ms, serial)];
    while (e != NULL &&
           !(e->sec == sec && e->ms == ms && e->serial == serial && strcmp(e->node, node) == 0))
        e = e->next;
    return e;
}

static struct ledger_event *add_event(struct ledger *l, const struct ledger_line *r)
{
    struct ledger_event *e = mem_calloc(1, sizeof *e);
    e->node = mem_strdup(r->node);
    e->sec = r->sec;
    e->ms = r->ms;
    e->serial = r->serial;
    uint64_t at = bucket(l, r->node, r->sec, r->ms, r->serial);
    e->next = l->buckets[at];
    l->buckets[at] = e;
    l->events = room(l->events, l->n_events, sizeof(struct ledger_event *));
    l->events[l->n_events++] = e;
    return e;
}

/* The end of the raw text: auditd's enriched part begins with 0x1d. */
static size_t raw_length(const char *p, size_t len)
{
    const char *sep = memchr(p, 0x1d, len);
    return sep != NULL ? (size_t)(sep - p) : len;
}

/* Types that never end an event: the commoner ones of syscalls. */
static bool is_inner(const char *type)
{
    static const char *const inner[] = {
        "SYSCALL", "PATH", "CWD",    "EXECVE", "SOCKADDR", "OBJ_PID", "BPRM_FCAPS", "CONFIG_CHANGE",
        "LOGIN",   "AVC",  "CAPSET", "MMAP",   "FD_PAIR",  "IPC",     "TTY",        "SECCOMP"};
    for (size_t i = 0; i < sizeof inner / sizeof inner[0]; i++)
        if (strcmp(type, inner[i]) == 0)
            return true;
    return false;
}

bool ledger_parse_line(const char *line, size_t len, struct ledger_line *ret)
{
    const char *end = line + len;
    const char *p = line;
    *ret = (struct ledger_line){.node = ""};
    while (end > p && end[-1] == '\r')
        end--;
    if (memchr(p, '\0', (size_t)(end - p)) != NULL)
        return false;
    /* the first word that begins with node= or type= */
    for (bool start = true;; start = *p == ' ' || *p == '\t', p++) {
        if (end - p < 5)
            return false;
        if (start && (memcmp(p, "type=", 5) == 0 || memcmp(p, "node=", 5) == 0))
            break;
    }
    if (memcmp(p, "node=", 5) == 0) {
        const char *blank = memchr(p, ' ', (size_t)(end - p));
        if (blank == NULL || blank - p - 5 >= (ptrdiff_t)sizeof ret->node || blank == p + 5)
            return false;
        memcpy(ret->node, p + 5, (size_t)(blank - p) - 5);
        p = blank + 1;
        if (end - p < 5 || memcmp(p, "type=", 5) != 0)
            return false;
    }
    CLEANUP_FREE char *head = mem_strndup(p, (size_t)(end - p) < 200 ? (size_t)(end - p) : 200);
    char type[64];
    long long sec;
    unsigned long long serial;
    int n = -1;
    if (sscanf(head, "type=%63s msg=audit(%lld.%u:%llu):%n", type, &sec, &ret->ms, &serial, &n) !=
            4 ||
        n < 0)
        return false;
    ret->sec = sec;
    ret->serial = serial;
    ret->eoe = strcmp(type, "EOE") == 0;
    ret->may_end = !is_inner(type);
    ret->hash = XXH3_64bits(p, raw_length(p, (size_t)(end - p)));
    return true;
}

void ledger_feed(struct ledger *l, const char *line, size_t len)
{
    struct ledger_line r;
    if (len == 0)
        return;
    l->lines++;
    if (!ledger_parse_line(line, len, &r)) {
        l->garbage = room(l->garbage, l->n_garbage, sizeof *l->garbage);
        l->garbage[l->n_garbage++] = XXH3_128bits(line, len);
        return;
    }
    l->records++;
    l->eoe += r.eoe;
    struct ledger_event *e = ledger_find(l, r.node, r.sec, r.ms, r.serial);
    if (e == NULL)
        e = add_event(l, &r);
    e->records = room(e->records, e->n_records, sizeof *e->records);
    e->records[e->n_records++] =
        (struct ledger_record){.hash = r.hash, .line = l->lines, .eoe = r.eoe};
    if (e->first_end == 0 && r.may_end)
        e->first_end = l->lines;
}

uint64_t ledger_finish(uint64_t sum)
{
    unsigned char le[8];
    for (int i = 0; i < 8; i++)
        le[i] = (unsigned char)(sum >> (8 * i));
    return XXH64(le, sizeof le, 0);
}
