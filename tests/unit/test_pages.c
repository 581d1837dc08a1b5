/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/harden.h"
#include "base/pages.h"
#include "unit.h"

/* "RssFile:" of proc(5), KiB. */
static long file_pages(void)
{
    char line[256];
    long kb = -1;
    FILE *f = fopen("/proc/self/status", "r");

    ck_assert_ptr_nonnull(f);
    while (fgets(line, sizeof(line), f))
        if (strncmp(line, "RssFile:", 8) == 0)
            kb = strtol(line + 8, NULL, 10);
    fclose(f);
    return kb;
}

START_TEST(what_starting_touched_is_given_back_and_comes_again)
{
    CURL *easy;
    long before, after;

    ck_assert_int_eq(curl_global_init(CURL_GLOBAL_DEFAULT), CURLE_OK);
    before = file_pages();
    pages_release();
    after = file_pages();
    ck_assert_int_gt(before, 0);
    if (!harden_is_traced())
        ck_assert_int_lt(after, before);
    /* All of it is there still, relocated pointers too. */
    easy = curl_easy_init();
    ck_assert_ptr_nonnull(easy);
    ck_assert_int_eq(curl_easy_setopt(easy, CURLOPT_URL, "file:///dev/null"), CURLE_OK);
    ck_assert_int_eq(curl_easy_perform(easy), CURLE_OK);
    curl_easy_cleanup(easy);
    pages_release();
    curl_global_cleanup();
}
END_TEST

UNIT_MAIN("pages", what_starting_touched_is_given_back_and_comes_again)
