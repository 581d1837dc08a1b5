/* SPDX-License-Identifier: Apache-2.0 */
/* Memory other than allocations: pages of code and constants of the program and its libraries. The
 * start touches most of them (libcurl loads three TLS and Kerberos libraries, each of which
 * initialises itself), the running program few. Owns nothing. */
#ifndef OMAUDITJSON_BASE_PAGES_H
#define OMAUDITJSON_BASE_PAGES_H

/* Call once, after the start. Pages that are needed again come back from the page cache; the others
 * no longer count for the process. Does nothing under a tracer, whose breakpoints are in these
 * pages. */
void pages_release(void);

#endif
