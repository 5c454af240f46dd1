/* Results, errors, handles and versions. Of conclave.h, which says what holds for all. */
#ifndef CONCLAVE_C_RESULTS_H
#define CONCLAVE_C_RESULTS_H
#include <stddef.h>
#include <stdint.h>
#define CONCLAVE_API __attribute__((visibility("default"))) /* the library exports it */
#ifdef __cplusplus
extern "C" {
#endif

typedef uint64_t conclave_handle; typedef int32_t conclave_result;
enum {
  CONCLAVE_OK = 0,
  CONCLAVE_INVALID_ARGUMENT = 100, CONCLAVE_INVALID_STATE = 101, CONCLAVE_BUFFER_TOO_SMALL = 102, CONCLAVE_NOT_PERMITTED = 103,
  CONCLAVE_LIMIT_EXCEEDED = 104, /* 1xx: misuse by the caller. 2xx: bad input from a peer or relay: dropped, nothing changed */
  CONCLAVE_MALFORMED = 200, CONCLAVE_NOT_AUTHENTIC = 201, CONCLAVE_REPLAYED = 202, CONCLAVE_UNKNOWN_KEY = 203, CONCLAVE_UNSUPPORTED = 204,
  CONCLAVE_INVALID_MESSAGE = 205, CONCLAVE_WRONG_GROUP = 206, CONCLAVE_WRONG_EPOCH = 207, CONCLAVE_FORBIDDEN_BY_POLICY = 208, CONCLAVE_EXPIRED = 209,
  CONCLAVE_REFUSED = 210, CONCLAVE_VERSION_MISMATCH = 211, CONCLAVE_IDENTITY_MISMATCH = 212, CONCLAVE_DIVERGED = 213,
  CONCLAVE_UNREACHABLE = 300, CONCLAVE_CONNECTION_LOST = 301, CONCLAVE_IO_ERROR = 302, CONCLAVE_DEVICE_MISSING = 303,
  CONCLAVE_OUT_OF_RESOURCES = 304, CONCLAVE_DAMAGED_STATE = 305, /* 3xx: the environment: trying again later, or elsewhere, may help */
  CONCLAVE_INTERNAL = 400 /* a bug in this library */
};
typedef struct conclave_error { /* why a call failed */
  uint32_t struct_size;
  conclave_result code;
  uint32_t has_participant, participant;  /* the member at fault */
  char detail[256];      /* a sentence for a developer: no key, name or address in it */
} conclave_error;
enum { CONCLAVE_ABI_VERSION = 1 << 16 | 3 };
/* The version of the library, major << 16 | minor: programs ask at start that it has their header's major and no lower minor. */
CONCLAVE_API uint32_t conclave_abi_version(void);
/* The library's version as text. Static. */
CONCLAVE_API const char* conclave_version(void);
/* The name of a code as "invalid_state"; of an unknown one "unknown". Static, never NULL. */
CONCLAVE_API const char* conclave_result_name(conclave_result code);
/* What the last failed call of this thread had to say. */
CONCLAVE_API conclave_result conclave_last_error(conclave_error* error);
CONCLAVE_API int64_t conclave_now(void); /* microseconds of the machine's monotonic clock */
/* Ends what the handle names. A call leaves without goodbye and its sinks are finished: some 100 ms. Keys are wiped. Of what was given to
 * others (a source to a call, an identity to a session) only the handle ends; a pushed source ends for its call, when what waits in it was sent. */
CONCLAVE_API conclave_result conclave_close(conclave_handle handle);
/* A pointer of yours that goes with any handle; the library never looks at it. NULL at first. */
CONCLAVE_API conclave_result conclave_set_user(conclave_handle handle, void* user);
CONCLAVE_API conclave_result conclave_get_user(conclave_handle handle, void** user);

#ifdef __cplusplus
}
#endif
#endif
