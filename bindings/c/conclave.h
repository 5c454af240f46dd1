/* Conclave: end-to-end encrypted calls, for every language that can call C.
 *
 * Results    A function returns CONCLAVE_OK or the code of why it failed, if nothing else is said; a failed call has changed nothing, if
 *            nothing else is said. conclave_last_error() then gives the sentence and, where a participant is at fault, its number.
 * Handles    Numbers that name objects; 0 names none. They are checked: after conclave_close, or in another's place, they give an error,
 *            never a crash: INVALID_ARGUMENT for 0, an unknown number or another type, INVALID_STATE once closed. At most 65,536 at a time.
 * Structs    Begin with struct_size: set it to sizeof, and all that you do not use to 0, which means "the default". A size below the first
 *            version's is INVALID_ARGUMENT; what a newer header appended must be 0, or it is UNSUPPORTED. What comes out is cut likewise.
 * Buffers    Are yours. `size` holds the capacity on entry and the length on return; BUFFER_TOO_SMALL puts there what is needed and takes
 *            nothing away: a NULL buffer with a capacity of 0 asks. Nothing is ever handed out that you would have to free.
 * Texts      UTF-8, zero-terminated; lengths that come out count the zero.
 * Callbacks  There are none. Events, pictures and sound are fetched, by whichever thread asks.
 * Threads    Calls, sources and sinks: any number of threads at once. Identity, session, joining, sealer and opener: one at a time, another one
 *            meanwhile gets INVALID_STATE. conclave_close: always; who waits on the handle returns at once, and the last user destroys it.
 * Times      Microseconds of conclave_now(), the machine's monotonic clock; timeouts too, where a negative one is an hour, the longest.
 * ABI        Within a major version functions and codes are only added, and structs grow at their end. */
#ifndef CONCLAVE_H
#define CONCLAVE_H

#include <stddef.h>
#include <stdint.h>

#define CONCLAVE_API __attribute__((visibility("default")))

#ifdef __cplusplus
extern "C" {
#endif

typedef uint64_t conclave_handle;
typedef int32_t conclave_result;

enum {
  CONCLAVE_OK = 0,
  /* misuse by the caller */
  CONCLAVE_INVALID_ARGUMENT = 100, CONCLAVE_INVALID_STATE = 101, CONCLAVE_BUFFER_TOO_SMALL = 102, CONCLAVE_NOT_PERMITTED = 103,
  CONCLAVE_LIMIT_EXCEEDED = 104,
  /* bad input from a peer or relay: dropped, nothing changed */
  CONCLAVE_MALFORMED = 200, CONCLAVE_NOT_AUTHENTIC = 201, CONCLAVE_REPLAYED = 202, CONCLAVE_UNKNOWN_KEY = 203, CONCLAVE_UNSUPPORTED = 204,
  CONCLAVE_INVALID_MESSAGE = 205, CONCLAVE_WRONG_GROUP = 206, CONCLAVE_WRONG_EPOCH = 207, CONCLAVE_FORBIDDEN_BY_POLICY = 208,
  CONCLAVE_EXPIRED = 209, CONCLAVE_REFUSED = 210, CONCLAVE_VERSION_MISMATCH = 211, CONCLAVE_IDENTITY_MISMATCH = 212,
  /* the environment: trying again later, or elsewhere, may help */
  CONCLAVE_UNREACHABLE = 300, CONCLAVE_CONNECTION_LOST = 301, CONCLAVE_IO_ERROR = 302, CONCLAVE_DEVICE_MISSING = 303,
  CONCLAVE_OUT_OF_RESOURCES = 304, CONCLAVE_DAMAGED_STATE = 305,
  /* a bug in this library */
  CONCLAVE_INTERNAL = 400
};

typedef struct conclave_error {
  uint32_t struct_size;
  conclave_result code;
  uint32_t has_participant;
  uint32_t participant;  /* the member at fault */
  char detail[256];      /* a sentence for a developer: no key, name or address in it */
} conclave_error;

/* The version of this header, major << 16 | minor. Programs ask at start that conclave_abi_version() has the same major and no lower minor. */
enum { CONCLAVE_ABI_VERSION = 1 << 16 | 0 };
CONCLAVE_API uint32_t conclave_abi_version(void);
/* The library's version as text. Static. */
CONCLAVE_API const char* conclave_version(void);
/* The name of a code as "invalid_state"; of an unknown one "unknown". Static, never NULL. */
CONCLAVE_API const char* conclave_result_name(conclave_result code);
/* What the last failed call of this thread had to say. */
CONCLAVE_API conclave_result conclave_last_error(conclave_error* error);
CONCLAVE_API int64_t conclave_now(void);

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

typedef struct conclave_source_config {
  uint32_t struct_size;
  uint32_t kind;
  const char* path;           /* of the file; of a device: "/dev/video0" or part of the microphone's name; NULL: the first one */
  uint32_t loop;              /* a file: from the start again at its end */
  uint32_t codec;             /* 0: VP8 */
  uint32_t width, height;     /* 0: 640 x 360; 16 to 4096 */
  uint32_t frames_per_second; /* 0: 30; at most 120 */
  uint32_t video_bitrate;     /* bit/s; 0: 800,000 */
  uint32_t threads;           /* of the encoder; 0: 1 */
  uint32_t channels;          /* 0: 1; at most 2 */
  uint32_t audio_bitrate;     /* bit/s; 0: 32,000 */
  uint32_t reserved;
} conclave_source_config;

typedef struct conclave_picture {
  uint32_t struct_size;
  uint32_t width, height;                  /* those of the source */
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
  CONCLAVE_SINK_WINDOW = 4,
  CONCLAVE_SINK_SPEAKER = 5
};
enum { CONCLAVE_MEDIA_NONE = 0, CONCLAVE_MEDIA_PICTURE = 1, CONCLAVE_MEDIA_SOUND = 2, CONCLAVE_MEDIA_ENCODED_PICTURE = 4,
       CONCLAVE_MEDIA_ENCODED_SOUND = 8 };

typedef struct conclave_sink_config {
  uint32_t struct_size;
  uint32_t kind;
  const char* path;       /* of the file */
  uint32_t media;         /* fetched: which of CONCLAVE_MEDIA_..., ored; 0: pictures and sound */
  uint32_t most_waiting;  /* fetched: what waits beyond it pushes the oldest out; 0: 64 */
} conclave_sink_config;

typedef struct conclave_media {
  uint32_t struct_size;
  uint32_t kind;           /* CONCLAVE_MEDIA_...: what lies in the buffer: I420 planes without padding, int16 samples, a VP8, VP9 or Opus frame */
  uint32_t member;         /* who sent it */
  uint32_t width, height;
  uint32_t channels;
  uint32_t codec;          /* of an encoded picture */
  uint32_t keyframe;
  int64_t capture_time;    /* on the sender's clock */
  int64_t time;            /* when it is to be seen or heard, on ours */
  uint64_t dropped;        /* pushed out so far, since nobody fetched it */
} conclave_media;

/* A sink serves one call. IO_ERROR, DEVICE_MISSING. */
CONCLAVE_API conclave_result conclave_sink_open(const conclave_sink_config* config, conclave_handle* sink);
/* Waits for the next piece, kind NONE when the timeout passed. INVALID_STATE when the call is over and everything was fetched. */
CONCLAVE_API conclave_result conclave_sink_next(conclave_handle sink, int64_t timeout, conclave_media* media, void* buffer, size_t* size);

/* ---- calls: the conference level ------------------------------------------------------------------------------------------------- */

typedef struct conclave_call_config {
  uint32_t struct_size;
  uint32_t sink_count;
  const char* display_name;       /* at most 64 characters are shown; NULL: "somebody" */
  conclave_handle video_source;   /* 0: sends no picture */
  conclave_handle audio_source;   /* 0: sends no sound */
  const conclave_handle* sinks;
  int64_t playout_delay;          /* capture to playout beyond the fastest packet seen; 0: 120 ms */
  int64_t key_rotation;           /* new keys of our own at least so often; 0: 5 min */
  int64_t join_timeout;           /* how long a knock waits for an answer; 0: 60 s */
  int64_t connect_timeout;        /* 0: 4 s */
  const char* listen;             /* host: a literal address for the relay that it embeds; NULL: "::", which takes IPv4 too */
  const char* advertise;          /* host: what the link says; NULL: `listen`, or this machine's first address */
  const char* relay_key_file;     /* host: PEM, made when missing; NULL: a key for this call only */
  uint32_t port;                  /* host: UDP; 0: any free one */
  uint32_t reserved;
} conclave_call_config;

enum {
  CONCLAVE_EVENT_NONE = 0,
  CONCLAVE_EVENT_ROOM_READY = 1,       /* host: the link works */
  CONCLAVE_EVENT_KNOCK = 2,            /* id, name: answer with conclave_call_admit or _refuse */
  CONCLAVE_EVENT_KNOCK_WITHDRAWN = 3,  /* id */
  CONCLAVE_EVENT_JOINED = 4,           /* member: we */
  CONCLAVE_EVENT_MEMBER_JOINED = 5,    /* member, name */
  CONCLAVE_EVENT_MEMBER_LEFT = 6,      /* member, name, flag: was removed */
  CONCLAVE_EVENT_EPOCH = 7,            /* id: the epoch; authenticator, equal for all members */
  CONCLAVE_EVENT_SAFETY_CODE = 8,      /* digits and words to compare over another channel */
  CONCLAVE_EVENT_SOURCE_ENDED = 9,     /* flag: the picture; code, detail: why, 0: its end */
  CONCLAVE_EVENT_ENDED = 10            /* the last one; code, detail: why, 0: we left or the room was closed */
};

typedef struct conclave_event {
  uint32_t struct_size;
  uint32_t kind;
  uint64_t id;
  uint32_t member;
  uint32_t flag;
  conclave_result code;
  uint32_t has_participant, participant;
  uint32_t authenticator_size;
  uint8_t authenticator[64];
  char name[264];   /* made inert: safe to show */
  char digits[64];
  char words[192];
  char detail[256];
} conclave_event;

typedef struct conclave_medium_report {
  uint64_t frames_sent, packets_sent, bytes_sent, retransmissions, keyframes;
  uint64_t frames_received, frames_lost, frames_decoded, decode_failures, frames_concealed;
  uint64_t packets_received, packets_lost, packets_recovered, bytes_received, keyframes_requested, freezes;
} conclave_medium_report;

typedef struct conclave_report {
  uint32_t struct_size;
  uint32_t member_count;               /* for conclave_call_member */
  uint64_t epoch;
  int64_t setup_time;
  conclave_medium_report video, audio; /* summed over all members */
  uint64_t malformed, unknown_epoch, unknown_sender, forged, replayed, incomplete, wrong_stream, bad_message; /* dropped, by reason */
  uint64_t video_captured, video_skipped, audio_captured, audio_skipped, media_unplayed, datagrams_sent, datagrams_received;
  char relay_address[64];
} conclave_report;

enum { CONCLAVE_LISTENER = 1, CONCLAVE_SPEAKER = 2, CONCLAVE_MODERATOR = 3, CONCLAVE_OWNER = 4 };
typedef struct conclave_member {
  uint32_t struct_size;
  uint32_t member;     /* its number in the room */
  uint32_t self;
  uint32_t role;       /* this and all below: sessions alone */
  uint32_t verified;   /* what conclave_session_set_verified said */
  uint32_t confirmed;  /* heard lately, and with the same history as ours */
  uint32_t identity_key_size;
  uint32_t reserved;
  uint8_t identity_key[72];
  char name[264];
} conclave_member;

/* Opens a room on a relay in this process. IO_ERROR when the port is taken. All that happens later comes as an event. */
CONCLAVE_API conclave_result conclave_call_host(const conclave_call_config* config, conclave_handle* call);
/* Knocks at the room of a link, conclave://HOST:PORT/ROOM#SECRET. MALFORMED for a link that is none. */
CONCLAVE_API conclave_result conclave_call_join(const conclave_call_config* config, const char* link, conclave_handle* call);
/* The link: a secret, since who has it may knock. */
CONCLAVE_API conclave_result conclave_call_link(conclave_handle call, char* text, size_t* size);
/* Waits for the next event, kind NONE when the timeout passed. INVALID_STATE after ENDED was fetched. At most 1,024 wait, ENDED is never lost. */
CONCLAVE_API conclave_result conclave_call_next_event(conclave_handle call, int64_t timeout, conclave_event* event);
CONCLAVE_API conclave_result conclave_call_admit(conclave_handle call, uint64_t knock);
CONCLAVE_API conclave_result conclave_call_refuse(conclave_handle call, uint64_t knock);
CONCLAVE_API conclave_result conclave_call_remove(conclave_handle call, uint32_t member);
CONCLAVE_API conclave_result conclave_call_rotate_keys(conclave_handle call);
/* Says goodbye; ENDED follows at once. */
CONCLAVE_API conclave_result conclave_call_leave(conclave_handle call);
/* Stops capture and finishes the sinks, so that files are whole; the first error of a sink. After ENDED. */
CONCLAVE_API conclave_result conclave_call_finish(conclave_handle call);
/* As of the last half second; exact after ENDED. */
CONCLAVE_API conclave_result conclave_call_report(conclave_handle call, conclave_report* report);
/* The members one by one, `index` from 0 to below member_count. */
CONCLAVE_API conclave_result conclave_call_member(conclave_handle call, uint32_t index, conclave_member* member);

#ifdef __cplusplus
}
#endif
#endif
