/* The session level: the keys of a room, for an app that has its own media and transport. Of conclave.h, which says what holds for all. */
#ifndef CONCLAVE_C_SESSION_H
#define CONCLAVE_C_SESSION_H
#include "conclave/c/identity.h"
#include "conclave/c/room.h"
#ifdef __cplusplus
extern "C" {
#endif

/* Both clocks, for programs that have their own: monotonic, and seconds since 1970 in UTC. Wherever a moment is asked for, NULL means now. */
typedef struct conclave_moment { int64_t now; uint64_t wall; } conclave_moment;
enum { CONCLAVE_AES_128_CTR_HMAC_SHA256_80 = 1, CONCLAVE_AES_128_CTR_HMAC_SHA256_64 = 2, CONCLAVE_AES_128_GCM_SHA256_128 = 4,
       CONCLAVE_AES_256_GCM_SHA512_128 = 5, CONCLAVE_CHACHA20_POLY1305_SHA256_128 = 0xF001 };
typedef struct conclave_session_config { /* for conclave_session_found, _restore and conclave_joining_begin */
  uint32_t struct_size, suite; /* of MLS; 0: 1 */
  uint8_t room_id[16];       /* the same at every end */
  uint32_t frame_suites[6];  /* of SFrame, the dearest first, then 0s: the founder's first one is the room's; all 0: both GCMs, ChaCha20 */
  int64_t epoch_overlap, key_rotation, heartbeat; /* how long frames of the epoch before are opened, 0: 2 s; 0: 5 min; 0: 3 s */
  /* since 1.2 */
  uint32_t mode, admissions_at_once; /* found: CONCLAVE_ROOM_..., 0: open; that one commit of ours may make, 0: 1 */
  const uint8_t* invitation; size_t invitation_size; /* joining: a personal one, or NULL */
  int64_t commit_interval;   /* a pace for our commits where the log takes only so many; 0: none */
  /* since 1.3 */
  const uint8_t* organisation; size_t organisation_size; /* of conclave_identity_certify, or NULL */
  const conclave_handle* trusted; /* organisations whose word on others counts here */
  uint32_t trusted_count, reserved; /* at most 64 */
} conclave_session_config;
/* What the app has to carry, and what happened, in order. Fetch all after each call that can give some. */
enum {
  CONCLAVE_OUTPUT_NONE = 0,
  CONCLAVE_OUTPUT_LOG = 1,               /* bytes for the room's log, read by all members in one order; flag: a commit, id: that ends this epoch */
  CONCLAVE_OUTPUT_WELCOME = 2,           /* bytes for the joiner of request `id`, once the LOG before it stands in the log */
  CONCLAVE_OUTPUT_EPOCH = 3,             /* id: the epoch: make new sealers, update openers; bytes: the authenticator; flag: by our commit */
  CONCLAVE_OUTPUT_KEYS = 4,              /* update openers */
  CONCLAVE_OUTPUT_MEMBER_ENTERED = 5, CONCLAVE_OUTPUT_MEMBER_GONE = 6, /* member, name, flag: the role */
  CONCLAVE_OUTPUT_MESSAGE = 7,           /* bytes: what member said with conclave_session_say */
  CONCLAVE_OUTPUT_REFUSED = 8,           /* a message of the log: code, detail, participant; it changed nothing */
  CONCLAVE_OUTPUT_ADMISSION_FAILED = 9,  /* id: the request; code, detail */
  CONCLAVE_OUTPUT_DOUBTED = 10,          /* member, name; flag 0: silent, 1: has read what does not reach us, 2: was shown another history */
  CONCLAVE_OUTPUT_CONFIRMED = 11,        /* member */
  CONCLAVE_OUTPUT_SUSPENDED = 12, CONCLAVE_OUTPUT_RESUMED = 13, /* code, detail: nothing is sealed or opened in between */
  CONCLAVE_OUTPUT_ENDED = 14,            /* code, detail: we were removed, or histories have diverged; all keys are erased */
  CONCLAVE_OUTPUT_ROOM_CHANGED = 15, CONCLAVE_OUTPUT_CHAT = 16, CONCLAVE_OUTPUT_REACTION = 17, CONCLAVE_OUTPUT_HAND = 18,
  CONCLAVE_OUTPUT_HEIR = 19, CONCLAVE_OUTPUT_NOT_DONE = 20, /* these five as the events, bytes: the text of CHAT; what was asked for came to nothing: code, detail */
  CONCLAVE_OUTPUT_FRAMES_STATED = 21     /* bytes: for conclave_opener_hear of every opener; member: who states what it signed, id: in which epoch */
};
typedef struct conclave_output { /* what the app has to carry, or what happened */
  uint32_t struct_size, kind;
  uint64_t id;
  uint32_t member, flag;
  conclave_result code;
  uint32_t has_participant, participant, reserved;
  char name[264], detail[256];
} conclave_output;
typedef struct conclave_session_status { /* of this moment */
  uint32_t struct_size, member_count;   /* for conclave_session_member */
  uint64_t epoch;
  int64_t next_deadline;   /* call conclave_session_tick then */
  uint32_t self, owner, has_owner, frame_suite, suspended, authenticator_size; uint8_t authenticator[64];
} conclave_session_status;
/* A new room with one member, its owner. */
CONCLAVE_API conclave_result conclave_session_found(const conclave_session_config* config, conclave_handle identity, const char* name,
                                                    const conclave_moment* at, conclave_handle* session);
/* At the door: a key package for conclave_session_admit of a member, then the Welcome; `founder_hash`: 32 bytes, of the founder's identity. */
CONCLAVE_API conclave_result conclave_joining_begin(const conclave_session_config* config, conclave_handle identity, const char* name,
                                                    const conclave_moment* at, conclave_handle* joining);
CONCLAVE_API conclave_result conclave_joining_key_package(conclave_handle joining, uint8_t* package, size_t* size);
CONCLAVE_API conclave_result conclave_joining_complete(conclave_handle joining, const uint8_t* welcome, size_t size, const uint8_t* founder_hash,
                                                       size_t hash_size, const conclave_moment* at, conclave_handle* session);
/* The whole state under 32 secret bytes, and back; after each step with a new epoch or a commit, before that goes out. `counter` grows, and nobody can put it back. */
CONCLAVE_API conclave_result conclave_session_save(conclave_handle session, const uint8_t* key, size_t key_size, uint64_t counter, uint8_t* state,
                                                   size_t* size);
CONCLAVE_API conclave_result conclave_session_restore(const conclave_session_config* config, const uint8_t* state, size_t size, const uint8_t* key,
                                                      size_t key_size, uint64_t counter, const conclave_moment* at, conclave_handle* session);
/* The next message of the log, our own included; the deadline has come; what happened since. */
CONCLAVE_API conclave_result conclave_session_handle(conclave_handle session, const uint8_t* message, size_t size, const conclave_moment* at);
CONCLAVE_API conclave_result conclave_session_tick(conclave_handle session, const conclave_moment* at);
CONCLAVE_API conclave_result conclave_session_next_output(conclave_handle session, conclave_output* output, void* bytes, size_t* size);
/* Who stands behind a key package; lets them in under a number of yours; takes that back. */
CONCLAVE_API conclave_result conclave_session_inspect(conclave_handle session, const uint8_t* package, size_t size, const conclave_moment* at,
                                                      conclave_member* member);
CONCLAVE_API conclave_result conclave_session_admit(conclave_handle session, uint64_t request, const uint8_t* package, size_t size, const conclave_moment* at);
CONCLAVE_API conclave_result conclave_session_withdraw(conclave_handle session, uint64_t request);
CONCLAVE_API conclave_result conclave_session_remove(conclave_handle session, uint32_t member, const conclave_moment* at); /* it may come back */
CONCLAVE_API conclave_result conclave_session_rotate(conclave_handle session, const conclave_moment* at); /* new keys, now */
/* Asks something of the room: NOT_PERMITTED where its members would refuse it; counts once it is read back from the log. Since 1.2. */
CONCLAVE_API conclave_result conclave_session_command(conclave_handle session, const conclave_command* command, const conclave_moment* at);
CONCLAVE_API conclave_result conclave_session_room(conclave_handle session, conclave_room* room);
/* A personal invitation for who joins, under our identity; `holder`: the 32 bytes of conclave_identity_hash of who alone may use it, or NULL;
 * `expires`: seconds since 1970. Nothing is sent. And the record of what we saw, signed. Both since 1.2. */
CONCLAVE_API conclave_result conclave_session_invite(conclave_handle session, conclave_handle identity, const char* name, const uint8_t* holder,
                                                     uint64_t expires, uint8_t* invitation, size_t* size);
CONCLAVE_API conclave_result conclave_session_record(conclave_handle session, conclave_handle identity, uint8_t* record, size_t* size);
/* A signed message to all members, as an output for the log. */
CONCLAVE_API conclave_result conclave_session_say(conclave_handle session, const void* content, size_t size);
CONCLAVE_API conclave_result conclave_session_get_status(conclave_handle session, conclave_session_status* status);
CONCLAVE_API conclave_result conclave_session_member(conclave_handle session, uint32_t index, conclave_member* member);
/* Costs 0.1 s and 64 MiB. */
CONCLAVE_API conclave_result conclave_session_safety_code(conclave_handle session, char* digits, size_t* digits_size, char* words, size_t* words_size);
CONCLAVE_API conclave_result conclave_session_set_verified(conclave_handle session, uint32_t member, uint32_t verified);
/* Which streams of a member are opened here, as bits; all at first. */
CONCLAVE_API conclave_result conclave_session_allow_streams(conclave_handle session, uint32_t member, uint32_t streams);

#ifdef __cplusplus
}
#endif
#endif
