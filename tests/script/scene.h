/* SPDX-License-Identifier: Apache-2.0 */
/* The folder in which one transcript plays, and questions about the files in it: the events that
 * the program wrote, its journal, dead letters, counters and log. Questions that ask for something
 * that is still to come wait for it, with a bound. */
#ifndef TESTS_SCRIPT_SCENE_H
#define TESTS_SCRIPT_SCENE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct scene {
    char dir[256]; /* state/ out.json stats stderr live in it */
};

void scene_init(struct scene *s);
void scene_done(struct scene *s); /* removes it, unless KEEP=1 is in the environment */

/* "NAME" in the folder; valid until the fourth call from now. */
const char *scene_path(const struct scene *s, const char *name);

/* Lines of out.json that have the text in them; "" counts all. Only whole lines count. */
size_t scene_events(const struct scene *s, const char *text);

/* Wait until that many events, or more, are there. */
bool scene_wait_events(const struct scene *s, const char *text, size_t n);

/* Is the text in a file of that name, or in any file under the folder of that name? */
bool scene_has(const struct scene *s, const char *name, const char *text);
bool scene_wait_has(const struct scene *s, const char *name, const char *text);

/* The counter in the stats file; -1 when it is not there. */
int64_t scene_stat(const struct scene *s, const char *key);
/* Wait until it is n, or n or more. */
bool scene_wait_stat(const struct scene *s, const char *key, int64_t n, bool exactly);

/* Print the file's first lines as TAP comments. */
void scene_show(const struct scene *s, const char *name);

/* Make a file with n pseudo-random bytes. */
bool scene_random_file(const struct scene *s, const char *name, size_t n, unsigned seed);

#endif
