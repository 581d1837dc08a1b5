/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/conf.h"
#include "base/mem.h"
#include "deliver/transport/conceal.h"
#include "unit.h"

static void expect(const struct conceal *c, const char *text, const char *want)
{
    char *data = mem_strdup(text);

    conceal_apply(c, data, strlen(data));
    ck_assert_str_eq(data, want);
    free(data);
}

START_TEST(a_text_and_its_base64)
{
    struct conceal c = {0};

    expect(&c, "nothing is hidden", "nothing is hidden");
    conceal_add(&c, "canary", 6);
    conceal_add(&c, "abc", 3);
    conceal_add(&c, "****", 4);
    expect(&c, "", "");
    expect(&c, "canary", "******");
    expect(&c, "acanarycanaryz canar Canary", "a************z canar Canary");
    expect(&c, "Y2FuYXJ5 abc", "******** abc"); /* base64 of canary; abc is too short */
    conceal_apply(&c, NULL, 0);
    conceal_done(&c);
    expect(&c, "canary", "canary");
}
END_TEST

/* RFC 4648, section 10. */
START_TEST(base64_of_every_length)
{
    static const char *const pairs[][2] = {
        {"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="}, {"foobar", "Zm9vYmFy"}};

    for (size_t i = 0; i < 3; i++) {
        struct conceal c = {0};
        char want[16];

        conceal_add(&c, pairs[i][0], strlen(pairs[i][0]));
        snprintf(want, sizeof(want), "%s", pairs[i][1]);
        memset(want, '*', strcspn(want, "="));
        expect(&c, pairs[i][1], want);
        conceal_done(&c);
    }
}
END_TEST

START_TEST(user_and_password)
{
    struct conceal c = {0};

    conceal_add_user(&c, "only-a-name", 11);
    ck_assert_uint_eq(c.n, 0);
    conceal_add_user(&c, "user:p%40ss%zword!", 14);
    expect(&c, "user:p%40ss%zw user p@ss%zw p%40ss%zw", "************** user ******* *********");
    expect(&c, "dXNlcjpwQHNzJXp3", "****************");
    conceal_add_user(&c, "%00user:%00password", 19); /* found by fuzzing: it never ended */
    expect(&c, "user %00password", "user ***********");
    conceal_done(&c);
}
END_TEST

static void add_option(struct conf *conf, struct conceal *c, const char *header, const char *url,
                       const char *proxy)
{
    char *h = header ? mem_strdup(header) : NULL, *u = url ? mem_strdup(url) : NULL;

    conf->header = (struct conf_list){&h, h ? 1 : 0};
    conf->url = (struct conf_list){&u, u ? 1 : 0};
    conf->proxy = proxy ? mem_strdup(proxy) : NULL;
    conceal_add_conf(c, conf);
    free(h);
    free(u);
    free(conf->proxy);
}

START_TEST(what_the_options_hold)
{
    struct conceal c = {0};
    struct conf conf = {0};

    add_option(&conf, &c, "X-Key: header-canary", "https://h/p?a=query-canary&b&c=&d=query-finch#f",
               "http://u:proxy-canary@h:8080/");
    add_option(&conf, &c, "Authorization: Splunk hec-canary", "http://h/", "@host");
    add_option(&conf, &c, "Bad", "x?=", "host");
    add_option(&conf, &c, NULL, "x?", NULL);
    expect(&c, "header-canary Splunk hec-canary hec-canary query-canary query-finch",
           "************* ***************** ********** ************ ***********");
    expect(&c, "u:proxy-canary proxy-canary h:8080", "************** ************ h:8080");
    expect(&c, "@host", "@host");
    conceal_done(&c);
}
END_TEST

UNIT_MAIN("conceal", a_text_and_its_base64, base64_of_every_length, user_and_password,
          what_the_options_hold)
