/* One end of a call that is checked at both: peer OWN OTHER [LINK]. Sends the picture and the tone of its own number, and wants to see
 * and hear those of the other. Opens a room without LINK, and prints its link. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conclave.h"

enum { WIDTH = 160, HEIGHT = 90, SECONDS = 10 };
static conclave_handle picture_source, sound_source, sink, call;
static int own, other, good_pictures, good_sounds;

static void need(conclave_result result, const char* what) {
  conclave_error error = {.struct_size = sizeof error};
  if (result == CONCLAVE_OK) return;
  conclave_last_error(&error);
  fprintf(stderr, "%s: %s: %s\n", what, conclave_result_name(result), error.detail);
  exit(1);
}

static int level(int number, int quadrant) { return 40 + 20 * ((3 * number + 5 * quadrant) % 8); }
static int tone(int number) { return 300 + 100 * number; }

static void send_media(void) {
  static uint8_t y[WIDTH * HEIGHT], grey[WIDTH * HEIGHT / 4];
  static int16_t sound[SECONDS * 48000];
  memset(grey, 128, sizeof grey);
  for (int i = 0; i < WIDTH * HEIGHT; ++i) y[i] = (uint8_t)level(own, 2 * (i / WIDTH >= HEIGHT / 2) + (i % WIDTH >= WIDTH / 2));
  for (int i = 0; i < SECONDS * 48000; ++i) sound[i] = (int16_t)lrint(8000 * sin(2 * 3.14159265358979 * tone(own) * i / 48000));
  conclave_picture picture = {.struct_size = sizeof picture, .width = WIDTH, .height = HEIGHT, .y_stride = WIDTH, .u_stride = WIDTH / 2,
                              .v_stride = WIDTH / 2, .y = y, .u = grey, .v = grey};
  need(conclave_source_push_picture(picture_source, &picture), "picture");
  need(conclave_source_push_sound(sound_source, sound, SECONDS * 48000, 0), "sound");
}

static void open_call(const char* link) {
  conclave_source_config source = {.struct_size = sizeof source, .kind = CONCLAVE_SOURCE_PACED, .width = WIDTH, .height = HEIGHT,
                                   .frames_per_second = 15, .video_bitrate = 200000};
  conclave_sink_config inbox = {.struct_size = sizeof inbox, .kind = CONCLAVE_SINK_FETCHED, .most_waiting = 1000};
  need(conclave_source_open(&source, &picture_source, &sound_source), "source");
  need(conclave_sink_open(&inbox, &sink), "sink");
  send_media();
  conclave_call_config config = {.struct_size = sizeof config, .display_name = "C", .video_source = picture_source,
                                 .audio_source = sound_source, .sinks = &sink, .sink_count = 1, .listen = "127.0.0.1"};
  need(link ? conclave_call_join(&config, link, &call) : conclave_call_host(&config, &call), "call");
}

static void look(const uint8_t* y) {
  int good = 1;
  for (int q = 0; q < 4; ++q) {
    const int row = HEIGHT / 4 + (q / 2) * HEIGHT / 2, column = WIDTH / 4 + (q % 2) * WIDTH / 2;
    good = good && abs(y[row * WIDTH + column] - level(other, q)) <= 8;
  }
  good_pictures += good;
}

static void listen_to(const int16_t* samples, int count) {
  static int crossings, heard, last;
  for (int i = 0; i < count; last = samples[i++]) crossings += (last < 0) != (samples[i] < 0);
  if ((heard += count) < 24000) return;
  good_sounds += abs(crossings * 24000 / heard - tone(other)) <= 30;
  crossings = heard = 0;
}

static void fetch(void) {
  static uint8_t buffer[WIDTH * HEIGHT * 2];
  conclave_media media = {.struct_size = sizeof media};
  size_t size = sizeof buffer;
  while (conclave_sink_next(sink, 0, &media, buffer, &size) == CONCLAVE_OK && media.kind != CONCLAVE_MEDIA_NONE) {
    if (media.kind == CONCLAVE_MEDIA_PICTURE && media.width == WIDTH) look(buffer);
    if (media.kind == CONCLAVE_MEDIA_SOUND) listen_to((const int16_t*)(const void*)buffer, (int)(size / 2));
    size = sizeof buffer;
  }
}

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  own = atoi(argv[1]), other = atoi(argv[2]);
  open_call(argc > 3 ? argv[3] : NULL);
  conclave_event event = {.struct_size = sizeof event};
  int64_t until = conclave_now() + 20000000, leaving = 0;
  while (conclave_now() < until && event.kind != CONCLAVE_EVENT_ENDED && conclave_call_next_event(call, 20000, &event) == CONCLAVE_OK) {
    char link[1024];
    size_t size = sizeof link;
    if (event.kind == CONCLAVE_EVENT_ROOM_READY && conclave_call_link(call, link, &size) == CONCLAVE_OK) printf("%s\n", link), fflush(stdout);
    if (event.kind == CONCLAVE_EVENT_KNOCK) conclave_call_admit(call, event.id);
    fetch();
    if (good_pictures >= 10 && good_sounds >= 3 && !leaving) leaving = conclave_now() + 1500000; /* the other may need it still */
    if (leaving && conclave_now() > leaving) conclave_call_leave(call), leaving = INT64_MAX;
  }
  printf("pictures %d, half seconds of sound %d\n", good_pictures, good_sounds);
  need(conclave_close(call), "close");
  return good_pictures >= 10 && good_sounds >= 3 ? 0 : 1;
}
