/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "event/fields_special.h"

#include <libaudit.h>
#include <string.h>

#include "event/decode.h"

static void skip_for(struct fields_region *r)
{
    while (r->p < r->end && is_blank(*r->p))
        r->p++;
    if (r->end - r->p > 4 && memcmp(r->p, "for ", 4) == 0)
        r->p += 4;
}

/* "avc:  denied  { read write } for ": fields seresult=denied seperms=read,write; "null" stands for
 * no permission.
 * [security/selinux/avc.c, avc_audit_pre_callback(); user space: libselinux's avc_log()] */
bool fields_special_selinux(struct fields_region *r, struct fields_selinux *ret)
{
    char *p = r->p, *result, *perms, *close, *out;
    size_t n;

    while (p < r->end && is_blank(*p))
        p++;
    if (r->end - p < 4 || memcmp(p, "avc:", 4) != 0)
        return false;
    p += 4;
    while (p < r->end && is_blank(*p))
        p++;
    result = p;
    while (p < r->end && !is_blank(*p))
        p++;
    n = (size_t)(p - result);
    while (p < r->end && is_blank(*p))
        p++;
    if (r->end - p > 4 && memcmp(p, "null", 4) == 0 && is_blank(p[4])) {
        *ret = (struct fields_selinux){result, p, n, 4};
        r->p = p + 4;
        skip_for(r);
        return true;
    }
    if (p == r->end || *p != '{')
        return false;
    perms = out = p + 1;
    close = memchr(perms, '}', (size_t)(r->end - perms));
    if (!close)
        return false;
    for (p = perms; p < close; p++) {
        if (!is_blank(*p))
            *out++ = *p;
        else if (out > perms && out[-1] != ',')
            *out++ = ',';
    }
    if (out > perms && out[-1] == ',')
        out--;
    *ret = (struct fields_selinux){result, perms, n, (size_t)(out - perms)};
    r->p = close + 1;
    skip_for(r);
    return true;
}

/* Old kernels write "login pid=1 uid=0 old auid=5 new auid=6"; later ones old-auid and auid. */
bool fields_special_old_login(struct fields_region *r)
{
    char *word = r->p, *p = word + 4;

    if (r->type != AUDIT_LOGIN || r->flags || r->end - word < 5 || !is_name_start(*p))
        return false;
    while (p < r->end && is_name(*p))
        p++;
    if (p == r->end || *p != '=')
        return false;
    if (memcmp(word, "old ", 4) == 0)
        word[3] = '-';
    else if (memcmp(word, "new ", 4) == 0)
        r->p = word + 4;
    else
        return false;
    return true;
}

/* The device mapper's error_msg='...', which may hold anything [drivers/md/dm-audit.c]. */
char *fields_special_apostrophe(struct fields_region *r, char *p)
{
    char *last;

    if (r->had_apostrophes || r->flags || p >= r->end || *p != '\'')
        return NULL;
    r->had_apostrophes = true;
    last = memrchr(p + 1, '\'', (size_t)(r->end - p - 1));
    return last && (last + 1 == r->end || is_blank(last[1])) ? last : NULL;
}

/* "op=make_equiv old=PATH new=PATH": elsewhere old and new are numbers
 * [kernel/auditfilter.c, audit_receive: AUDIT_MAKE_EQUIV]. */
void fields_special_equivalence(struct event_field *fields, size_t n)
{
    static const char make_equiv[] = "make_equiv";
    bool is_one = false;

    for (size_t i = 0; i < n; i++) {
        struct event_field *fl = &fields[i];
        size_t len;

        if (fl->id == EVENT_NAME_op)
            is_one = fl->value_len == sizeof(make_equiv) - 1 &&
                     memcmp(fl->value, make_equiv, fl->value_len) == 0;
        if (!is_one || fl->flags || (fl->id != EVENT_NAME_old && fl->id != EVENT_NAME_new))
            continue;
        len = decode_hex((char *)(uintptr_t)fl->value, fl->value_len);
        if (len == SIZE_MAX)
            continue;
        fl->value_len = (uint32_t)len;
        fl->flags |= EVENT_FIELD_DECODED;
    }
}
