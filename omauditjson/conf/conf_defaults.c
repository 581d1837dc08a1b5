/* SPDX-License-Identifier: Apache-2.0 */
/* Defaults that depend on the receiver. */
#include "config.h"
#include "conf/conf_table.h"

static const struct {
    int receiver;
    const char *option, *value;
} defaults[] = {
#define DEFAULT(RECEIVER, option, value) {CONF_RECEIVER_##RECEIVER, #option, value},
#include "conf/receiver_defaults.def"
#undef DEFAULT
};

void conf_receiver_defaults(struct conf *c)
{
    for (size_t i = 0; i < sizeof(defaults) / sizeof(defaults[0]); i++) {
        const struct conf_option *o = conf_option_find(defaults[i].option);
        struct buf why = BUF_INIT(256);

        if (defaults[i].receiver == c->receiver && !conf_option_given(c, o))
            conf_value_set(c, o, defaults[i].value, &why); /* a test sets every default */
        buf_done(&why);
    }
}
