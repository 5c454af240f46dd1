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
 * Threads    Calls, sources and sinks: any number of threads at once. Identity, session, joining, sealer and opener: one at a time, another one
 *            meanwhile gets INVALID_STATE. conclave_close: always; who waits on the handle returns at once, and the last user destroys it.
 * Times      Microseconds of conclave_now(), the machine's monotonic clock; timeouts too, where a negative one is an hour, the longest.
 * ABI        Within a major version functions and codes are only added, and structs grow at their end. */
#ifndef CONCLAVE_H
#define CONCLAVE_H
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
enum { CONCLAVE_ABI_VERSION = 1 << 16 | 2 };
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

/* ---- sources: what a call sends -------------------------------------------------------------------------------------------------- */
enum { CONCLAVE_VP8 = 1, CONCLAVE_VP9 = 2 };
enum {
  CONCLAVE_SOURCE_PUSHED = 1,     /* by you, as it is captured */
  CONCLAVE_SOURCE_PACED = 2,      /* sound pushed ahead of time, played on at its rate, silence when none is there (a bot); a picture: repeated */
  CONCLAVE_SOURCE_SYNTHETIC = 3,  /* a moving picture with its time in it, a voice that counts */
  CONCLAVE_SOURCE_FILE = 4,       /* anything that the ffmpeg program decodes, scaled; one file gives both in step */
  CONCLAVE_SOURCE_DEVICE = 5      /* camera or microphone */
};
typedef struct conclave_source_config { /* for conclave_source_open */
  uint32_t struct_size, kind;
  const char* path;                 /* of the file; of a device: "/dev/video0" or part of the microphone's name; NULL: the first one */
  uint32_t loop, codec;             /* a file: from the start again at its end; 0: VP8 */
  uint32_t width, height;           /* 0: 640 x 360; 16 to 4096 */
  uint32_t frames_per_second;       /* 0: 30; at most 120 */
  uint32_t video_bitrate, threads;  /* bit/s, 0: 800,000; of the encoder, 0: 1 */
  uint32_t channels, audio_bitrate, reserved; /* 0: 1, at most 2; bit/s, 0: 32,000 */
} conclave_source_config;
typedef struct conclave_picture { /* for conclave_source_push_picture */
  uint32_t struct_size, width, height;     /* those of the source */
  uint32_t y_stride, u_stride, v_stride;   /* bytes from row to row */
  const uint8_t *y, *u, *v;                /* I420: chroma planes of half width and height, rounded up */
  int64_t capture_time;                    /* 0: now */
} conclave_picture;
/* Opens a source of pictures, of sound, or of both: `video` or `audio` may be NULL. Captures nothing before a call sends to somebody. A source
 * serves one call. DEVICE_MISSING, IO_ERROR, INVALID_ARGUMENT. */
CONCLAVE_API conclave_result conclave_source_open(const conclave_source_config* config, conclave_handle* video, conclave_handle* audio);
/* Copies a picture into a pushed or paced source. LIMIT_EXCEEDED, and dropped, when three wait; INVALID_STATE when the call is over. */
CONCLAVE_API conclave_result conclave_source_push_picture(conclave_handle source, const conclave_picture* picture);
/* Copies sound, 48,000 samples a second, interleaved; `count` samples of all channels, any number. `capture_time` of the first: 0: now.
 * LIMIT_EXCEEDED, and all dropped, when a second would wait in a pushed source, or 60 in a paced one. */
CONCLAVE_API conclave_result conclave_source_push_sound(conclave_handle source, const int16_t* samples, size_t count, int64_t capture_time);
/* How much was pushed and not yet taken: pictures, or microseconds of sound. */
CONCLAVE_API conclave_result conclave_source_waiting(conclave_handle source, uint64_t* waiting);
/* An English text as sound for a source of one channel; `count` samples. At most 1,000 bytes of text; a few ms of work. */
CONCLAVE_API conclave_result conclave_speak(const char* text, int16_t* samples, size_t* count);

/* ---- sinks: where received media goes -------------------------------------------------------------------------------------------- */
enum {
  CONCLAVE_SINK_FETCHED = 1,  /* by you, with conclave_sink_next */
  CONCLAVE_SINK_WEBM = 2,     /* a file of what the first member sends, as it was encoded */
  CONCLAVE_SINK_STILL = 3,    /* a PNG file of the last picture */
  CONCLAVE_SINK_WINDOW = 4, CONCLAVE_SINK_SPEAKER = 5
};
enum { CONCLAVE_MEDIA_NONE = 0, CONCLAVE_MEDIA_PICTURE = 1, CONCLAVE_MEDIA_SOUND = 2, CONCLAVE_MEDIA_ENCODED_PICTURE = 4, CONCLAVE_MEDIA_ENCODED_SOUND = 8 };
typedef struct conclave_sink_config { /* for conclave_sink_open */
  uint32_t struct_size, kind;
  const char* path;       /* of the file */
  uint32_t media;         /* fetched: which of CONCLAVE_MEDIA_..., ored; 0: pictures and sound */
  uint32_t most_waiting;  /* fetched: what waits beyond it pushes the oldest out; 0: 64 */
} conclave_sink_config;
typedef struct conclave_media { /* a piece that was received */
  uint32_t struct_size;
  uint32_t kind;           /* CONCLAVE_MEDIA_...: what lies in the buffer: I420 planes without padding, int16 samples, a VP8, VP9 or Opus frame */
  uint32_t member;         /* who sent it */
  uint32_t width, height, channels;
  uint32_t codec, keyframe; /* of an encoded picture */
  int64_t capture_time, time; /* on the sender's clock; when it is to be seen or heard, on ours */
  uint64_t dropped;        /* pushed out so far, since nobody fetched it */
} conclave_media;
/* A sink serves one call. IO_ERROR, DEVICE_MISSING. */
CONCLAVE_API conclave_result conclave_sink_open(const conclave_sink_config* config, conclave_handle* sink);
/* Waits for the next piece, kind NONE when the timeout passed. INVALID_STATE when the call is over and everything was fetched. */
CONCLAVE_API conclave_result conclave_sink_next(conclave_handle sink, int64_t timeout, conclave_media* media, void* buffer, size_t* size);

/* ---- rooms: roles, rights and the floor, at both levels ---------------------------------------------------------------------------- */
enum { CONCLAVE_LISTENER = 1, CONCLAVE_SPEAKER = 2, CONCLAVE_MODERATOR = 3, CONCLAVE_OWNER = 4 };
enum { CONCLAVE_ROOM_OPEN = 1, CONCLAVE_ROOM_MODERATED = 2, CONCLAVE_ROOM_STAGE = 3 };  /* all may speak; all may write; an audience */
enum { CONCLAVE_RIGHT_SOUND = 1, CONCLAVE_RIGHT_PICTURE = 2, CONCLAVE_RIGHT_SCREEN = 4, CONCLAVE_RIGHT_CHAT = 8, CONCLAVE_RIGHT_ADMIT = 16,
       CONCLAVE_RIGHT_REMOVE = 32, CONCLAVE_RIGHT_GRANT = 64, CONCLAVE_RIGHT_LOCK = 128, CONCLAVE_RIGHT_END = 256 };
enum {
  CONCLAVE_COMMAND_CHAT = 1,       /* data: a text of 1 to 4,096 bytes */
  CONCLAVE_COMMAND_REACTION = 2,   /* value: 1 applause, 2 agree, 3 disagree, 4 heart, 5 laugh, 6 surprise */
  CONCLAVE_COMMAND_HAND = 3,       /* value: 1 asks for the floor, 0 no more */
  CONCLAVE_COMMAND_ROLE = 4,       /* member, value: its role. An owner hands a room over by making somebody else owner */
  CONCLAVE_COMMAND_GIVE = 5,       /* member, value: rights beyond its role's, or back what was taken */
  CONCLAVE_COMMAND_TAKE = 6,       /* member, value: rights; without that of SOUND it is mute: nobody opens its sound from the next epoch on */
  CONCLAVE_COMMAND_REMOVE = 7,     /* member */
  CONCLAVE_COMMAND_BAN = 8,        /* member: removed for good, its identity and its invitation */
  CONCLAVE_COMMAND_LOCK = 9,       /* value: 1 lets nobody in any more, 0 again */
  CONCLAVE_COMMAND_MODE = 10,      /* value: CONCLAVE_ROOM_... */
  CONCLAVE_COMMAND_END = 11,       /* for all */
  CONCLAVE_COMMAND_ENTRY = 12,     /* value: 1 whoever is admitted, 2 of those who has a personal invitation */
  CONCLAVE_COMMAND_SIGNING = 13,   /* value: of frames: 0 none, 1 each, 2 sound in batches (conclave_opener_next) */
  CONCLAVE_COMMAND_HEIRS = 14,     /* data: in a call members, uint32_t each, in a session SHA-256 of identity keys; value: how many of them replace leaders at any time; in a call, not 0 unless nobody is named */
  CONCLAVE_COMMAND_INHERIT = 15,   /* as an heir, when nobody leads any more */
  CONCLAVE_COMMAND_ENDORSE = 16,   /* member: the heir who is to become owner */
  CONCLAVE_COMMAND_REVOKE = 17,    /* in a call value: the number of EVENT_INVITATION, in a session data: a personal invitation */
  CONCLAVE_COMMAND_INVITE = 18     /* a call alone. data: the name of who is invited, once; value: for how many seconds, 0: a day */
};
typedef struct conclave_command { /* what is asked of a room */
  uint32_t struct_size, kind, member, value;
  const void* data;
  size_t size;
} conclave_command;
typedef struct conclave_room { /* what a room is */
  uint32_t struct_size, mode, entry, signing; /* as of the commands of these names */
  uint32_t locked, ended, max_members, banned; /* identities that were removed for good */
} conclave_room;
typedef struct conclave_member { /* who somebody is, as its credential and the room say */
  uint32_t struct_size, member, self, role; /* its number in the room; whether it is us */
  uint32_t verified, confirmed; /* the safety code was compared; in sessions alone: heard lately, and with the same history as ours */
  uint32_t identity_key_size, reserved;
  uint8_t identity_key[72];
  char name[264];               /* made inert, as all names and texts are: safe to show */
  /* since 1.2 */
  uint32_t rights, hand_raised; /* CONCLAVE_RIGHT_..., ored */
  char invited_as[264];         /* to whom the personal invitation was given by which it came, or empty */
} conclave_member;

/* ---- calls: the conference level ------------------------------------------------------------------------------------------------- */
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
} conclave_call_config;
enum {
  CONCLAVE_EVENT_NONE = 0, CONCLAVE_EVENT_ROOM_READY = 1,  /* host: the link works */
  CONCLAVE_EVENT_KNOCK = 2,            /* id, name: to be admitted or refused; flag: it looks like another's; text: to whom its invitation was given */
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
  CONCLAVE_EVENT_INVITATION = 23       /* id: its number, name, text: the link for that person alone, a secret */
};
typedef struct conclave_event { /* what happened in a call */
  uint32_t struct_size, kind;
  uint64_t id;
  uint32_t member, flag;
  conclave_result code;
  uint32_t has_participant, participant, authenticator_size; uint8_t authenticator[64];
  char name[264], digits[64], words[192], detail[256];
  char text[4104];  /* since 1.2 */
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
/* The members one by one, `index` from 0 to below member_count. */
CONCLAVE_API conclave_result conclave_call_member(conclave_handle call, uint32_t index, conclave_member* member);
/* After ENDED: what happened as we saw it, signed by us, for `conclave-call verify`. Since 1.2. */
CONCLAVE_API conclave_result conclave_call_record(conclave_handle call, uint8_t* record, size_t* size);

/* ---- the session level: keys and frames for an app that has its own media and transport ------------------------------------------- */
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
  CONCLAVE_OUTPUT_HEIR = 19, CONCLAVE_OUTPUT_NOT_DONE = 20 /* these five as the events, bytes: the text of CHAT; what was asked for came to nothing: code, detail */
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
/* An identity: new, or of 32 secret bytes that you keep. */
CONCLAVE_API conclave_result conclave_identity_generate(conclave_handle* identity);
CONCLAVE_API conclave_result conclave_identity_from_seed(const uint8_t* seed, size_t size, conclave_handle* identity);
CONCLAVE_API conclave_result conclave_identity_public_key(conclave_handle identity, uint8_t* key, size_t* size); /* of Ed25519 */
/* 32 bytes: what invitations pin. */
CONCLAVE_API conclave_result conclave_identity_hash(conclave_handle identity, uint8_t* hash, size_t* size);
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

#ifdef __cplusplus
}
#endif
#endif
