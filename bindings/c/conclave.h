/* Conclave: end-to-end encrypted calls, for every language that can call C.
 *
 * Results    A function returns CONCLAVE_OK or the code of why it failed, if nothing else is said; a failed call has changed nothing, if
 *            nothing else is said. conclave_last_error() then gives the sentence and, where a participant is at fault, its number.
 * Handles    Numbers that name objects; 0 names none. They are checked: after conclave_close, or in another's place, they give an error,
 *            never a crash: INVALID_ARGUMENT for 0, an unknown number or another type, INVALID_STATE once closed. At most 65,536 at a time.
 * Structs    Begin with struct_size: set it to sizeof, and all that you do not use to 0, which means "the default". A size that no version had
 *            is INVALID_ARGUMENT; what a newer header appended must be 0, or it is UNSUPPORTED. What comes out is cut likewise.
 * Buffers    Are yours. `size` holds the capacity on entry and the length on return; BUFFER_TOO_SMALL puts there what is needed and takes
 *            nothing away: a NULL buffer with a capacity of 0 asks. Nothing is ever handed out that you would have to free.
 * Texts      UTF-8, zero-terminated; lengths that come out count the zero.
 * Callbacks  None, but for those of a carrier. Events, pictures and sound are fetched, by whichever thread asks.
 * Threads    Calls, sources, sinks and organisations: any number of threads at once. All else (identity, contacts, session, joining, sealer, opener): one
 *            at a time, another one meanwhile gets INVALID_STATE. conclave_close: always; who waits on the handle returns at once, the last user destroys it.
 * Times      Microseconds of conclave_now(), the machine's monotonic clock; timeouts too, where a negative one is an hour, the longest.
 * ABI        Within a major version functions, codes and kinds are only added (pass over a kind that you do not know), and structs grow at their end.
 * Headers    This one has them all; each of those below stands for a part, and can be included alone. */
#ifndef CONCLAVE_H
#define CONCLAVE_H
#include "conclave/c/results.h"
#include "conclave/c/media.h"
#include "conclave/c/room.h"
#include "conclave/c/identity.h"
#include "conclave/c/call.h"
#include "conclave/c/session.h"
#include "conclave/c/frame.h"
#include "conclave/c/transcript.h"
#endif
