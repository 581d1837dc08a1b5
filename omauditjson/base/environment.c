/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "base/environment.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What constructors of the C library, OpenSSL, GnuTLS, nettle, p11-kit and libgcrypt read (libcurl
 * brings them along). LD_... is not among them: who may set that chooses our code anyway. */
static bool read_before_main(const char *entry)
{
    static const char *const families[] = {"GCONV_",  "GLIBC_",  "GNUTLS_",  "LIBGCRYPT_",
                                           "MALLOC_", "NETTLE_", "OPENSSL_", "P11_KIT_"};

    for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++)
        if (strncmp(entry, families[i], strlen(families[i])) == 0)
            return true;
    return false;
}

void environment_clear(char **argv)
{
    size_t n = 0;
    bool again = false;

    for (char **entry = environ; entry && *entry; entry++) {
        if (read_before_main(*entry))
            again = true;
        else
            environ[n++] = *entry;
    }
    if (again) {
        environ[n] = NULL;
        (void)execv("/proc/self/exe", argv);
    }
    (void)clearenv();
}
