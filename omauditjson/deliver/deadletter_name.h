/* SPDX-License-Identifier: Apache-2.0 */
/* The names of the dead letters' files: a number each, counted up, of a fixed width, so that they
 * sort by age. */
#ifndef OMAUDITJSON_DELIVER_DEADLETTER_NAME_H
#define OMAUDITJSON_DELIVER_DEADLETTER_NAME_H

#include <stdint.h>

#define DEADLETTER_NAME_SIZE 32
void deadletter_file_name(uint64_t number, char out[DEADLETTER_NAME_SIZE]);

/* The number in a name; 0 for any other name. */
uint64_t deadletter_file_number(const char *name);

#endif
