/* SPDX-License-Identifier: Apache-2.0 */
/* The environment, inherited through rsyslogd, must have no effect: libraries write TLS keys to
 * $SSLKEYLOGFILE, trust $SSL_CERT_FILE, load files named by $OPENSSL_CONF and $GCONV_PATH, and
 * resolve names with $HOSTALIASES. All settings come from the configuration. */
#ifndef OMAUDITJSON_BASE_ENVIRONMENT_H
#define OMAUDITJSON_BASE_ENVIRONMENT_H

/* Call first in main(). Empties the environment; neither the program nor its libraries need it:
 * times are UTC, no program is started, paths are absolute. Some libraries read variables before
 * main(); if one of these is set, the program executes itself once more without it. If that fails,
 * it continues here. */
void environment_clear(char **argv);

#endif
