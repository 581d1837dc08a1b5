/* SPDX-License-Identifier: Apache-2.0 */
/* An index over an event for the formats: the role of each record, the syscall, the address.
 * Borrows everything from the event; owns nothing. */
#ifndef OMAUDITJSON_FORMAT_VIEW_H
#define OMAUDITJSON_FORMAT_VIEW_H

#include "event/event.h"
#include "format/sockaddr.h"
#include "format/syscalls.h"

/* Stands for a record that the event does not have; has no fields. */
extern const struct event_record view_no_record;

/* Whose address a SOCKADDR record has: the system call tells. */
enum view_addr {
    VIEW_ADDR_UNKNOWN,
    VIEW_ADDR_TO,   /* whom it goes to */
    VIEW_ADDR_FROM, /* where it comes from */
    VIEW_ADDR_OWN,  /* our own */
};

struct view {
    const struct event *ev;
    const struct event_record *first;   /* that is no EOE */
    const struct event_record *subject; /* SYSCALL, else URINGOP, else first */
    const struct event_record *syscall;
    const struct event_record *socket; /* SYSCALL, when it is socket or socketpair */
    const struct event_record *execve;
    const struct event_record *cwd;
    const struct event_record *path; /* the one of the compatible keys */
    const struct event_record *proctitle;
    const struct event_record *sockaddr;
    const struct event_record *promiscuous;
    const struct event_record *apparmor;
    const struct event_record *selinux;
    const struct event_record *user; /* has msg='...', or an op or res of its own */
    const struct event_record *module;
    const struct event_record *object_pid;
    const struct event_record *packet; /* has addresses of its own: saddr, daddr, laddr ... */
    bool selinux_repeats; /* there are more records with a decision of SELinux than `selinux` */
    size_t n_paths;
    bool user_repeats; /* there are more records of the type of `user` */

    const struct event_field *arch; /* NULL: none */
    const char *arch_name;          /* NULL: unknown; NUL-terminated */
    char arch_text[32];             /* arch_name's memory when it is auditd's */
    const char *syscall_name;       /* the number where it has no name; NULL: no syscall */
    size_t syscall_name_len;
    bool syscall_named;
    const char *call_name; /* the same, but of socketcall and ipc the call that it is */
    size_t call_name_len;
    const struct syscall_row *row; /* NULL: none of its own */
    bool opens_for_writing;

    bool has_addr;
    enum view_addr addr_is;
    struct sockaddr_text addr;
};

/* event_field(), without a call where the record's fields are indexed. */
static inline const struct event_field *view_field(const struct event_record *rec,
                                                   enum event_name name)
{
    const struct event_field *f;

    if (!rec->by_name)
        return event_field(rec, name);
    if (rec->by_name[name] == 0)
        return NULL;
    f = &rec->fields[rec->by_name[name] - 1];
    return event_field_is_missing(f) ? NULL : f;
}

void view_init(struct view *v, struct syscalls *s, const struct event *ev);

/* Is the event one that audisp-json sent or meant to send? */
bool view_is_audisp(const struct view *v);

/* A field of a record, of its msg='...' first. */
const struct event_field *view_any_field(const struct event_record *rec, enum event_name name);

/* The same, of the record's own fields first. */
const struct event_field *view_own_field(const struct event_record *rec, enum event_name name);

/* A field of the program's record: from its msg='...', else its own. */
static inline const struct event_field *view_user_field(const struct view *v, enum event_name name)
{
    return v->user == &view_no_record ? NULL : view_any_field(v->user, name);
}

/* A field of the SELinux record, the kernel's or a program's. */
static inline const struct event_field *view_selinux_field(const struct view *v,
                                                           enum event_name name)
{
    return v->selinux == &view_no_record ? NULL : view_own_field(v->selinux, name);
}

/* The process's title without the NULs at its end; NULL: none. */
const struct event_field *view_proctitle(const struct view *v, size_t *ret_len);

/* A connect that does not wait: it goes on, and is no failure. */
bool view_in_progress(const struct view *v);

/* A record's type in lower case; characters that are no letter, digit, '-' become '_'. Returns the
 * length, at most size. */
size_t view_type_word(const struct event_record *rec, char *out, size_t size);

#endif
