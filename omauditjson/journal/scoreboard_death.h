/* SPDX-License-Identifier: Apache-2.0 */
/* Writes the cause of the process's death to the page of scoreboard_page.h: a crash, no progress,
 * memory exhausted, a library's exit(). Installs its handlers once, permanently. Part of
 * scoreboard.h. */
#ifndef OMAUDITJSON_JOURNAL_SCOREBOARD_DEATH_H
#define OMAUDITJSON_JOURNAL_SCOREBOARD_DEATH_H

#include <stddef.h>

#include "journal/scoreboard_page.h"

/* From now on this page is marked when we die. NULL: none is. */
void scoreboard_death_guard(struct scoreboard_page *page, size_t bytes);

/* From now on a thing that stays in process while we use so much CPU time, SCOREBOARD_DEATH_TICKS
 * times, is an endless loop: we die of it. CPU time passes neither on a slow disk nor while we are
 * stopped; and it should pass before rsyslog has waited enough for our reply and kills us. 0: no
 * more. */
#define SCOREBOARD_DEATH_TICKS 5
#define SCOREBOARD_DEATH_TICK_MS                                          \
    800 /* with the default bounds of an event, which take a tenth of one \
         */
void scoreboard_death_watch(unsigned tick_ms);
/* A timer is not inherited by a child. */
void scoreboard_death_watch_again(void);

#endif
