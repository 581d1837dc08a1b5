/* SPDX-License-Identifier: Apache-2.0 */
/* How often a schedule comes past each point. */
#include "config.h"
#include "making.h"

/* How often a point is passed in a quiet schedule of so many records, roughly. */
unsigned making_usual_count(const struct making *m, enum crash_point p)
{
    unsigned batches = m->s->events / (m->s->batch_events < 20 ? m->s->batch_events : 20) + 3;

    switch (p) {
    case CRASH_WIRE_RECORD:
    case CRASH_SEGMENT_RECORD:
    case CRASH_STDIN_READ:
        return m->records;
    case CRASH_WIRE_BEGIN:
    case CRASH_WIRE_COMMIT:
        return m->records / 100 + 2;
    case CRASH_SEGMENT_SYNC:
        return m->s->sync[0] == 'a' ? m->records : m->records / 200 + 3;
    case CRASH_SEGMENT_SEAL:
    case CRASH_SEGMENT_DONE:
    case CRASH_SOCKET_SEND:
    case CRASH_SOCKET_RECV:
        return batches;
    case CRASH_SEGMENT_WRITE:
    case CRASH_SEGMENT_ALLOC:
    case CRASH_SEGMENT_READ:
    case CRASH_JOURNAL_OPEN:
    case CRASH_JOURNAL_RENAME:
    case CRASH_JOURNAL_UNLINK:
    case CRASH_JOURNAL_SYNC:
    case CRASH_RECENT_WRITE:
        return m->s->small ? 8 : 3;
    case CRASH_DEAD_WRITE:
    case CRASH_DEAD_SYNC:
        return m->s->garbage ? 6 : 2;
    default:
        return 2;
    }
}
