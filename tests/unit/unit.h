/* SPDX-License-Identifier: Apache-2.0 */
/* What every unit test shares: a suite of one test case that runs forked and speaks TAP on stdout
 * (automake's tap-driver reads it). Write START_TEST functions and end the file with UNIT_MAIN. */
#ifndef TESTS_UNIT_UNIT_H
#define TESTS_UNIT_UNIT_H

#include <check.h>
#include <stdlib.h>

/* UNIT_MAIN("buf", test_one, test_two) */
#define UNIT_MAIN(name, ...)                                          \
    int main(void)                                                    \
    {                                                                 \
        const TTest *tests[] = {__VA_ARGS__};                         \
        Suite *suite = suite_create(name);                            \
        TCase *tc = tcase_create(name);                               \
        SRunner *runner;                                              \
        int failed;                                                   \
                                                                      \
        tcase_set_timeout(tc, 60);                                    \
        for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) \
            tcase_add_test(tc, tests[i]);                             \
        suite_add_tcase(suite, tc);                                   \
        runner = srunner_create(suite);                               \
        srunner_set_tap(runner, "-");                                 \
        srunner_run_all(runner, CK_SILENT);                           \
        failed = srunner_ntests_failed(runner);                       \
        srunner_free(runner);                                         \
        return failed ? EXIT_FAILURE : EXIT_SUCCESS;                  \
    }

#endif
