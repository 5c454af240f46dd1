/* Frames, sealed and opened under the keys of a session. Of conclave.h, which says what holds for all.
 * Where frames are signed, speakers state them, so that nobody shows different frames to different listeners unnoticed: take a statement from each sealer about
 * once a second, and before it is closed, and state them; hand every FRAMES_STATED to every opener, and review about once a second, and before
 * conclave_opener_update when somebody has gone, or who left is not named. After an outage state again what was stated last. Who does not state what it signs is
 * told of as UNSTATED by all who review. */
#ifndef CONCLAVE_C_FRAME_H
#define CONCLAVE_C_FRAME_H
#include "conclave/c/session.h"
#ifdef __cplusplus
extern "C" {
#endif

enum { CONCLAVE_FRAME_WHOLE = 0, CONCLAVE_FRAME_OPUS, CONCLAVE_FRAME_VP8, CONCLAVE_FRAME_VP9, CONCLAVE_FRAME_AV1, CONCLAVE_FRAME_H264,
       CONCLAVE_FRAME_H265 };  /* what a packetizer may still read; docs/session.md */
enum { CONCLAVE_OPENED = 0, CONCLAVE_DROPPED_MALFORMED, CONCLAVE_DROPPED_UNKNOWN_EPOCH, CONCLAVE_DROPPED_NOT_IN_ROSTER, CONCLAVE_DROPPED_UNKNOWN_STREAM,
       CONCLAVE_DROPPED_NO_RIGHT, CONCLAVE_DROPPED_WRONG_SENDER, CONCLAVE_DROPPED_REPLAYED, CONCLAVE_DROPPED_TOO_OLD, CONCLAVE_DROPPED_FORGED,
       CONCLAVE_DROPPED_SUSPENDED, CONCLAVE_HELD = 12 };
typedef struct conclave_opened { /* what became of a frame */
  uint32_t struct_size;
  uint32_t status;         /* CONCLAVE_OPENED, or why it was dropped; HELD: see conclave_opener_next */
  uint32_t sender, stream; /* authentic when opened, replayed or too old */
  uint64_t epoch, size;    /* of the plaintext */
} conclave_opened;
/* The bytes that a sealed frame of `size` bytes has at most; 0 for an unknown mode. */
CONCLAVE_API size_t conclave_max_sealed_size(size_t size, uint32_t mode);
/* Seals one stream (0 to 15; modulo 4: sound, picture, screen, its sound) in this epoch; once per stream, epoch and mode. */
CONCLAVE_API conclave_result conclave_session_make_sealer(conclave_handle session, uint32_t stream, uint32_t mode, conclave_handle* sealer);
/* `sealer` goes on under the keys of `next`, of a later epoch, which is used up. */
CONCLAVE_API conclave_result conclave_sealer_take_up(conclave_handle sealer, conclave_handle next);
/* Seals into `out`, with `metadata` authenticated; allocates nothing. WRONG_EPOCH: take the next epoch's sealer. */
CONCLAVE_API conclave_result conclave_sealer_seal(conclave_handle sealer, const uint8_t* frame, size_t size, const uint8_t* metadata,
                                                  size_t metadata_size, uint8_t* out, size_t* out_size);
/* An opener; it opens nothing before it was given keys, again after each EPOCH and KEYS. All frames of a stream go to one opener. */
CONCLAVE_API conclave_result conclave_opener_create(conclave_handle* opener);
CONCLAVE_API conclave_result conclave_opener_update(conclave_handle opener, conclave_handle session);
/* OK for every frame that could be looked at: `opened` says what became of it. `sender` -1: anybody. */
CONCLAVE_API conclave_result conclave_opener_open(conclave_handle opener, int64_t sender, const uint8_t* sealed, size_t size, const uint8_t* metadata,
                                                  size_t metadata_size, uint32_t mode, uint8_t* out, size_t capacity, conclave_opened* opened);
/* Where sound is signed in batches, frames are HELD until the one that proves them; what that completed comes out here, in order, status OPENED,
 * until it is HELD again: then nothing was left. Both buffers as said above. Since 1.2. */
CONCLAVE_API conclave_result conclave_opener_next(conclave_handle opener, conclave_opened* opened, uint8_t* frame, size_t* size, uint8_t* metadata,
                                                  size_t* metadata_size);

/* ---- statements, all since 1.3 ---- */
/* Bytes of yours. */
typedef struct conclave_bytes { const uint8_t* data; size_t size; } conclave_bytes;
typedef struct conclave_frame_doubt { /* a member whose signed frames are not what it stated of them to everybody */
  uint32_t struct_size, kind;   /* CONCLAVE_FRAMES_...; 0: nobody is left */
  uint32_t member, stream;      /* its number then: by now somebody else may have it */
  uint64_t epoch;
  uint32_t identity_key_size, evidence_size;
  uint8_t identity_key[72];     /* whose number it was */
  char name[264];
  uint8_t evidence[512];        /* of EQUIVOCATED: for conclave_session_check_evidence of any member */
} conclave_frame_doubt;
typedef struct conclave_statements { /* signed frames of others, or batches of them, held against what was stated */
  uint32_t struct_size, reserved;
  uint64_t confirmed, equivocated, unstated;  /* heard as stated; heard otherwise; heard, and not stated in time */
  uint64_t missed, late, unwatched;  /* stated, not heard; heard when it was forgotten what was stated; not compared */
} conclave_statements;
/* What is to be said of the frames since the last call, at most 33,000 bytes; `size` 0: nothing. What a buffer was too small for is kept. */
CONCLAVE_API conclave_result conclave_sealer_take_statement(conclave_handle sealer, uint8_t* statement, size_t* size);
/* Says to all what our sealers signed, as an output for the log. Up to 64 statements at once, empty ones too; where all are empty, nothing comes. */
CONCLAVE_API conclave_result conclave_session_state_frames(conclave_handle session, const conclave_bytes* statements, size_t count);
/* Takes what FRAMES_STATED brought. The same may be heard again. */
CONCLAVE_API conclave_result conclave_opener_hear(conclave_handle opener, const void* stated, size_t size);
/* Whose signed frames were not as stated, one after the other until kind is 0: then the review is over, and the next call begins another one. */
CONCLAVE_API conclave_result conclave_opener_review(conclave_handle opener, const conclave_moment* at, conclave_frame_doubt* doubt);
/* Over everybody. */
CONCLAVE_API conclave_result conclave_opener_statements(conclave_handle opener, conclave_statements* statements);
/* Who signed what the evidence holds. NOT_AUTHENTIC where no member of now did. What was stated instead it only quotes: compare it with the log. */
CONCLAVE_API conclave_result conclave_session_check_evidence(conclave_handle session, const uint8_t* evidence, size_t size, uint32_t* member);
/* Puts a doubt into the record of the meeting; one that its evidence does not bear out is left out. */
CONCLAVE_API conclave_result conclave_session_record_doubt(conclave_handle session, const conclave_frame_doubt* doubt, const conclave_moment* at);

#ifdef __cplusplus
}
#endif
#endif
