/* SPDX-License-Identifier: Apache-2.0 */
/* A position in a document that is being written, with its notes, to return to when what follows
 * does not fit. Owns nothing. */
#ifndef OMAUDITJSON_FORMAT_RECORDS_RECORDS_MARK_H
#define OMAUDITJSON_FORMAT_RECORDS_RECORDS_MARK_H

#include "base/buf.h"
#include "format/format_kind.h"
#include "format/json/json_writer.h"
#include "format/notes.h"

/* A position in the document to roll back to. */
struct records_mark {
    size_t len, cut_len, invalid_len, n_cut;
    bool first;
};

static inline struct records_mark records_mark(const struct format_doc *d)
{
    return (struct records_mark){.len = d->w->out->len,
                                 .cut_len = d->notes->cut.len,
                                 .invalid_len = d->notes->invalid.len,
                                 .n_cut = d->notes->n_cut,
                                 .first = d->w->first};
}

static inline void records_back_to(const struct format_doc *d, const struct records_mark *m)
{
    buf_truncate(d->w->out, m->len);
    d->w->first = m->first;
    d->w->over = false;
    buf_truncate(&d->notes->cut, m->cut_len);
    buf_truncate(&d->notes->invalid, m->invalid_len);
    d->notes->n_cut = m->n_cut;
}

#endif
