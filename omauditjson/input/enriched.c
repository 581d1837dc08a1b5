/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "input/enriched.h"

#include <string.h>

#define NAME_MAX_LEN 31
#define TOKENS_MAX 64 /* auditd appends at most one name for each uid and gid of a record */

/* What the separator has been seen as, or some program would write for it. */
static const char *const escapes[] = {
    "#035", "\\035", "\\x1d", "\\x1D", "\\u001d", "\\u001D", "#x1d",         "#x1D",         "%1d",
    "%1D",  "<GS>",  "<gs>",  "<1d>",  "<1D>",    "^]",      "\xe2\x90\x9d", "\xef\xbf\xbd",
};

/* Fields of the types that auditd interprets [audit-userspace, src/auditd-event.c, format_enrich();
 * auparse/typetab.h]; NEW-... and OLD-... besides. */
static const char *const names[] = {
    "ARCH",    "SYSCALL", "AUID",      "UID",       "GID",      "EUID",      "SUID",
    "FSUID",   "EGID",    "SGID",      "FSGID",     "OUID",     "OGID",      "SADDR",
    "OAUID",   "ID",      "SAUID",     "IUID",      "IGID",     "INODE_UID", "INODE_GID",
    "OBJ_UID", "OBJ_GID", "OWNER_UID", "OWNER_GID", "URING_OP", "ACCT",
};

struct token {
    const char *name;
    size_t len;
};

static bool is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

static bool is_name(char c)
{
    return is_upper(c) || c == '_' || c == '-';
}

static bool is_known(const char *p, size_t len)
{
    if (len > 4 && (memcmp(p, "NEW", 3) == 0 || memcmp(p, "OLD", 3) == 0) &&
        (p[3] == '-' || p[3] == '_'))
        return true;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strlen(names[i]) == len && memcmp(names[i], p, len) == 0)
            return true;
    }
    return false;
}

/* Whether a place is inside a quoted value, from the body's start on. A process may call itself
 * "#035UID=0", but nothing that the kernel or libaudit writes between quotes has a quote in it, so
 * it can't get out of them. msg='...' that is never closed lost its apostrophe with the separator.
 */
struct quotes {
    const char *body;
    const char *last_apostrophe; /* NULL: none */
    bool in_double, in_msg;
};

static struct quotes quotes_of(const char *body, size_t len)
{
    return (struct quotes){.body = body, .last_apostrophe = memrchr(body, '\'', len)};
}

static inline void quotes_pass(struct quotes *q, const char *p)
{
    if (*p == '"')
        q->in_double = !q->in_double;
    else if (*p == '\'' && q->in_msg && !q->in_double)
        q->in_msg = false;
    else if (*p == '\'' && p - q->body >= 4 && memcmp(p - 4, "msg=", 4) == 0 && !q->in_double)
        q->in_msg = true;
}

static inline bool quotes_around(const struct quotes *q, const char *p)
{
    return q->in_double || (q->in_msg && q->last_apostrophe >= p);
}

/* The equals sign of the token that ends at end, or NULL. Only the line's last token may be cut. */
static const char *equals_before(const char *body, const char *end, bool is_last)
{
    const char *p = NULL;

    if (end == body)
        return NULL;
    if (end[-1] == '"') {
        p = memrchr(body, '"', (size_t)(end - 1 - body));
        if (!p && is_last)
            p = end - 1;
        if (p && is_last && (p == body || p[-1] != '='))
            p = end - 1; /* NAME=" is the end */
    } else if (end[-1] == '}') {
        p = memrchr(body, '{', (size_t)(end - body));
    }
    if (p)
        return p > body && p[-1] == '=' ? p - 1 : NULL;
    p = memrchr(body, '=', (size_t)(end - body));
    if (!p)
        return NULL;
    for (const char *v = p + 1; v < end; v++) {
        /* a quote may open the last value, a blank be within it then */
        if (*v == '\'' || (*v == '"' && !(is_last && v == p + 1)) ||
            (*v == ' ' && !(is_last && p[1] == '"')))
            return NULL;
    }
    return p;
}

/* Where a field of that name, in lower case, begins in [p..end), or NULL. */
static const char *find_field(const char *p, const char *end, const struct token *t)
{
    char lower[NAME_MAX_LEN + 1];
    size_t n = t->len;

    if (n > NAME_MAX_LEN)
        return NULL;
    for (size_t i = 0; i < n; i++)
        lower[i] = is_upper(t->name[i]) ? (char)(t->name[i] - 'A' + 'a') : t->name[i];
    lower[n++] = '=';
    for (const char *from = p; (p = memmem(p, (size_t)(end - p), lower, n)) != NULL; p++) {
        if (p == from || p[-1] == ' ' || p[-1] == '\'' || p[-1] == '(' || p[-1] == ',')
            return p;
    }
    return NULL;
}

/* The first name may be glued to a value in capitals: NORMALOUID=. Of the names that the run ends
 * in it is the one whose field comes first. */
static bool find_first_name(const char *body, struct token *t)
{
    const char *end = t->name + t->len, *best = NULL;
    struct token first = {0};

    for (const char *p = t->len > NAME_MAX_LEN ? end - NAME_MAX_LEN : t->name; p < end; p++) {
        struct token maybe = {p, (size_t)(end - p)};
        const char *field = is_known(p, maybe.len) ? find_field(body, p, &maybe) : NULL;

        if (field && (!best || field < best)) {
            best = field;
            first = maybe;
        }
    }
    *t = first;
    return best != NULL;
}

/* Does the record have the fields, in that order? t[0] is the last of the n names. */
static bool in_order(const char *body, const char *end, const struct token *t, size_t n)
{
    const char *p = body;

    for (size_t i = n; i-- > 0; p++) {
        p = find_field(p, end, &t[i]);
        if (!p)
            return false;
    }
    return true;
}

/* What of body[0..at) is no separator. */
static size_t cut_separator(const char *body, size_t at)
{
    while (at > 0 && (body[at - 1] == ' ' || body[at - 1] == '\t'))
        at--;
    for (size_t i = 0; i < sizeof(escapes) / sizeof(escapes[0]); i++) {
        size_t n = strlen(escapes[i]);

        if (at >= n && memcmp(body + at - n, escapes[i], n) == 0)
            return at - n;
    }
    return at;
}

/* The end without what is left of one more name that was cut off. */
static const char *whole_end(const char *body, const char *end)
{
    const char *p = end;

    while (p > body && is_name(p[-1]))
        p--;
    if (p == body || p[-1] != ' ')
        return end;
    while (p > body && p[-1] == ' ')
        p--;
    return p;
}

/* From the end on: every token is auditd's, until one is not. */
static bool find_tail(const char *body, size_t len, struct enriched *ret)
{
    const char *at = whole_end(body, body + len), *first;
    struct quotes q = quotes_of(body, len);
    struct token t[TOKENS_MAX];
    size_t n = 0;

    for (;;) {
        const char *eq = equals_before(body, at, n == 0), *p = eq;

        while (p && p > body && is_name(p[-1]))
            p--;
        if (p == eq)
            break;
        if (n == TOKENS_MAX)
            return false;
        t[n++] = (struct token){p, (size_t)(eq - p)};
        at = p;
        if (!is_known(p, (size_t)(eq - p)) || p == body || p[-1] != ' ')
            break;
        at--;
    }
    if (n == 0 || !find_first_name(body, &t[n - 1]))
        return false;
    first = t[n - 1].name;
    for (const char *p = body; p < first; p++)
        quotes_pass(&q, p);
    if (quotes_around(&q, first) || !in_order(body, first, t, n))
        return false;
    ret->names = (size_t)(first - body);
    ret->raw = cut_separator(body, ret->names);
    return true;
}

/* The name SADDR, whose value has blanks and equals signs, and may be cut. */
static bool find_address(const char *body, size_t len, struct enriched *ret)
{
    static const char name[] = "SADDR={", field[] = "saddr=";
    const char *p = memmem(body, len, name, sizeof(name) - 1);

    if (!p || !memmem(body, (size_t)(p - body), field, sizeof(field) - 1))
        return false;
    ret->names = (size_t)(p - body);
    ret->raw = cut_separator(body, ret->names);
    return true;
}

/* NAME=, whatever the name: an escaped separator tells enough. */
static bool is_any_name(const char *p, const char *end)
{
    const char *start = p;

    while (p < end && is_name(*p))
        p++;
    return p > start && is_upper(*start) && p < end && *p == '=';
}

static size_t escape_at(const char *p, const char *end)
{
    for (size_t i = 0; i < sizeof(escapes) / sizeof(escapes[0]); i++) {
        size_t n = strlen(escapes[i]);

        if ((size_t)(end - p) > n && memcmp(p, escapes[i], n) == 0)
            return n;
    }
    return 0;
}

/* The first escaped separator that stands for one. */
static bool find_escaped(const char *body, size_t len, struct enriched *ret)
{
    struct quotes q = quotes_of(body, len);

    for (const char *p = body, *end = body + len; p < end; p++) {
        size_t n = 0;

        if (*p == '#' || *p == '\\' || *p == '%' || *p == '<' || *p == '^' || *p < 0)
            n = escape_at(p, end);
        if (n && is_any_name(p + n, end) && !quotes_around(&q, p)) {
            ret->raw = (size_t)(p - body);
            ret->names = ret->raw + n;
            return true;
        }
        quotes_pass(&q, p);
    }
    return false;
}

bool enriched_find(const char *body, size_t len, bool is_sockaddr, struct enriched *ret)
{
    const char *eq = memrchr(body, '=', len);

    if (!eq || eq == body)
        return false;
    if (is_sockaddr && find_address(body, len, ret))
        return true;
    return is_upper(eq[-1]) && (find_escaped(body, len, ret) || find_tail(body, len, ret));
}
