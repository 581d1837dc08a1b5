/* SPDX-License-Identifier: Apache-2.0 */
/* TLS: whom we trust and who trusts us, with an authority that the test makes by openssl(1). */
#include "config.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "rig.h"
#include "unit.h"

static struct rig rig;

/* In the rig's folder: an authority ca.pem, another one other.pem; certificates signed by the first
 * for 127.0.0.1 (good, expired) and for another host (wrong), client.pem; keys beside them. */
static const char make_certificates[] =
    "cd '%s' && exec >openssl.log 2>&1 && set -e\n"
    "key() { openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out $1.key; }\n"
    "ca() { key $1; openssl req -x509 -new -key $1.key -subj /CN=$1 -days 2 -out $1.pem; }\n"
    "cert() { key $1; openssl req -new -key $1.key -subj /CN=$1 -out $1.csr\n"
    "  echo subjectAltName=$2 >$1.ext\n"
    "  openssl x509 -req -in $1.csr -CA ca.pem -CAkey ca.key -set_serial $4 -days $3 \\\n"
    "    -extfile $1.ext -out $1.pem; }\n"
    "ca ca; ca other\n"
    "cert good IP:127.0.0.1 2 1; cert expired IP:127.0.0.1 -1 2\n"
    "cert wrong DNS:elsewhere.example 2 3; cert client DNS:client.example 2 4\n";

static void init(void)
{
    char command[2000];

    rig_init(&rig, CONF_RECEIVER_SINGLE);
    snprintf(command, sizeof(command), make_certificates, rig.dir);
    ck_assert_msg(system(command) == 0, "openssl failed, see %s", rig.dir);
}

static char *path_of(const char *name)
{
    return strdup(rig_path(&rig, name));
}

/* Contents of a file in the rig's folder; caller frees. */
static char *contents(const char *name)
{
    char *text = calloc(1, 20000);
    int fd = open(rig_path(&rig, name), O_RDONLY);

    ck_assert_int_ge(fd, 0);
    ck_assert_int_gt(read(fd, text, 20000 - 1), 0);
    close(fd);
    return text;
}

static struct httpd *serve(const char *name)
{
    char file[100];
    char *cert, *key;
    struct httpd *h;

    snprintf(file, sizeof(file), "%s.pem", name);
    cert = contents(file);
    snprintf(file, sizeof(file), "%s.key", name);
    key = contents(file);
    h = httpd_new(NULL, NULL, cert, key);
    free(cert);
    free(key);
    snprintf(file, sizeof(file), "https://127.0.0.1:%u/", httpd_port(h));
    rig.urls[rig.conf.url.n++] = strdup(file);
    return h;
}

static void end(struct httpd *h)
{
    rig_done(&rig);
    free(rig.conf.ca_file);
    free(rig.conf.ca_dir);
    free(rig.conf.client_cert);
    free(rig.conf.client_key);
    free(rig.conf.tls_pin);
    if (h)
        httpd_free(h);
}

/* An event is held sooner or later, and the log says this and this, once. A reset can overtake the
 * alert that explains it: then the receiver is just down, and another try hears it. */
static void check_refused(const char *what, const char *advice)
{
    rig_start(&rig);
    rig_add(&rig, "a");
    while (!rig_logged(&rig, "accepted nothing")) {
        ck_assert_uint_lt(rig.d->counts.retries, 100);
        ck_assert(rig_turn(&rig));
    }
    ck_assert_uint_eq(rig.n_done, 0);
    ck_assert_msg(rig_logged(&rig, what) == 1, "%s", rig.log);
    ck_assert_msg(rig_logged(&rig, advice) == 1, "%s", rig.log);
}

/* As above, and nothing else is said however long it lasts: it is we who refuse. */
static void check_held(const char *what, const char *advice)
{
    check_refused(what, advice);
    while (rig.d->counts.retries < 3)
        ck_assert(rig_turn(&rig));
    ck_assert_msg(rig_logged(&rig, "accepted nothing") == 1, "%s", rig.log);
    ck_assert_uint_eq(rig_logged(&rig, "down since"), 0);
}

START_TEST(a_trusted_receiver)
{
    struct httpd *h;

    init();
    h = serve("good");
    rig.conf.ca_file = path_of("ca.pem");
    rig.conf.tls_min = CONF_TLS_1_3;
    rig_start(&rig);
    for (int i = 0; i < 3; i++) {
        rig_add(&rig, "a");
        rig_finish(&rig);
    }
    ck_assert_uint_eq(httpd_count(h), 3);
    ck_assert_uint_eq(httpd_connections(h), 1);
    end(h);
}
END_TEST

START_TEST(an_expired_certificate)
{
    struct httpd *h;

    init();
    h = serve("expired");
    rig.conf.ca_file = path_of("ca.pem");
    check_held("problem: certificate has expired", "have it renewed there");
    ck_assert_uint_eq(httpd_count(h), 0);
    end(h);
}
END_TEST

START_TEST(a_certificate_for_another_host)
{
    struct httpd *h;

    init();
    h = serve("wrong");
    rig.conf.ca_file = path_of("ca.pem");
    check_held("127.0.0.1'", "is for another name");
    ck_assert_uint_eq(httpd_count(h), 0);
    end(h);
}
END_TEST

START_TEST(an_authority_that_is_not_trusted_and_then_is)
{
    struct httpd *h;
    char *good;

    init();
    h = serve("good");
    rig.conf.ca_file = path_of("trust.pem");
    good = contents("other.pem");
    rig_write_file(rig.conf.ca_file, good);
    free(good);
    check_held("certificate problem", "ca_file");
    ck_assert_uint_eq(httpd_count(h), 0);
    /* The operator corrects the file: no restart is needed. */
    good = contents("ca.pem");
    rig_write_file(rig.conf.ca_file, good);
    free(good);
    rig_finish(&rig);
    ck_assert_uint_eq(rig_logged(&rig, "up again"), 1);
    end(h);
}
END_TEST

START_TEST(no_verification_when_the_operator_says_so)
{
    struct httpd *h;

    init();
    h = serve("wrong");
    rig.conf.tls_verify = false;
    rig_start(&rig);
    rig_add(&rig, "a");
    rig_finish(&rig);
    ck_assert_uint_eq(httpd_count(h), 1);
    end(h);
}
END_TEST

START_TEST(a_key_that_is_not_the_pinned_one)
{
    struct httpd *h;

    init();
    h = serve("good");
    rig.conf.ca_file = path_of("ca.pem");
    rig.conf.tls_pin = strdup("sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=");
    check_held("pinned", "tls_pin");
    ck_assert_uint_eq(httpd_count(h), 0);
    end(h);
}
END_TEST

START_TEST(a_ca_file_that_is_not_there)
{
    struct httpd *h;

    init();
    h = serve("good");
    rig.conf.ca_file = path_of("nothing.pem");
    check_held("nothing.pem", "check ca_file");
    end(h);
}
END_TEST

START_TEST(no_tls_on_that_port)
{
    struct httpd *h = httpd_new(NULL, NULL, NULL, NULL);
    char url[100];

    rig_init(&rig, CONF_RECEIVER_SINGLE);
    snprintf(url, sizeof(url), "https://127.0.0.1:%u/", httpd_port(h));
    rig.urls[rig.conf.url.n++] = strdup(url);
    check_refused("wrong version number", "no TLS on that port");
    end(h);
}
END_TEST

/* openssl s_server demands a client certificate, which libmicrohttpd cannot. */
static pid_t start_s_server(const char *tls, unsigned *port)
{
    char line[200], dir[sizeof(rig.dir)];
    int out[2];
    FILE *f;
    pid_t pid;

    snprintf(dir, sizeof(dir), "%s", rig.dir);
    ck_assert_int_eq(pipe(out), 0);
    pid = fork();
    ck_assert_int_ge(pid, 0);
    if (pid == 0) {
        int null = open("/dev/null", O_RDWR);

        dup2(null, STDIN_FILENO);
        dup2(out[1], STDOUT_FILENO);
        dup2(null, STDERR_FILENO);
        if (chdir(dir) == 0)
            execlp("openssl", "openssl", "s_server", "-accept", "127.0.0.1:0", "-cert", "good.pem",
                   "-key", "good.key", "-CAfile", "ca.pem", "-Verify", "2", "-verify_return_error",
                   "-www", tls, (char *)NULL);
        _exit(127);
    }
    close(out[1]);
    f = fdopen(out[0], "r");
    *port = 0;
    while (*port == 0 && fgets(line, sizeof(line), f))
        sscanf(line, "ACCEPT 127.0.0.1:%u", port);
    ck_assert_uint_gt(*port, 0);
    fcntl(fileno(f), F_SETFL, O_NONBLOCK); /* the pipe stays open: f is left to the process */
    return pid;
}

START_TEST(a_client_certificate_that_is_missing)
{
    static const char *const versions[] = {"-tls1_2", "-tls1_3"};

    for (size_t i = 0; i < 2; i++) {
        char url[100];
        unsigned port;
        pid_t pid;

        init();
        pid = start_s_server(versions[i], &port);
        snprintf(url, sizeof(url), "https://127.0.0.1:%u/", port);
        rig.urls[rig.conf.url.n++] = strdup(url);
        rig.conf.ca_file = path_of("ca.pem");
        check_refused("alert", "client_cert");
        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);
        end(NULL);
    }
}
END_TEST

START_TEST(a_client_certificate_that_is_there)
{
    char url[100];
    unsigned port;
    pid_t pid;

    init();
    pid = start_s_server("-tls1_3", &port);
    snprintf(url, sizeof(url), "https://127.0.0.1:%u/", port);
    rig.urls[rig.conf.url.n++] = strdup(url);
    rig.conf.ca_file = path_of("ca.pem");
    rig.conf.client_cert = path_of("client.pem");
    rig.conf.client_key = path_of("client.key");
    rig.conf.timeout = 500; /* s_server answers no POST: that it waits for one is enough */
    rig_start(&rig);
    rig_add(&rig, "a");
    while (rig.d->counts.retries < 1)
        ck_assert(rig_turn(&rig));
    ck_assert_uint_eq(rig_logged(&rig, "accepted nothing"), 0);
    ck_assert_msg(rig_logged(&rig, "down since") == 1, "%s", rig.log);
    ck_assert_msg(rig_logged(&rig, "SSL") == 0, "%s", rig.log);
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    end(NULL);
}
END_TEST

START_TEST(a_client_key_that_is_not_there)
{
    struct httpd *h;

    init();
    h = serve("good");
    rig.conf.ca_file = path_of("ca.pem");
    rig.conf.client_cert = path_of("client.pem");
    rig.conf.client_key = path_of("nothing.key");
    check_held("private key", "client_key");
    end(h);
}
END_TEST

UNIT_MAIN("deliver_tls", a_trusted_receiver, an_expired_certificate, a_certificate_for_another_host,
          an_authority_that_is_not_trusted_and_then_is, no_verification_when_the_operator_says_so,
          a_key_that_is_not_the_pinned_one, a_ca_file_that_is_not_there, no_tls_on_that_port,
          a_client_certificate_that_is_missing, a_client_certificate_that_is_there,
          a_client_key_that_is_not_there)
