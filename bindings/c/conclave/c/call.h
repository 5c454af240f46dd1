/* Calls: the conference level. Of conclave.h, which says what holds for all. */
#ifndef CONCLAVE_C_CALL_H
#define CONCLAVE_C_CALL_H
#include "conclave/c/identity.h"
#include "conclave/c/media.h"
#include "conclave/c/room.h"
#ifdef __cplusplus
extern "C" {
#endif

/* Carries the datagrams between a call and its relay in the place of a UDP socket, over whatever you have. QUIC and the relay's pinned key stay
 * inside: who carries can drop, delay and count, as the network can. Called under no lock. */
typedef struct conclave_carrier {
  uint32_t struct_size, reserved;
  void* user;
  void (*send)(void* user, const uint8_t* datagram, size_t size);  /* at most 1,500 bytes; by one thread of the call; must not block */
  void (*closed)(void* user);  /* or NULL; the last one, by any thread, once the call is destroyed; not when it could not be opened */
} conclave_carrier;
typedef struct conclave_call_config { /* for conclave_call_host and _join */
  uint32_t struct_size, sink_count;
  const char* display_name;       /* at most 64 characters are shown; NULL: "somebody" */
  conclave_handle video_source, audio_source; /* 0: sends no picture, no sound */
  const conclave_handle* sinks;
  int64_t playout_delay;          /* capture to playout beyond the fastest packet seen; 0: 120 ms */
  int64_t key_rotation;           /* new keys of our own at least so often; 0: 5 min */
  int64_t join_timeout, connect_timeout; /* how long a knock waits for an answer, 0: 60 s; 0: 4 s */
  const char* listen;             /* host: a literal address for the relay that it embeds; NULL: "::", which takes IPv4 too */
  const char* advertise;          /* host: what the link says; NULL: `listen`, or this machine's first address */
  const char* relay_key_file;     /* host: PEM, made when missing; NULL: a key for this call only */
  uint32_t port, reserved;        /* host: UDP; 0: any free one */
  /* since 1.1 */
  const char* relay;              /* host: HOST:PORT#KEY, as conclave-relay prints it; NULL: the relay that it embeds, as said above */
  const char* room_token;         /* host: the token, or the 32 bytes of the key's seed, by which that relay lets us open a room; or NULL */
  const uint8_t* room_key_seed;
  const conclave_carrier* carrier; /* NULL: a socket. A host needs `relay` too */
  /* since 1.2 */
  uint32_t mode, reserved_2; conclave_handle identity; /* host: CONCLAVE_ROOM_..., 0: open; who we are, 0: somebody new, for this call */
  /* since 1.3 */
  int64_t reconnect_window;       /* how long a connection that broke is made again before we give up; 0: 60 s; -1: it is not */
  conclave_handle contacts;       /* whom we have met, copied: members and knocks are recognised (conclave_call_contacts); 0: nobody is */
  const uint8_t* organisation; size_t organisation_size; /* of conclave_identity_certify, or NULL */
  const conclave_handle* trusted; /* organisations whose word on others counts here */
  uint32_t trusted_count, full_hop; /* at most 64; 1: media are sealed whole to and from the relay, so that who watches two members sees no equal bytes */
} conclave_call_config;
enum {
  CONCLAVE_EVENT_NONE = 0, CONCLAVE_EVENT_ROOM_READY = 1,  /* host: the link works */
  CONCLAVE_EVENT_KNOCK = 2,            /* id, name: to be admitted or refused; flag: it looks like another's; text: to whom its invitation was given; whom we know (below) */
  CONCLAVE_EVENT_KNOCK_WITHDRAWN = 3, CONCLAVE_EVENT_JOINED = 4, /* id; member: we */
  CONCLAVE_EVENT_MEMBER_JOINED = 5, CONCLAVE_EVENT_MEMBER_LEFT = 6, /* member, name, flag: was removed */
  CONCLAVE_EVENT_EPOCH = 7,            /* id: the epoch; authenticator, equal for all members */
  CONCLAVE_EVENT_SAFETY_CODE = 8,      /* digits and words to compare over another channel */
  CONCLAVE_EVENT_SOURCE_ENDED = 9,     /* flag: the picture; code, detail: why, 0: its end */
  CONCLAVE_EVENT_ENDED = 10,           /* the last one; code, detail: why, 0: we left or the room was closed */
  CONCLAVE_EVENT_UNCONFIRMED = 11, CONCLAVE_EVENT_RECONFIRMED = 12, /* member, name; its media are dropped; flag: it was shown another history */
  CONCLAVE_EVENT_SUSPENDED = 13,       /* flag: no media leave or enter, since the relay keeps us from the others; or do again */
  CONCLAVE_EVENT_ROOM_CHANGED = 14,    /* roles, rights or settings of the room are others now */
  CONCLAVE_EVENT_CHAT = 15,            /* member, text: what it wrote; detail: its first 255 bytes */
  CONCLAVE_EVENT_REACTION = 16,        /* member, flag: the value of CONCLAVE_COMMAND_REACTION */
  CONCLAVE_EVENT_HAND = 17,            /* member, flag: it asks for the floor, or does no more */
  CONCLAVE_EVENT_NOT_DONE = 18,        /* code, detail, participant: a command could not be carried out */
  CONCLAVE_EVENT_RECONNECTING = 19, CONCLAVE_EVENT_RECONNECTED = 20, /* the connection broke; our seat and keys stay. id: after so many ms */
  CONCLAVE_EVENT_HEIR = 21,            /* member: an heir, who wants member `id` to become owner, since nobody leads any more */
  CONCLAVE_EVENT_LEADER_LOST = 22,     /* member, name: who led is not heard any more; flag: we are an heir */
  CONCLAVE_EVENT_INVITATION = 23,      /* id: its number, name, text: the link for that person alone, a secret */
  CONCLAVE_EVENT_SPEAKER_DOUBTED = 24, /* member, name, flag: CONCLAVE_FRAMES_..., id: the epoch, stream, identity_key, evidence: its signed frames are not as it stated */
  CONCLAVE_EVENT_CONTACT_SEEN = 25,    /* member, name, whom we know: after MEMBER_JOINED, where our contacts know the key or the name */
  CONCLAVE_EVENT_SEAT_KEPT = 26        /* member, name, code, detail: who has gone could not be taken out of the room */
};
typedef struct conclave_event { /* what happened in a call */
  uint32_t struct_size, kind;
  uint64_t id;
  uint32_t member, flag;
  conclave_result code;
  uint32_t has_participant, participant, authenticator_size; uint8_t authenticator[64];
  char name[264], digits[64], words[192], detail[256];
  char text[4104];  /* since 1.2 */
  /* since 1.3 */
  uint32_t stream, evidence_size; uint8_t evidence[512]; /* of EQUIVOCATED: for conclave_session_check_evidence of any member */
  uint32_t identity_key_size; uint8_t identity_key[72];
  uint32_t acquaintance, verified, remembered; char known_as[264]; /* as in conclave_recognition */
  char verified_by[264], certified_as[264]; /* of who knocks: as in conclave_member */
} conclave_event;
typedef struct conclave_medium_report { /* of sound, or of pictures */
  uint64_t frames_sent, packets_sent, bytes_sent, retransmissions, keyframes;
  uint64_t frames_received, frames_lost, frames_decoded, decode_failures, frames_concealed;
  uint64_t packets_received, packets_lost, packets_recovered, bytes_received, keyframes_requested, freezes;
} conclave_medium_report;
typedef struct conclave_report { /* how a call goes */
  uint32_t struct_size, member_count;  /* for conclave_call_member */
  uint64_t epoch;
  int64_t setup_time;
  conclave_medium_report video, audio; /* summed over all members */
  uint64_t malformed, unknown_epoch, unknown_sender, forged, replayed, incomplete, wrong_stream, bad_message; /* dropped, by reason */
  uint64_t video_captured, video_skipped, audio_captured, audio_skipped, media_unplayed, datagrams_sent, datagrams_received;
  char relay_address[64]; uint64_t events_lost; /* since 1.2: that nobody had fetched */
  /* since 1.3: signed frames of others, held against what their senders stated, as in conclave_statements */
  uint64_t frames_confirmed, frames_equivocated, frames_unstated, frames_missed, frames_late, frames_unwatched;
} conclave_report;
/* Opens a room on a relay in this process. IO_ERROR when the port is taken. All that happens later comes as an event. */
CONCLAVE_API conclave_result conclave_call_host(const conclave_call_config* config, conclave_handle* call);
/* Knocks at the room of a link, conclave://HOST:PORT/ROOM#SECRET. MALFORMED for a link that is none. */
CONCLAVE_API conclave_result conclave_call_join(const conclave_call_config* config, const char* link, conclave_handle* call);
/* A datagram that the carrier brought from the relay; any thread. LIMIT_EXCEEDED, and dropped, when 512 wait. Since 1.1. */
CONCLAVE_API conclave_result conclave_call_receive(conclave_handle call, const uint8_t* datagram, size_t size);
/* The link: a secret, since who has it may knock. */
CONCLAVE_API conclave_result conclave_call_link(conclave_handle call, char* text, size_t* size);
/* Waits for the next event, kind NONE when the timeout passed. INVALID_STATE after ENDED. At most 1,024 wait; ENDED is never lost. */
CONCLAVE_API conclave_result conclave_call_next_event(conclave_handle call, int64_t timeout, conclave_event* event);
CONCLAVE_API conclave_result conclave_call_admit(conclave_handle call, uint64_t knock); /* lets in who knocked */
CONCLAVE_API conclave_result conclave_call_refuse(conclave_handle call, uint64_t knock); /* sends away who knocked */
CONCLAVE_API conclave_result conclave_call_remove(conclave_handle call, uint32_t member); /* it may knock again */
/* Asks something of the room; what is refused comes back as NOT_DONE. LIMIT_EXCEEDED when 256 wait. What the room is. Both since 1.2. */
CONCLAVE_API conclave_result conclave_call_command(conclave_handle call, const conclave_command* command);
CONCLAVE_API conclave_result conclave_call_room(conclave_handle call, conclave_room* room);
CONCLAVE_API conclave_result conclave_call_rotate_keys(conclave_handle call); /* new keys, now */
/* Says goodbye; ENDED follows at once. */
CONCLAVE_API conclave_result conclave_call_leave(conclave_handle call);
/* Stops capture and finishes the sinks, so that files are whole; the first error of a sink. After ENDED. */
CONCLAVE_API conclave_result conclave_call_finish(conclave_handle call);
/* As of the last half second; exact after ENDED. */
CONCLAVE_API conclave_result conclave_call_report(conclave_handle call, conclave_report* report);
/* After ENDED: the contacts that the call was given, and whom it has met, as a handle of its own. Since 1.3. */
CONCLAVE_API conclave_result conclave_call_contacts(conclave_handle call, conclave_handle* contacts);
/* The members one by one, `index` from 0 to below member_count. */
CONCLAVE_API conclave_result conclave_call_member(conclave_handle call, uint32_t index, conclave_member* member);
/* After ENDED: what happened as we saw it, signed by us, for `conclave-call verify`. Since 1.2. */
CONCLAVE_API conclave_result conclave_call_record(conclave_handle call, uint8_t* record, size_t* size);

#ifdef __cplusplus
}
#endif
#endif
