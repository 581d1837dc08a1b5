/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "event/lineage.h"

#include <libaudit.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/mem.h"

#define NONE UINT32_MAX
#define MACHINES 32 /* more than libaudit's MACH_ numbers */

/* Syscalls that create, end or name processes. */
enum call { CALL_OTHER, CALL_EXEC, CALL_CLONE, CALL_EXIT };

static const struct {
    const char *name;
    enum call call;
} call_names[] = {
    {"execve", CALL_EXEC},  {"execveat", CALL_EXEC},   {"clone", CALL_CLONE},
    {"clone2", CALL_CLONE}, {"clone3", CALL_CLONE},    {"fork", CALL_CLONE},
    {"vfork", CALL_CLONE},  {"exit_group", CALL_EXIT},
};

#define N_CALLS (sizeof(call_names) / sizeof(call_names[0]))

struct stamp {
    int64_t sec;
    uint64_t serial;
    unsigned ms;
};

struct process {
    uint64_t node;
    struct stamp start;
    struct stamp cloned; /* when `pending` */
    uint32_t pid;
    uint32_t ppid;   /* 0: not known */
    uint32_t cloner; /* when `pending` */
    /* A clone returned this pid. Was it this node's, or that of a pid namespace, where a clone's
     * number is another one than the records'? Its own next record tells, by its ppid. */
    bool pending;
    bool gone; /* exit_group */
    uint8_t comm_len;
    char comm[LINEAGE_COMM_MAX];
    uint16_t exe_len;
    uint16_t exe_cap;
    char *exe;
    uint32_t chain;        /* next in the bucket */
    uint32_t older, newer; /* by last use */
};

struct lineage {
    struct process *at;
    uint32_t *bucket;
    uint32_t n, cap, mask;
    uint32_t oldest, newest;
    uint64_t seed;
    int calls[MACHINES][N_CALLS]; /* numbers; -1: that machine has no such call */
    bool known[MACHINES];
};

struct lineage *lineage_new(size_t processes)
{
    struct lineage *l = mem_calloc(1, sizeof(*l));
    size_t buckets = 1;

    l->cap = processes < NONE / 4 ? (uint32_t)processes : NONE / 4;
    l->oldest = l->newest = NONE;
    if (l->cap == 0)
        return l;
    while (buckets < l->cap)
        buckets *= 2;
    l->at = mem_calloc(l->cap, sizeof(*l->at));
    l->bucket = mem_alloc(buckets * sizeof(*l->bucket));
    memset(l->bucket, 0xff, buckets * sizeof(*l->bucket)); /* NONE */
    l->mask = (uint32_t)(buckets - 1);
    /* Node names come from outside; the seed keeps an attacker from choosing colliding ones. */
    if (getrandom(&l->seed, sizeof(l->seed), GRND_NONBLOCK) != sizeof(l->seed))
        l->seed = (uint64_t)(uintptr_t)l;
    return l;
}

void lineage_free(struct lineage *l)
{
    if (!l)
        return;
    for (uint32_t i = 0; i < l->n; i++)
        free(l->at[i].exe);
    free(l->at);
    free(l->bucket);
    free(l);
}

size_t lineage_size(const struct lineage *l)
{
    return l->cap;
}

/* -- the memory -------------------------------------------------------------------------------- */

static uint32_t *bucket_of(struct lineage *l, uint64_t node, uint32_t pid)
{
    uint64_t h = (node ^ pid) * UINT64_C(0x9e3779b97f4a7c15);

    return &l->bucket[(h >> 32) & l->mask];
}

static void unlink_use(struct lineage *l, uint32_t i)
{
    struct process *p = &l->at[i];

    *(p->older != NONE ? &l->at[p->older].newer : &l->oldest) = p->newer;
    *(p->newer != NONE ? &l->at[p->newer].older : &l->newest) = p->older;
}

static void link_newest(struct lineage *l, uint32_t i)
{
    struct process *p = &l->at[i];

    p->older = l->newest;
    p->newer = NONE;
    *(l->newest != NONE ? &l->at[l->newest].newer : &l->oldest) = i;
    l->newest = i;
}

static struct process *find(struct lineage *l, uint64_t node, uint32_t pid)
{
    uint32_t i = *bucket_of(l, node, pid);

    while (i != NONE && (l->at[i].pid != pid || l->at[i].node != node))
        i = l->at[i].chain;
    if (i == NONE)
        return NULL;
    if (i != l->newest) {
        unlink_use(l, i);
        link_newest(l, i);
    }
    return &l->at[i];
}

/* A process of which only the first event is known. */
static void begin(struct process *p, const struct stamp *start)
{
    p->start = *start;
    p->ppid = 0;
    p->pending = false;
    p->gone = false;
    p->comm_len = 0;
    p->exe_len = 0;
}

static struct process *find_or_add(struct lineage *l, uint64_t node, uint32_t pid,
                                   const struct stamp *now)
{
    struct process *p = find(l, node, pid);
    uint32_t i, *link;

    if (p) {
        if (p->gone)
            begin(p, now);
        return p;
    }
    if (l->n < l->cap) {
        i = l->n++;
    } else {
        i = l->oldest;
        unlink_use(l, i);
        for (link = bucket_of(l, l->at[i].node, l->at[i].pid); *link != i;)
            link = &l->at[*link].chain;
        *link = l->at[i].chain;
    }
    p = &l->at[i];
    p->node = node;
    p->pid = pid;
    begin(p, now);
    link = bucket_of(l, node, pid);
    p->chain = *link;
    *link = i;
    link_newest(l, i);
    return p;
}

/* -- what a record says ------------------------------------------------------------------------ */

static uint32_t pid_field(const struct event_record *rec, enum event_name name)
{
    uint64_t n;

    if (!event_field_number(event_field(rec, name), 10, &n) || n > INT_MAX)
        return 0;
    return (uint32_t)n;
}

static const struct event_record *subject_of(const struct event *ev)
{
    const struct event_record *first = NULL;

    for (size_t i = 0; i < ev->n_records; i++) {
        if (ev->records[i].type == AUDIT_SYSCALL)
            return &ev->records[i];
        if (!first && ev->records[i].type != AUDIT_EOE)
            first = &ev->records[i];
    }
    return first;
}

static enum call call_of(struct lineage *l, const struct event_record *rec)
{
    uint64_t arch, number;
    int machine;

    if (rec->type != AUDIT_SYSCALL ||
        !event_field_number(event_field(rec, EVENT_NAME_arch), 16, &arch) || arch > UINT_MAX ||
        !event_field_number(event_field(rec, EVENT_NAME_syscall), 10, &number) || number > INT_MAX)
        return CALL_OTHER;
    machine = audit_elf_to_machine((unsigned)arch);
    if (machine < 0 || machine >= MACHINES)
        return CALL_OTHER;
    if (!l->known[machine]) {
        for (size_t i = 0; i < N_CALLS; i++)
            l->calls[machine][i] = audit_name_to_syscall(call_names[i].name, machine);
        l->known[machine] = true;
    }
    for (size_t i = 0; i < N_CALLS; i++) {
        if (l->calls[machine][i] == (int)number)
            return call_names[i].call;
    }
    return CALL_OTHER;
}

static bool same(const char *known, size_t known_len, const struct event_field *f)
{
    return f && known_len == f->value_len && memcmp(known, f->value, known_len) == 0;
}

static void set_comm(struct process *p, const struct event_field *f)
{
    if (!f)
        return;
    p->comm_len = f->value_len <= LINEAGE_COMM_MAX ? (uint8_t)f->value_len : 0;
    memcpy(p->comm, f->value, p->comm_len);
}

static void set_exe(struct process *p, const struct event_field *f)
{
    if (!f || same(p->exe, p->exe_len, f))
        return;
    p->exe_len = 0;
    if (f->value_len > LINEAGE_EXE_MAX)
        return;
    if (f->value_len > p->exe_cap) {
        p->exe_cap = (uint16_t)((f->value_len + 31) & ~31u);
        p->exe = mem_realloc(p->exe, p->exe_cap);
    }
    memcpy(p->exe, f->value, f->value_len);
    p->exe_len = (uint16_t)f->value_len;
}

/* Is the process of the record the one that is remembered under its pid? */
static void check_identity(struct process *p, uint32_t ppid, const struct event_field *exe,
                           enum call call, const struct stamp *now)
{
    if (p->pending) {
        struct stamp cloned = p->cloned;

        p->pending = false;
        if (ppid == p->cloner)
            begin(p, &cloned);
    } else if (p->ppid && p->ppid != ppid && call != CALL_EXEC && p->exe_len &&
               !same(p->exe, p->exe_len, exe)) {
        begin(p, now); /* different parent and program without an exec: the pid was reused */
    }
}

static void learn_child(struct lineage *l, uint64_t node, const struct process *parent,
                        const struct event_record *rec, const struct stamp *now)
{
    uint32_t child = pid_field(rec, EVENT_NAME_exit), cloner = parent->pid;
    struct process *p;

    if (!child || child == cloner)
        return;
    p = find_or_add(l, node, child, now);
    p->pending = true;
    p->cloned = *now;
    p->cloner = cloner;
}

/* The target of a signal or of ptrace. */
static void learn_objects(struct lineage *l, uint64_t node, const struct event *ev,
                          const struct stamp *now)
{
    for (size_t i = 0; i < ev->n_records; i++) {
        const struct event_record *rec = &ev->records[i];
        uint32_t pid = rec->type == AUDIT_OBJ_PID ? pid_field(rec, EVENT_NAME_opid) : 0;
        const struct event_field *comm = pid ? event_field(rec, EVENT_NAME_ocomm) : NULL;

        if (comm)
            set_comm(find_or_add(l, node, pid, now), comm);
    }
}

static bool is_success(const struct event_record *rec)
{
    const struct event_field *f = event_field(rec, EVENT_NAME_success);

    return f && f->value_len == 3 && memcmp(f->value, "yes", 3) == 0;
}

/* -- what is known ----------------------------------------------------------------------------- */

static void add(struct event_lineage *ret, const struct process *p)
{
    ret->process[ret->n++] = (struct event_process){.pid = p->pid,
                                                    .start_sec = p->start.sec,
                                                    .start_ms = p->start.ms,
                                                    .start_serial = p->start.serial,
                                                    .comm = p->comm_len ? p->comm : NULL,
                                                    .comm_len = p->comm_len,
                                                    .exe = p->exe_len ? p->exe : NULL,
                                                    .exe_len = p->exe_len};
}

static void follow(struct lineage *l, const struct process *p, struct event_lineage *ret)
{
    uint64_t node = p->node;

    add(ret, p);
    while (ret->n < EVENT_LINEAGE_MAX && p->ppid && p->ppid != p->pid) {
        p = find(l, node, p->ppid);
        if (!p || p->gone || p->pending)
            return;
        add(ret, p);
    }
}

void lineage_take(struct lineage *l, const struct event *ev, struct event_lineage *ret)
{
    const struct event_record *rec = subject_of(ev);
    const struct stamp now = {.sec = ev->sec, .serial = ev->serial, .ms = ev->ms};
    uint32_t pid, ppid;
    uint64_t node;
    enum call call;
    struct process *p;

    ret->n = 0;
    if (!rec || l->cap == 0)
        return;
    node = XXH3_64bits_withSeed(ev->node, ev->node ? ev->node_len : 0, l->seed);
    learn_objects(l, node, ev, &now);
    pid = pid_field(rec, EVENT_NAME_pid);
    if (!pid)
        return;
    call = call_of(l, rec);
    ppid = pid_field(rec, EVENT_NAME_ppid);
    if (!ppid)
        ppid = pid_field(rec, EVENT_NAME_parent); /* AppArmor of older kernels */
    p = find_or_add(l, node, pid, &now);
    if (ppid) {
        check_identity(p, ppid, event_field(rec, EVENT_NAME_exe), call, &now);
        p->ppid = ppid;
    }
    set_comm(p, event_field(rec, EVENT_NAME_comm));
    set_exe(p, event_field(rec, EVENT_NAME_exe));
    if (call == CALL_CLONE && is_success(rec) && l->cap > 1) {
        learn_child(l, node, p, rec, &now);
        p = find(l, node, pid);
    }
    if (call == CALL_EXIT)
        p->gone = true;
    follow(l, p, ret);
}
