/* SPDX-License-Identifier: Apache-2.0 */
/* What curl's failures mean to us, and what an operator can do about each. */
#include "config.h"
#include "deliver/transport/http_options.h"

#include <stdbool.h>
#include <string.h>

/* The first row whose code (-1: any code of a handshake) and text fit. The texts are OpenSSL's and
 * GnuTLS's as curl passes them on: it has one code for a handshake that was refused and for one
 * during which the connection broke. */
static const struct row {
    int code;
    const char *text; /* part of the message, any case; NULL: whatever it says */
    enum answer_kind kind;
    const char *advice; /* below 160 bytes */
} rows[] = {
    /* We do not trust the receiver. */
    {CURLE_PEER_FAILED_VERIFICATION, "not yet valid", ANSWER_TLS,
     "the receiver's certificate is not valid yet: check the clock of this host, and the "
     "certificate's dates"},
    {CURLE_PEER_FAILED_VERIFICATION, "not yet activated", ANSWER_TLS,
     "the receiver's certificate is not valid yet: check the clock of this host, and the "
     "certificate's dates"},
    {CURLE_PEER_FAILED_VERIFICATION, "expired", ANSWER_TLS,
     "the receiver's certificate has expired: have it renewed there (or the clock of this host is "
     "wrong)"},
    {CURLE_PEER_FAILED_VERIFICATION, "does not match target", ANSWER_TLS,
     "the certificate is for another name: use that name in url, or have the receiver's reissued"},
    {CURLE_PEER_FAILED_VERIFICATION, "subject name", ANSWER_TLS,
     "the certificate is for another name: use that name in url, or have the receiver's reissued"},
    {CURLE_PEER_FAILED_VERIFICATION, "issuer", ANSWER_TLS,
     "no trusted authority signed the receiver's certificate: name its authority in ca_file, or "
     "have the receiver send the intermediate certificate"},
    {CURLE_PEER_FAILED_VERIFICATION, "self", ANSWER_TLS,
     "the receiver's authority is not trusted here: if it is yours, name its certificate in "
     "ca_file"},
    /* curl's words for the receiver's alert [curl 7.88 lib/vtls/openssl.c, ossl_connect_step2] */
    {CURLE_PEER_FAILED_VERIFICATION, "SSL certificate verification failed", ANSWER_TLS,
     "the receiver reports that the client certificate has expired: renew client_cert (or the "
     "receiver's clock is wrong)"},
    {CURLE_PEER_FAILED_VERIFICATION, NULL, ANSWER_TLS,
     "check the receiver's certificate, its name in url, and ca_file"},
    {CURLE_SSL_ISSUER_ERROR, NULL, ANSWER_TLS, "check the receiver's certificate, and ca_file"},
    {CURLE_SSL_INVALIDCERTSTATUS, NULL, ANSWER_TLS, "check the receiver's certificate"},
    {CURLE_SSL_PINNEDPUBKEYNOTMATCH, NULL, ANSWER_TLS,
     "the receiver's key is not the one in tls_pin: find out why before you change it"},
    /* Our own files. */
    {CURLE_SSL_CERTPROBLEM, "private key", ANSWER_TLS,
     "check client_key: it is unreadable, has a passphrase, or is not the key of client_cert"},
    {CURLE_SSL_CERTPROBLEM, NULL, ANSWER_TLS,
     "check client_cert: it is unreadable or not a PEM certificate; check client_key"},
    {CURLE_SSL_CACERT_BADFILE, NULL, ANSWER_TLS,
     "check ca_file and ca_dir: certificates in PEM that this user may read"},
    {CURLE_SSL_CRL_BADFILE, NULL, ANSWER_TLS, "check ca_file and ca_dir"},
    /* The receiver does not trust us: its alerts. */
    {-1, "alert certificate required", ANSWER_TLS,
     "the receiver wants a client certificate: set client_cert and client_key"},
    {-1, "alert certificate expired", ANSWER_TLS,
     "the receiver reports that the client certificate has expired: renew client_cert (or the "
     "receiver's clock is wrong)"},
    {-1, "alert certificate revoked", ANSWER_TLS,
     "the receiver reports that the client certificate is revoked: have a new client_cert issued"},
    {-1, "alert unknown ca", ANSWER_TLS,
     "the receiver does not trust the authority that signed client_cert: use one of its own "
     "authority"},
    {-1, "alert bad certificate", ANSWER_TLS,
     "the receiver refuses client_cert, or there is none: set one that it trusts, with client_key"},
    {-1, "alert unsupported certificate", ANSWER_TLS,
     "the receiver cannot use client_cert: it must be a client's certificate, of a supported type"},
    {-1, "alert certificate unknown", ANSWER_TLS,
     "the receiver refuses client_cert: see its log for the reason"},
    {CURLE_SSL_CLIENTCERT, NULL, ANSWER_TLS,
     "the receiver wants a client certificate: set client_cert and client_key"},
    /* No common language. */
    {-1, "protocol version", ANSWER_TLS,
     "the receiver supports no TLS version as new as tls_min: upgrade the receiver"},
    {-1, "unsupported protocol", ANSWER_TLS,
     "the receiver supports no TLS version as new as tls_min: upgrade the receiver"},
    {-1, "wrong version number", ANSWER_TLS,
     "there is no TLS on that port: correct the port, or http:// in url"},
    {-1, "alert handshake failure", ANSWER_TLS,
     "the receiver refused the handshake: it may want a client certificate (client_cert, "
     "client_key) or other ciphers"},
    {CURLE_SSL_CONNECT_ERROR, "unexpected eof", ANSWER_NONE, NULL}, /* broken off */
    {CURLE_SSL_CONNECT_ERROR, "SSL routines", ANSWER_TLS,
     "check tls_min, and that the receiver speaks TLS on this port"},
    {CURLE_SSL_CONNECT_ERROR, "handshake failed", ANSWER_TLS,
     "check tls_min, and that the receiver speaks TLS on this port"},
    {CURLE_SSL_CIPHER, "SSL routines", ANSWER_TLS, "check the receiver's ciphers, and tls_min"},
    /* No request can be made. */
    {CURLE_URL_MALFORMAT, NULL, ANSWER_SETTINGS, "correct url (http:// or https://) and proxy"},
    {CURLE_UNSUPPORTED_PROTOCOL, NULL, ANSWER_SETTINGS,
     "correct url (http:// or https://) and proxy"},
    {CURLE_NOT_BUILT_IN, NULL, ANSWER_SETTINGS, "correct url (http:// or https://) and proxy"},
};

/* An alert can come while the request is being sent already (TLS 1.3). */
static bool in_handshake(CURLcode code)
{
    return code == CURLE_SSL_CONNECT_ERROR || code == CURLE_SSL_CIPHER ||
           code == CURLE_SEND_ERROR || code == CURLE_RECV_ERROR;
}

void http_options_classify(CURLcode code, long connect_status, struct answer *a)
{
    a->kind = ANSWER_NONE;
    a->advice = NULL;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct row *row = &rows[i];

        if ((row->code == -1 ? in_handshake(code) : row->code == (int)code) &&
            (!row->text || strcasestr(a->error, row->text))) {
            a->kind = row->kind;
            a->advice = row->advice;
            break;
        }
    }
    if (a->kind == ANSWER_NONE && connect_status >= 400 && connect_status < 500) {
        a->kind = ANSWER_SETTINGS;
        a->advice = "the proxy refused: check option proxy and its credentials";
    }
}
