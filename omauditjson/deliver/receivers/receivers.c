/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"
#include "deliver/receivers/receivers.h"

#include <stddef.h>

#include "conf/conf.h"

static const struct receiver *const rows[CONF_RECEIVERS] = {
#define RECEIVER(NAME, name, word) [CONF_RECEIVER_##NAME] = &receiver_##name,
#include "conf/receivers.def"
#undef RECEIVER
};

const struct receiver *receiver_get(int conf_receiver)
{
    if (conf_receiver < 0 || conf_receiver >= CONF_RECEIVERS)
        return NULL;
    return rows[conf_receiver];
}
