/* SPDX-License-Identifier: Apache-2.0 */
/* Memory that is no allocation of ours: the pages of code and constants, ours and the libraries'.
 * Starting touches most of them (libcurl brings three TLS and Kerberos libraries that all set
 * themselves up), working few. Owns nothing. */
#ifndef OMAUDITJSON_BASE_PAGES_H
#define OMAUDITJSON_BASE_PAGES_H

/* Once, when the start is over: what of them is needed again comes back from the page cache, the
 * rest no longer counts as ours and can leave it. Does nothing under a tracer, whose breakpoints
 * are in these pages. */
void pages_release(void);

#endif
