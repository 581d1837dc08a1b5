/* SPDX-License-Identifier: Apache-2.0 */
/* The tests of test_json_writer.c once more, of the writer as it is built for a machine without
 * SSE2. Its own copy of the writer goes before the one in the library. */
#include "config.h"

#undef __SSE2__

#include "../../omauditjson/format/json/json_writer.c"
#include "test_json_writer.c"
