/* Sources, which say what a call sends, and sinks, where goes what it receives. Of conclave.h, which says what holds for all. */
#ifndef CONCLAVE_C_MEDIA_H
#define CONCLAVE_C_MEDIA_H
#include "conclave/c/results.h"
#ifdef __cplusplus
extern "C" {
#endif

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

#ifdef __cplusplus
}
#endif
#endif
