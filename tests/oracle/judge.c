/* SPDX-License-Identifier: Apache-2.0 */
/* How it is known that a record is in a document: the document's id ends in a digest of its
 * records' raw text, a sum and so free of order. The sum of all records fed for the event is tried
 * first; a document that holds only some of them (a late part) is found by trying which. */
#include "config.h"

#include "judge.h"

#include <json-c/json.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "receiver/strict.h"

#define SUBSETS_MAX 18 /* records of an event of which all subsets are tried */

void judge_differ(struct judge *j, const char *fmt, ...)
{
    va_list ap;
    if (j->differences++ >= JUDGE_SHOWN)
        return;
    (void)fputs("difference: ", stdout);
    va_start(ap, fmt);
    (void)vprintf(fmt, ap);
    va_end(ap);
    (void)putchar('\n');
}

/* -- documents ------------------------------------------------------------------------------- */

struct id {
    char node[256];
    int64_t sec;
    unsigned ms;
    uint64_t serial;
    unsigned part;
    uint64_t digest;
};

/* What is not printable is written as %XX in an id. */
static void decode_node(const char *text, size_t len, char *out)
{
    for (size_t i = 0; i < len; i++) {
        unsigned c;
        if (text[i] == '%' && i + 2 < len && sscanf(text + i + 1, "%2x", &c) == 1) {
            *out++ = (char)c;
            i += 2;
        } else {
            *out++ = text[i];
        }
    }
    *out = '\0';
}

/* NODE:SEC.MMM:SERIAL:PART:HASH16, read from its end because a node may hold colons. */
static bool parse_id(const char *text, struct id *ret)
{
    const char *colon[4];
    const char *p = text + strlen(text);
    for (int i = 3; i >= 0; i--) {
        do
            if (p-- == text)
                return false;
        while (*p != ':');
        colon[i] = p;
    }
    long long sec;
    unsigned long long serial;
    unsigned long long digest;
    int n = -1;
    if (sscanf(colon[0], ":%lld.%3u:%llu:%u:%16llx%n", &sec, &ret->ms, &serial, &ret->part, &digest,
               &n) != 5 ||
        n < 0 || colon[0][n] != '\0' || strlen(colon[3] + 1) != 16)
        return false;
    size_t node_len = (size_t)(colon[0] - text);
    if (node_len >= sizeof ret->node)
        return false;
    decode_node(text, node_len, ret->node);
    ret->sec = sec;
    ret->serial = serial;
    ret->digest = digest;
    return ret->part > 0;
}

static const char *text_of(struct json_object *o, const char *key)
{
    struct json_object *v = NULL;
    if (!json_object_object_get_ex(o, key, &v) || !json_object_is_type(v, json_type_string))
        return NULL;
    return json_object_get_string(v);
}

static bool stamp_is_right(const struct id *id, const char *stamp)
{
    char want[64];
    struct tm tm;
    time_t sec = (time_t)id->sec;
    if (stamp == NULL || gmtime_r(&sec, &tm) == NULL)
        return false;
    size_t n = strftime(want, sizeof want, "%Y-%m-%dT%H:%M:%S", &tm);
    (void)snprintf(want + n, sizeof want - n, ".%03u+00:00", id->ms);
    return strcmp(stamp, want) == 0;
}

/* An event was completed somewhere between the first of its records that may end one and its
 * last: wrong is only what is wrong wherever that was. */
static void check_order(struct judge *j, const struct ledger_event *e, const char *id)
{
    uint64_t first = e->first_end != 0 ? e->first_end : e->records[e->n_records - 1].line;
    uint64_t last = e->records[e->n_records - 1].line;
    if (j->latest_end > last)
        judge_differ(j, "%s: arrived after an event that was completed later", id);
    if (first > j->latest_end)
        j->latest_end = first;
}

/* Has it a record that could be lost and come again? */
static bool half_synced(const struct judge *j, const struct ledger_event *e)
{
    bool beyond = false;
    for (size_t i = 0; i < e->n_records; i++)
        beyond |= e->records[i].line > j->synced;
    return j->partly && beyond;
}

/* Enter one parsed document. bytes: of what was received. */
static void enter(struct judge *j, struct json_object *o, XXH128_hash_t bytes, bool dead)
{
    struct json_object *details = NULL;
    struct id id;
    (void)json_object_object_get_ex(o, "details", &details);
    const char *text = details != NULL ? text_of(details, "auditid") : NULL;
    if (text == NULL || !parse_id(text, &id)) {
        judge_differ(j, "document %llu: details.auditid is missing or not an id: %s",
                     (unsigned long long)j->arrived, text != NULL ? text : "-");
        return;
    }
    const char *count = text_of(details, "records");
    const char *serial = text_of(details, "auditserial");
    const char *complete = text_of(details, "complete");
    char serial_want[32];
    (void)snprintf(serial_want, sizeof serial_want, "%llu", (unsigned long long)id.serial);
    if (!stamp_is_right(&id, text_of(o, "timestamp")))
        judge_differ(j, "%s: timestamp does not agree with the id", text);
    if (serial == NULL || strcmp(serial, serial_want) != 0)
        judge_differ(j, "%s: details.auditserial does not agree with the id", text);

    struct ledger_event *e = ledger_find(&j->ledger, id.node, id.sec, id.ms, id.serial);
    if (e == NULL) /* a record without node= gets the name of the host */
        e = ledger_find(&j->ledger, "", id.sec, id.ms, id.serial);
    if (e == NULL) {
        judge_differ(j, "%s: no record of this event was fed", text);
        return;
    }
    for (size_t i = 0; i < e->n_docs; i++) {
        struct ledger_doc *d = &e->docs[i];
        if (strcmp(d->id, text) != 0)
            continue;
        d->times++;
        j->repeats++;
        if (!j->allow_repeats || j->exactly_once)
            judge_differ(j, "%s: came again", text);
        /* its end may be among the records that were lost: complete at first, then not */
        if (!dead && !d->dead && !XXH128_isEqual(d->bytes, bytes) && !half_synced(j, e) &&
            j->may_miss == 0)
            judge_differ(j, "%s: came again with other bytes", text);
        return;
    }
    j->documents++;
    e->docs = mem_realloc_array(e->docs, e->n_docs + 1, sizeof *e->docs);
    e->docs[e->n_docs++] = (struct ledger_doc){
        .id = mem_strdup(text),
        .part = id.part,
        .digest = id.digest,
        .records = count != NULL ? strtoull(count, NULL, 10) : 0,
        .times = 1,
        .by_end =
            complete != NULL && (strcmp(complete, "eoe") == 0 || strcmp(complete, "type") == 0),
        .dead = dead,
        .bytes = bytes,
    };
    if (j->ordered && !dead && id.part == 1 && e->docs[e->n_docs - 1].by_end)
        check_order(j, e, text);
}

void judge_document(struct judge *j, const char *doc, size_t len)
{
    const char *repeated;
    size_t repeated_len;
    size_t at;
    j->arrived++;
    const char *fault = strict_json_object(doc, len, &at, &repeated, &repeated_len);
    if (fault != NULL) {
        judge_differ(j, "document %llu, byte %zu: not valid JSON: %s",
                     (unsigned long long)j->arrived, at, fault);
        return;
    }
    if (repeated != NULL)
        judge_differ(j, "document %llu: key \"%.*s\" is there twice",
                     (unsigned long long)j->arrived, (int)repeated_len, repeated);
    CLEANUP_FREE char *copy = mem_strndup(doc, len);
    struct json_object *o = json_tokener_parse(copy);
    enter(j, o, XXH3_128bits(doc, len), false);
    json_object_put(o);
}

/* -- dead letters ---------------------------------------------------------------------------- */

static size_t decode_base64(const char *text, char *out)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    uint32_t bits = 0;
    size_t n = 0;
    int have = 0;
    for (; *text != '\0' && *text != '='; text++) {
        const char *d = strchr(digits, *text);
        if (d == NULL)
            return 0;
        bits = bits << 6 | (uint32_t)(d - digits);
        have += 6;
        if (have >= 8) {
            have -= 8;
            out[n++] = (char)(bits >> have);
        }
    }
    return n;
}

/* A line that is no record, or a record that was set aside: either counts as kept. */
static void keep_line(struct judge *j, const char *line, size_t len)
{
    struct ledger *l = &j->ledger;
    struct ledger_line r;
    XXH128_hash_t hash = XXH3_128bits(line, len);
    for (size_t i = 0; i < l->n_garbage; i++)
        if (XXH128_isEqual(l->garbage[i], hash)) {
            if (i < l->n_garbage_answered) {
                l->garbage[i] = l->garbage[--l->n_garbage_answered];
                i = l->n_garbage_answered;
            }
            l->garbage[i] = l->garbage[--l->n_garbage];
            return;
        }
    struct ledger_event *e = NULL;
    if (ledger_parse_line(line, len, &r))
        e = ledger_find(l, r.node, r.sec, r.ms, r.serial);
    for (size_t i = 0; e != NULL && i < e->n_records; i++)
        if (e->records[i].hash == r.hash && !e->records[i].covered) {
            e->records[i].covered = true;
            break;
        }
}

void judge_dead_letter(struct judge *j, const char *line, size_t len)
{
    if (len > 0 && line[0] == ' ') /* was taken out */
        return;
    CLEANUP_FREE char *copy = mem_strndup(line, len);
    struct json_object *o = json_tokener_parse(copy);
    struct json_object *event = NULL;
    if (!json_object_is_type(o, json_type_object)) {
        judge_differ(j, "dead letters: not JSON: %.80s", copy);
        json_object_put(o);
        return;
    }
    j->dead++;
    const char *text = text_of(o, "line");
    const char *base64 = text_of(o, "line_base64");
    if (json_object_object_get_ex(o, "event", &event)) {
        enter(j, event, XXH3_128bits("", 0), true);
    } else if (base64 != NULL) {
        CLEANUP_FREE char *raw = mem_alloc(strlen(base64) + 1);
        keep_line(j, raw, decode_base64(base64, raw));
    } else if (text != NULL) {
        keep_line(j, text, strlen(text));
    }
    json_object_put(o);
}

/* -- what was answered ------------------------------------------------------------------------- */

void judge_answered(struct judge *j, const char *line, size_t len)
{
    struct ledger *l = &j->ledger;
    struct ledger_line r;
    if (!ledger_parse_line(line, len, &r)) {
        XXH128_hash_t hash = XXH3_128bits(line, len);
        for (size_t i = l->n_garbage_answered; i < l->n_garbage; i++)
            if (XXH128_isEqual(l->garbage[i], hash)) {
                l->garbage[i] = l->garbage[l->n_garbage_answered];
                l->garbage[l->n_garbage_answered++] = hash;
                return;
            }
        return;
    }
    struct ledger_event *e = ledger_find(l, r.node, r.sec, r.ms, r.serial);
    for (size_t i = 0; e != NULL && i < e->n_records; i++)
        if (e->records[i].hash == r.hash && !e->records[i].answered) {
            e->records[i].answered = true;
            break;
        }
}

/* -- the comparison -------------------------------------------------------------------------- */

/* Is d exactly the records chosen (eoe excluded), with up to n_eoe EOE counted in? */
static bool agrees(const struct ledger_doc *d, uint64_t sum, uint64_t n, uint64_t n_eoe)
{
    return d->records >= n && d->records <= n + n_eoe && d->digest == ledger_finish(sum);
}

static void mark(struct ledger_record *r, bool *twice)
{
    *twice |= r->covered;
    r->covered = true;
}

/* Each of them once, where some were fed more than once and recognised as repeats. */
static bool cover_distinct(struct ledger_record **r, size_t n, uint64_t n_eoe,
                           const struct ledger_doc *d, bool *twice)
{
    bool *first = mem_calloc(n + 1, sizeof *first);
    uint64_t sum = 0;
    uint64_t len = 0;
    for (size_t i = 0; i < n; i++) {
        first[i] = true;
        for (size_t k = 0; k < i && first[i]; k++)
            first[i] = r[k]->hash != r[i]->hash;
        if (first[i]) {
            sum += r[i]->hash;
            len++;
        }
    }
    bool good = len < n && agrees(d, sum, len, n_eoe);
    for (size_t i = 0; i < n && good; i++)
        if (first[i])
            mark(r[i], twice);
    free(first);
    return good;
}

/* Mark the records of d: the list r[0..n) has no EOE. False: no choice of them gives d. */
static bool cover(struct ledger_record **r, size_t n, uint64_t n_eoe, const struct ledger_doc *d,
                  bool *twice)
{
    /* most often a run of what was fed, and the whole most often of all */
    for (size_t len = n + 1; len-- > 0;) {
        if (d->records < len || d->records > len + n_eoe)
            continue;
        for (size_t from = 0; from + len <= n; from++) {
            uint64_t sum = 0;
            for (size_t i = from; i < from + len; i++)
                sum += r[i]->hash;
            if (!agrees(d, sum, len, n_eoe))
                continue;
            for (size_t i = from; i < from + len; i++)
                mark(r[i], twice);
            return true;
        }
    }
    if (cover_distinct(r, n, n_eoe, d, twice))
        return true;
    if (n > SUBSETS_MAX)
        return false;
    for (uint32_t set = 1; set < 1U << n; set++) {
        uint64_t sum = 0;
        uint64_t len = 0;
        for (size_t i = 0; i < n; i++)
            if (set & 1U << i) {
                sum += r[i]->hash;
                len++;
            }
        if (!agrees(d, sum, len, n_eoe))
            continue;
        for (size_t i = 0; i < n; i++)
            if (set & 1U << i)
                mark(r[i], twice);
        return true;
    }
    return false;
}

static void judge_event(struct judge *j, struct ledger_event *e)
{
    struct ledger_record **r =
        mem_realloc_array(NULL, e->n_records, sizeof(struct ledger_record *));
    size_t n = 0;
    uint64_t n_eoe = 0;
    bool twice = false;
    char name[400];
    (void)snprintf(name, sizeof name, "event %s%s%lld.%03u:%llu", e->node, *e->node ? ":" : "",
                   (long long)e->sec, e->ms, (unsigned long long)e->serial);

    if (j->copies) {
        judge_copies(j, e, name);
        free(r);
        return;
    }
    for (size_t i = 0; i < e->n_records; i++) {
        if (e->records[i].eoe)
            n_eoe++;
        else
            r[n++] = &e->records[i];
    }
    for (size_t i = 0; i < e->n_docs; i++) {
        j->late_parts += e->docs[i].part > 1;
        if (!cover(r, n, n_eoe, &e->docs[i], &twice))
            judge_differ(j, "%s: its %llu records are not those that were fed (%zu, EOE %llu)",
                         e->docs[i].id, (unsigned long long)e->docs[i].records, n,
                         (unsigned long long)n_eoe);
    }
    if (twice && !j->allow_twice && !half_synced(j, e))
        judge_differ(j, "%s: a record is in two documents with different ids", name);
    if (j->exactly_once && e->n_docs > 1)
        judge_differ(j, "%s: %zu documents", name, e->n_docs);

    /* a record that was fed twice and recognised as a repeat is in the document once */
    size_t missing = 0;
    for (size_t i = 0; i < n; i++) {
        bool there = r[i]->covered || (j->partly && r[i]->line > j->required);
        for (size_t k = 0; k < n && !there; k++)
            there = r[k]->covered && r[k]->hash == r[i]->hash;
        if (!there && j->only_answered && !r[i]->answered)
            j->unseen++;
        else
            missing += !there;
    }
    judge_missing(j, e, name, missing, n);
    free(r);
}

void judge_end(struct judge *j)
{
    for (size_t i = 0; i < j->ledger.n_events; i++)
        judge_event(j, j->ledger.events[i]);
    if (j->doubled > j->doubled_max)
        judge_differ(j, "%llu records came more often than they were fed, not %llu at most",
                     (unsigned long long)j->doubled, (unsigned long long)j->doubled_max);
    size_t garbage = j->only_answered ? j->ledger.n_garbage_answered : j->ledger.n_garbage;
    if (j->check_garbage && garbage > 0)
        judge_differ(j, "%zu lines that are no records are not in the dead letters", garbage);
    j->unseen += j->check_garbage ? j->ledger.n_garbage - garbage : 0;
}
