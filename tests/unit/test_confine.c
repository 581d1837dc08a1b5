/* SPDX-License-Identifier: Apache-2.0 */
/* What goes to the kernel for each version of Landlock, which ports an URL means, and who may own
 * the state directory. What the kernel makes of it: tests/security/test_confinement.sh. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/landlock.h"
#include "engine/confine.h"
#include "engine/state.h"
#include "unit.h"

START_TEST(each_version_handles_what_it_knows)
{
    /* [include/uapi/linux/landlock.h of 5.13, 5.19, 6.2, 6.7, 6.10, 6.12] */
    static const struct {
        uint64_t files, ports, scopes;
        size_t size;
    } versions[] = {{0x1fff, 0, 0, 8},  {0x3fff, 0, 0, 8},  {0x7fff, 0, 0, 8},
                    {0x7fff, 3, 0, 16}, {0xffff, 3, 0, 16}, {0xffff, 3, 3, 24}};
    struct landlock_handled handled;

    for (int abi = 1; abi <= 6; abi++) {
        ck_assert_uint_eq(landlock_handled(abi, &handled), versions[abi - 1].size);
        ck_assert_uint_eq(handled.files, versions[abi - 1].files);
        ck_assert_uint_eq(handled.ports, versions[abi - 1].ports);
        ck_assert_uint_eq(handled.scopes, versions[abi - 1].scopes);
        ck_assert(landlock_knows_ports(abi) == (versions[abi - 1].ports != 0));
    }
    /* a newer one is asked for no more than that */
    ck_assert_uint_eq(landlock_handled(9, &handled), 24);
    ck_assert_uint_eq(handled.files, 0xffff);
}
END_TEST

START_TEST(a_rule_allows_what_is_handled_and_no_more)
{
    const uint64_t read_file = 1 << 2, read_dir = 1 << 3, write_file = 1 << 1, truncate = 1 << 14;
    const uint64_t make = 1 << 8, remove_file = 1 << 5, execute = 1;

    ck_assert_uint_eq(landlock_rights(6, LANDLOCK_READ, true), read_file | read_dir);
    ck_assert_uint_eq(landlock_rights(6, LANDLOCK_READ, false), read_file);
    ck_assert_uint_eq(landlock_rights(6, LANDLOCK_WRITE, false), read_file | write_file | truncate);
    ck_assert_uint_eq(landlock_rights(2, LANDLOCK_WRITE, false), read_file | write_file);
    ck_assert(landlock_rights(6, LANDLOCK_APPEND, true) & make);
    ck_assert(!(landlock_rights(6, LANDLOCK_APPEND, true) & remove_file));
    ck_assert(landlock_rights(6, LANDLOCK_REPLACE, true) & remove_file);
    for (int abi = 1; abi <= 6; abi++)
        for (int access = LANDLOCK_READ; access <= LANDLOCK_REPLACE; access++) {
            struct landlock_handled handled;
            uint64_t rights = landlock_rights(abi, (enum landlock_access)access, true);

            (void)landlock_handled(abi, &handled);
            ck_assert_uint_eq(rights & ~handled.files, 0);
            ck_assert_uint_eq(rights & execute, 0);
        }
}
END_TEST

START_TEST(what_this_kernel_has_is_taken)
{
    int abi = landlock_abi();
    struct landlock l;

    for (int version = 1; version <= abi; version++) {
        ck_assert_int_eq(landlock_begin(&l, version), 0);
        ck_assert_int_eq(landlock_path(&l, "/usr", LANDLOCK_READ), 0);
        ck_assert_int_eq(landlock_path(&l, "/dev/null", LANDLOCK_REPLACE), 0);
        ck_assert_int_eq(landlock_path(&l, "/tmp", LANDLOCK_REPLACE), 0);
        ck_assert_int_eq(landlock_path(&l, "/is/not/there", LANDLOCK_READ), -ENOENT);
        ck_assert_int_eq(landlock_port(&l, 443), 0);
        landlock_drop(&l);
        ck_assert_int_eq(l.fd, -1);
    }
}
END_TEST

START_TEST(ports_of_urls)
{
    static const struct {
        const char *url;
        unsigned port;
    } urls[] = {{"https://a.example/x:1", 7},
                {"https://a.example:8443/x", 8443},
                {"http://[::1]/", 7},
                {"http://[::1]:9/?a=b:3", 9},
                {"http://us:pw@p.example:3128", 3128},
                {"us:pw@p.example", 7},
                {"p.example:1080", 1080},
                {"http://a:/", 7},
                {"http://a:99999/", 7},
                {"http://a?b@c:5", 7},
                {"", 7}};

    for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++)
        ck_assert_msg(confine_url_port(urls[i].url, 7) == urls[i].port, "%s", urls[i].url);
}
END_TEST

START_TEST(whose_state_it_may_be)
{
    char dir[] = "/tmp/oaj-state-XXXXXX";
    int fd;

    ck_assert_ptr_nonnull(mkdtemp(dir));
    fd = open(dir, O_RDONLY | O_DIRECTORY);
    ck_assert_ptr_null(state_fault(fd));
    ck_assert_int_eq(chmod(dir, 0755), 0);
    ck_assert_ptr_null(state_fault(fd));
    ck_assert_int_eq(chmod(dir, 0775), 0);
    ck_assert_ptr_nonnull(state_fault(fd));
    ck_assert_int_eq(chmod(dir, 0702), 0);
    ck_assert_ptr_nonnull(state_fault(fd));
    ck_assert_int_eq(chmod(dir, 0700), 0);
    if (geteuid() == 0) {
        ck_assert_int_eq(chown(dir, 65534, 0), 0);
        ck_assert_ptr_nonnull(state_fault(fd));
    }
    close(fd);
    ck_assert_int_eq(rmdir(dir), 0);
}
END_TEST

UNIT_MAIN("confine", each_version_handles_what_it_knows, a_rule_allows_what_is_handled_and_no_more,
          what_this_kernel_has_is_taken, ports_of_urls, whose_state_it_may_be)
