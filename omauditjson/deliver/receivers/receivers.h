/* SPDX-License-Identifier: Apache-2.0 */
/* All receivers by the number that option `receiver` has chosen: conf/receivers.def lists them. */
#ifndef OMAUDITJSON_DELIVER_RECEIVERS_RECEIVERS_H
#define OMAUDITJSON_DELIVER_RECEIVERS_RECEIVERS_H

#include "deliver/receivers/receiver.h"

/* The row of an enum conf_receiver; NULL: there is no such receiver. */
const struct receiver *receiver_get(int conf_receiver);

#endif
