/* SPDX-License-Identifier: Apache-2.0 */
/* Records as systemd's journal has them: a journal file made by systemd-journal-remote, in a place
 * of this process's mount name space where imjournal looks. */
#ifndef TESTS_CRASH_JOURNAL_FILE_H
#define TESTS_CRASH_JOURNAL_FILE_H

#include <stdbool.h>

/* Is there what it takes? */
bool journal_file_possible(void);

/* Make it of the lines in dir/fed; for this process and those that it starts. */
bool journal_file_make(const char *dir);

#endif
