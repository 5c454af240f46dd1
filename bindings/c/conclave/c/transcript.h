/* The record of a meeting, read by anybody: no room, key or network is needed. Of conclave.h, which says what holds for all. */
#ifndef CONCLAVE_C_TRANSCRIPT_H
#define CONCLAVE_C_TRANSCRIPT_H
#include "conclave/c/results.h"
#ifdef __cplusplus
extern "C" {
#endif

typedef struct conclave_transcript { /* whose record it is. Since 1.3 */
  uint32_t struct_size, line_count;
  uint8_t room_id[16], founder[32], signer[32]; /* identities: SHA-256 of their keys. Compare the signer with the identity that you trust */
} conclave_transcript;
/* Checks the chain and the signature of what conclave_call_record or conclave_session_record gave, and tells it for people: `lines`, one for each event, in
 * order, inert, each ended by a line feed. MALFORMED, UNSUPPORTED, or NOT_AUTHENTIC when anything was changed, left out, put in or moved since it was signed;
 * that the signer told the truth is another matter: compare the records of two members. Since 1.3. */
CONCLAVE_API conclave_result conclave_transcript_read(const uint8_t* record, size_t size, conclave_transcript* transcript, char* lines, size_t* lines_size);

#ifdef __cplusplus
}
#endif
#endif
