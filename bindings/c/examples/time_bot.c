/* Opens a room, lets everybody in and tells each what time it is: time_bot [SECONDS] */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "conclave.h"

static conclave_handle voice, call;

static int fail(const char* what) {
  conclave_error error = {.struct_size = sizeof error};
  conclave_last_error(&error);
  fprintf(stderr, "%s: %s: %s\n", what, conclave_result_name(error.code), error.detail);
  return 1;
}

static void say_the_time(const char* name) {
  static int16_t sound[60 * 48000];
  char text[400];
  const time_t now = time(NULL);
  struct tm local;
  localtime_r(&now, &local);
  snprintf(text, sizeof text, "Hello %s. It is %d hours and %d minutes.", name, local.tm_hour, local.tm_min);
  size_t count = sizeof sound / sizeof sound[0];
  if (conclave_speak(text, sound, &count) == CONCLAVE_OK) conclave_source_push_sound(voice, sound, count, 0);
}

static void print_link(void) {
  char link[1024];
  size_t size = sizeof link;
  if (conclave_call_link(call, link, &size) == CONCLAVE_OK) printf("%s\n", link);
  fflush(stdout);
}

int main(int argc, char** argv) {
  conclave_source_config speech = {.struct_size = sizeof speech, .kind = CONCLAVE_SOURCE_PACED};
  if (conclave_source_open(&speech, NULL, &voice) != CONCLAVE_OK) return fail("no voice");
  conclave_call_config config = {.struct_size = sizeof config, .display_name = "Clock", .audio_source = voice, .listen = "127.0.0.1"};
  if (conclave_call_host(&config, &call) != CONCLAVE_OK) return fail("the room cannot be opened");
  const int64_t until = conclave_now() + (argc > 1 ? atoi(argv[1]) : 3600) * (int64_t)1000000;
  conclave_event event = {.struct_size = sizeof event};
  while (conclave_now() < until && conclave_call_next_event(call, 100000, &event) == CONCLAVE_OK) {
    if (event.kind == CONCLAVE_EVENT_ROOM_READY) print_link();
    if (event.kind == CONCLAVE_EVENT_KNOCK) conclave_call_admit(call, event.id);
    if (event.kind == CONCLAVE_EVENT_MEMBER_JOINED) say_the_time(event.name);
    if (event.kind == CONCLAVE_EVENT_ENDED) break;
  }
  conclave_call_leave(call);
  while (conclave_call_next_event(call, -1, &event) == CONCLAVE_OK && event.kind != CONCLAVE_EVENT_ENDED) {}
  conclave_close(call);
  conclave_close(voice);
  return event.code != CONCLAVE_OK;
}
