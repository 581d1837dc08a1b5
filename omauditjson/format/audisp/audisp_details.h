/* SPDX-License-Identifier: Apache-2.0 */
/* The members of `details`, one after the other as audisp_details.def has them. Notes what was
 * cut or was not UTF-8 for the last two keys. Owns working memory that it keeps from event to
 * event; borrows the rest. */
#ifndef OMAUDITJSON_FORMAT_AUDISP_AUDISP_DETAILS_H
#define OMAUDITJSON_FORMAT_AUDISP_AUDISP_DETAILS_H

#include "format/audisp/audisp_users.h"
#include "format/ends.h"
#include "format/leftover.h"
#include "format/written.h"

struct audisp_details {
    bool compatible;
    struct written written;
    struct leftover leftover;
    struct audisp_users users;
    struct ends ends;
    const char *id; /* of this event */
    size_t id_len;
};

void audisp_details_init(struct audisp_details *d, bool compatible);
void audisp_details_done(struct audisp_details *d);

/* Begin a document; doc is borrowed until the next one. */
void audisp_details_begin(struct audisp_details *d, const struct format_doc *doc);

/* Write the members; the caller writes the braces. */
void audisp_details_write(struct audisp_details *d);

#endif
