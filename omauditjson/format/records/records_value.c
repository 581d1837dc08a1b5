/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "format/records/records_value.h"

#include <libaudit.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "format/words.h"

#define UNSET 4294967295u
#define LOOK_AHEAD 8

enum kind {
    KIND_PLAIN,
    KIND_USER,
    KIND_SESSION,
    KIND_ARCH,
    KIND_SYSCALL,
    KIND_EXIT,
    KIND_MODE,
    KIND_SADDR,
    KIND_SUCCESS,
    KIND_SIGNAL,
    KIND_LIST,
    KIND_TITLE,
    KIND_SECCOMP,
    KIND_KEYS,
};

/* Names that event/field_names.def may or may not have. */
static const struct {
    const char *name;
    size_t len;
    enum kind kind;
} others[] = {
#define OTHER(name, kind)            \
    {                                \
        name, sizeof(name) - 1, kind \
    }
    OTHER("list", KIND_LIST),      OTHER("sauid", KIND_USER),   OTHER("oauid", KIND_USER),
    OTHER("old-auid", KIND_USER),  OTHER("obj_uid", KIND_USER), OTHER("iuid", KIND_USER),
    OTHER("inode_uid", KIND_USER), OTHER("oses", KIND_SESSION), OTHER("old-ses", KIND_SESSION),
    OTHER("result", KIND_SUCCESS),
#undef OTHER
};

static enum kind kind_of(const struct event_record *rec, const struct event_field *f)
{
    switch (f->id) {
    case EVENT_NAME_auid:
    case EVENT_NAME_uid:
    case EVENT_NAME_euid:
    case EVENT_NAME_suid:
    case EVENT_NAME_fsuid:
    case EVENT_NAME_ouid:
        return KIND_USER;
    case EVENT_NAME_ses:
        return KIND_SESSION;
    case EVENT_NAME_arch:
        return KIND_ARCH;
    case EVENT_NAME_syscall:
        return KIND_SYSCALL;
    case EVENT_NAME_exit:
    case EVENT_NAME_error:
        return KIND_EXIT;
    case EVENT_NAME_sig:
        return KIND_SIGNAL;
    case EVENT_NAME_code:
        return rec->type == AUDIT_SECCOMP ? KIND_SECCOMP : KIND_PLAIN;
    case EVENT_NAME_key:
        return KIND_KEYS;
    case EVENT_NAME_mode:
        return KIND_MODE;
    case EVENT_NAME_saddr:
        return KIND_SADDR;
    case EVENT_NAME_res:
        return KIND_SUCCESS;
    case EVENT_NAME_proctitle:
        return KIND_TITLE;
    default:
        break;
    }
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        if (others[i].len == f->name_len && others[i].name[0] == f->name[0] &&
            memcmp(others[i].name, f->name, f->name_len) == 0)
            return others[i].kind;
    }
    return KIND_PLAIN;
}

static bool set(struct records_value *ret, const char *text)
{
    if (!text)
        return false;
    ret->p = text;
    ret->len = strlen(text);
    return true;
}

/* Is that the field's name in upper case? */
static bool is_upper_of(const struct records_field *word, const struct event_field *f)
{
    if (word->name_len != f->name_len)
        return false;
    for (size_t i = 0; i < f->name_len; i++) {
        char c = f->name[i];

        if (word->name[i] != (c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c))
            return false;
    }
    return true;
}

/* auditd's own word, under the field's name in upper case. "unknown(1234)" says nothing. */
static bool from_auditd(const struct records_part *enriched, const struct event_field *f,
                        uint32_t nth, struct records_value *ret)
{
    const char *p, *stop;
    size_t n;

    for (size_t i = 0; i < enriched->n && nth == 1; i++) {
        if (!is_upper_of(&enriched->fields[i], f))
            continue;
        p = enriched->fields[i].value;
        n = enriched->fields[i].value_len;
        if (n > 0 && *p == '"') {
            p++;
            n--;
            stop = memchr(p, '"', n);
        } else {
            stop = memchr(p, ' ', n);
        }
        n = stop ? (size_t)(stop - p) : n;
        ret->p = p;
        ret->len = n;
        return n > 0 && !memchr(p, '(', n);
    }
    return false;
}

static bool user(struct records_values *v, const struct event_field *f, struct records_value *ret)
{
    uint64_t uid;

    if (f->value_len == 2 && memcmp(f->value, "-1", 2) == 0)
        uid = UNSET;
    else if (!event_field_number(f, 10, &uid) || uid > UNSET)
        return false;
    return set(ret, uid == UNSET ? "unset" : names_user(v->names, (uint32_t)uid, clock_mono_ms()));
}

static bool session(const struct event_field *f, struct records_value *ret)
{
    uint64_t n;

    return event_field_number(f, 10, &n) && n == UNSET && set(ret, "unset");
}

/* "0100644": file,644, as ausearch has it */
static bool mode(struct records_values *v, const struct event_field *f, struct records_value *ret)
{
    uint64_t n;
    const char *type;

    if (!event_field_number(f, 8, &n) || n > 0177777)
        return false;
    type = audit_ftype_to_name((int)(n & S_IFMT));
    if (!type)
        return false;
    snprintf(v->own, sizeof(v->own), "%s%s%s%s,%03o", type, n & S_ISUID ? ",suid" : "",
             n & S_ISGID ? ",sgid" : "", n & S_ISVTX ? ",sticky" : "", (unsigned)(n & 0777));
    return set(ret, v->own);
}

static bool address(struct records_values *v, const struct event_field *f, uint64_t arch,
                    struct records_value *ret)
{
    const struct sockaddr_text *a = &v->addr;

    if (!sockaddr_decode(f->value, f->value_len, arch && syscalls_big_endian(arch), &v->addr))
        return false;
    snprintf(v->own, sizeof(v->own), "{ saddr_fam=%s%s%s%s%s%s%s%s%s%s%s%s", a->family,
             a->address[0] ? " laddr=" : "", a->address, a->scope[0] ? "%" : "", a->scope,
             a->pid[0] ? " nlnk-pid=" : "", a->pid, a->cid[0] ? " cid=" : "", a->cid,
             !a->port[0] ? ""
             : a->cid[0] ? " port="
                         : " lport=",
             a->port, a->path ? " path=" : "");
    set(ret, v->own);
    if (a->path) {
        ret->more = a->path;
        ret->more_len = a->path_len;
    }
    ret->end = " }";
    return true;
}

static bool success(const struct event_field *f, struct records_value *ret)
{
    uint64_t n;

    return event_field_number(f, 10, &n) && n <= 1 && set(ret, n ? "yes" : "no");
}

static bool list(const struct event_field *f, struct records_value *ret)
{
    uint64_t n;

    return event_field_number(f, 10, &n) && n <= 16 && set(ret, audit_flag_to_name((int)n));
}

static bool own(struct records_values *v, const struct event_record *rec,
                const struct records_part *enriched, const struct event_field *f, uint32_t nth,
                uint64_t arch, struct records_value *ret)
{
    uint64_t n;

    switch (kind_of(rec, f)) {
    case KIND_USER:
        return from_auditd(enriched, f, nth, ret) || user(v, f, ret);
    case KIND_SESSION:
        return session(f, ret);
    case KIND_ARCH:
        return event_field_number(f, 16, &n) && set(ret, syscalls_arch_name(n));
    case KIND_SYSCALL:
        return (arch && event_field_number(f, 10, &n) &&
                set(ret, syscalls_find(v->syscalls, arch, n).name)) ||
               from_auditd(enriched, f, nth, ret);
    case KIND_EXIT:
        return set(ret, words_error(f));
    case KIND_MODE:
        return mode(v, f, ret);
    case KIND_SADDR:
        return address(v, f, arch, ret);
    case KIND_SUCCESS:
        return success(f, ret);
    case KIND_SIGNAL:
        return set(ret, words_signal(f));
    case KIND_SECCOMP:
        return set(ret, words_seccomp(f));
    case KIND_KEYS:
        ret->is_list =
            f->flags & EVENT_FIELD_DECODED && memchr(f->value, AUDIT_KEY_SEPARATOR, f->value_len);
        return true;
    case KIND_LIST:
        return list(f, ret);
    case KIND_TITLE:
        ret->nul_blank = f->flags & EVENT_FIELD_DECODED;
        while (ret->len > 0 && ret->p[ret->len - 1] == '\0')
            ret->len--;
        return true;
    case KIND_PLAIN:
        break;
    }
    return !(f->flags & (EVENT_FIELD_QUOTED | EVENT_FIELD_DECODED)) &&
           from_auditd(enriched, f, nth, ret);
}

void records_value(struct records_values *v, const struct event_record *rec,
                   const struct records_part *enriched, const struct event_field *f, uint32_t nth,
                   uint64_t arch, struct records_value *ret)
{
    const struct records_value plain = {.p = f->value, .len = f->value_len, .end = ""};

    *ret = plain;
    /* What a program wrote is text, whatever it calls it; auditd's names are for the record's own
     * fields, but for the id of the account. */
    if (f->flags & EVENT_FIELD_NESTED) {
        if (f->id == EVENT_NAME_id && !from_auditd(enriched, f, nth, ret))
            *ret = plain;
        return;
    }
    if (!own(v, rec, enriched, f, nth, arch, ret))
        *ret = plain;
}

bool records_value_is(const struct records_value *v, const struct records_field *raw)
{
    size_t end = strlen(v->end);

    return raw->value_len == v->len + v->more_len + end && !v->nul_blank &&
           memcmp(raw->value, v->p, v->len) == 0 &&
           (!v->more_len || memcmp(raw->value + v->len, v->more, v->more_len) == 0) &&
           memcmp(raw->value + v->len + v->more_len, v->end, end) == 0;
}

const struct records_field *records_value_raw(const struct records_part *part,
                                              const struct event_field *f, uint32_t nth, size_t *at)
{
    for (size_t i = *at; i < part->n && i < *at + LOOK_AHEAD; i++) {
        const struct records_field *raw = &part->fields[i];

        if (raw->name_len == f->name_len && raw->nth == nth &&
            memcmp(raw->name, f->name, f->name_len) == 0) {
            *at = i + 1;
            return raw;
        }
    }
    return NULL;
}

bool records_value_is_name(const struct records_value *v, const struct event_field *f)
{
    return v->p != f->value && !v->more_len && !*v->end &&
           (v->len != f->value_len || memcmp(v->p, f->value, v->len) != 0);
}

uint64_t records_value_arch(const struct event_record *rec, const struct event_field *of_event)
{
    const struct event_field *f = event_field(rec, EVENT_NAME_arch);
    uint64_t arch = 0;

    return event_field_number(f ? f : of_event, 16, &arch) ? arch : 0;
}
