/* SPDX-License-Identifier: Apache-2.0 */
/* Each rule is a thing that kernel and auditd always do:
 * - a quoted value has its closing quote: what would break out of it is written in hexadecimal
 *   [audit_log_n_untrustedstring()];
 * - a user's text stands in msg='...', and the kernel itself writes the last quote, whatever the
 *   text is [audit_receive_msg()];
 * - an encoded string has two digits for each byte; in the types below nothing stands behind it;
 * - no record of auditd is as long as CUTOFF_STANZA (8,970 bytes and the node), and the kernel
 *   begins a new EXECVE record at 7,500 bytes [audit_log_execve_info()]. */
#include "config.h"
#include "input/cutoff.h"

#include <libaudit.h>
#include <string.h>

/* The end is within NAME="...: the first quote behind =" closes it. Most records are done with at
 * their last quote: one that does not stand behind = has closed a value. */
static bool ends_in_quotes(const char *p, const char *end)
{
    const char *last = memrchr(p, '"', (size_t)(end - p));

    if (!last || last == p || last[-1] != '=')
        return false;
    while ((p = memmem(p, (size_t)(end - p), "=\"", 2)) != NULL) {
        p = memchr(p + 2, '"', (size_t)(end - p - 2));
        if (!p)
            return true;
        p++;
    }
    return false;
}

/* Behind msg=', or NULL. */
static const char *user_text(const char *p, const char *end)
{
    static const char mark[] = "msg='";
    const char *at = memmem(p, (size_t)(end - p), mark, sizeof(mark) - 1);

    return at && (at == p || at[-1] == ' ') ? at + sizeof(mark) - 1 : NULL;
}

/* UID="root" at the end: auditd has put the names it knew behind the record, so it had all of it.
 * Some relays drop the quote before them, and the separator. */
static bool ends_enriched(const char *p, const char *end)
{
    const char *quote;

    if (end[-1] != '"')
        return false;
    quote = memrchr(p, '"', (size_t)(end - 1 - p));
    return quote && quote - p >= 2 && quote[-1] == '=' && quote[-2] >= 'A' && quote[-2] <= 'Z';
}

/* The end is within what the kernel quotes. Of a user's text only its first quote and the last one
 * are the kernel's, so there must be another one, wherever. */
static bool ends_in_kernels_quotes(const char *body, const char *end)
{
    const char *text;

    if (!memrchr(body, '\'', (size_t)(end - body)))
        return ends_in_quotes(body, end);
    text = user_text(body, end);
    if (!text)
        return ends_in_quotes(body, end);
    return !memchr(text, '\'', (size_t)(end - text)) && !ends_enriched(text, end);
}

/* The types whose last field may be an encoded string and is no number. */
static bool ends_with_string(int type)
{
    return type == AUDIT_EXECVE || type == AUDIT_PROCTITLE || type == AUDIT_CWD;
}

static bool is_hex(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F');
}

/* NAME=DIGITS with an odd number of them; argc= and the lengths of EXECVE are numbers. */
static bool ends_in_half_a_byte(const char *body, const char *end)
{
    const char *p = end, *name;

    while (p > body && is_hex(p[-1]))
        p--;
    if ((end - p) % 2 == 0 || p == body || p[-1] != '=')
        return false;
    for (name = --p; name > body && name[-1] != ' '; name--)
        ;
    return !memmem(name, (size_t)(p - name), "argc", 4) &&
           !memmem(name, (size_t)(p - name), "_len", 4);
}

bool cutoff_before(const struct record *rec, size_t line_len)
{
    const char *body = rec->line + rec->body;
    const char *raw_end = rec->line + rec->raw_len;
    const char *end = rec->line + rec->len;

    if (line_len == CUTOFF_STANZA)
        return true;
    if (rec->type == AUDIT_EXECVE && line_len == CUTOFF_DEFAULT)
        return true;
    if (ends_in_kernels_quotes(body, raw_end))
        return true;
    if (raw_end < end)
        return ends_in_quotes(raw_end, end);
    return ends_with_string(rec->type) && ends_in_half_a_byte(body, end);
}

uint32_t cutoff_of(const struct record *rec, size_t line_len, size_t cut)
{
    if (cut)
        return cut < CUTOFF_BYTES ? (uint32_t)cut : CUTOFF_BYTES;
    return cutoff_before(rec, line_len) ? CUTOFF_BEFORE : 0;
}
