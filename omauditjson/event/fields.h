/* SPDX-License-Identifier: Apache-2.0 */
/* Splits a record's text into fields and decodes encoded values in place. Handles what libauparse
 * loses: quoted values with blanks, program texts with blanks, the braces of a SELinux record,
 * msg='...' as a part of its own. Owns the array of fields; never allocates a value. Linear in the
 * text's length for any text. */
#ifndef OMAUDITJSON_EVENT_FIELDS_H
#define OMAUDITJSON_EVENT_FIELDS_H

#include "event/event.h"

#define FIELDS_SLOTS 512 /* hash slots of known names: a power of two, well above their number */
#define FIELDS_FIRST_NAMES 32 /* types of records beyond that share their guess */

struct fields_known; /* a name of event/field_names.def */

struct fields {
    struct event_field *at;
    size_t n;
    size_t cap;
    uint16_t slot[FIELDS_SLOTS]; /* enum event_name, 0: free */
    /* Prediction: the first name of the last record of this type, and the name that followed each
     * name. */
    const struct fields_known *first[FIELDS_FIRST_NAMES];
    const struct fields_known *follows[EVENT_NAME_COUNT];
};

void fields_init(struct fields *f);
void fields_done(struct fields *f);
void fields_reset(struct fields *f); /* forget all fields */

/* Split text[0..len), the body of a record of that type, and append its fields. The text is
 * written over by decoded values; the fields point into it. SCAN_PAD bytes behind it can be read
 * (base/scan.h). */
void fields_split(struct fields *f, int type, char *text, size_t len);

#endif
