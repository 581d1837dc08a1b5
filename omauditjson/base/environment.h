/* SPDX-License-Identifier: Apache-2.0 */
/* The environment, which rsyslogd hands on from whoever started it, decides nothing here: libraries
 * write TLS keys to $SSLKEYLOGFILE, trust $SSL_CERT_FILE, load what $OPENSSL_CONF and $GCONV_PATH
 * name, resolve by $HOSTALIASES. All settings come from the configuration. */
#ifndef OMAUDITJSON_BASE_ENVIRONMENT_H
#define OMAUDITJSON_BASE_ENVIRONMENT_H

/* Call first in main(). Empties the environment; nothing of it is kept, for neither we nor what we
 * call needs any of it: times are UTC, no program is started, files have absolute names. Libraries
 * that read some variables before main() have obeyed them already: when one of these is set, the
 * program is executed once more without them. If that fails, it goes on here. */
void environment_clear(char **argv);

#endif
