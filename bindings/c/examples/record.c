/* Joins a call and records it: record LINK FILE.webm [SECONDS] */
#include <stdio.h>
#include <stdlib.h>

#include "conclave.h"

static int fail(const char* what) {
  conclave_error error = {.struct_size = sizeof error};
  conclave_last_error(&error);
  fprintf(stderr, "%s: %s: %s\n", what, conclave_result_name(error.code), error.detail);
  return 1;
}

/* Until the time is over or the call has ended; the code with which it ended. */
static conclave_result stay(conclave_handle call, int64_t seconds) {
  int64_t until = INT64_MAX;
  conclave_event event = {.struct_size = sizeof event};
  while (conclave_call_next_event(call, 100000, &event) == CONCLAVE_OK && event.kind != CONCLAVE_EVENT_ENDED) {
    if (event.kind == CONCLAVE_EVENT_JOINED) until = conclave_now() + seconds * 1000000;
    if (event.kind == CONCLAVE_EVENT_MEMBER_JOINED) printf("%s is in the room\n", event.name);
    if (event.kind == CONCLAVE_EVENT_SAFETY_CODE) printf("safety code %s\n", event.digits);
    if (conclave_now() > until) {
      conclave_call_leave(call);
      until = INT64_MAX;
    }
  }
  if (event.code != CONCLAVE_OK) fprintf(stderr, "the call ended: %s\n", event.detail);
  return event.code;
}

int main(int argc, char** argv) {
  if (argc < 3) return fprintf(stderr, "usage: record LINK FILE.webm [SECONDS]\n"), 2;
  conclave_handle file = 0, call = 0;
  conclave_sink_config webm = {.struct_size = sizeof webm, .kind = CONCLAVE_SINK_WEBM, .path = argv[2]};
  if (conclave_sink_open(&webm, &file) != CONCLAVE_OK) return fail("the file cannot be written");
  conclave_call_config config = {.struct_size = sizeof config, .display_name = "Recorder", .sinks = &file, .sink_count = 1};
  if (conclave_call_join(&config, argv[1], &call) != CONCLAVE_OK) return fail("the call cannot be joined");
  const conclave_result ended = stay(call, argc > 3 ? atoi(argv[3]) : 60);
  const conclave_result finished = conclave_call_finish(call); /* now the file is whole */
  conclave_close(call);
  conclave_close(file);
  return ended != CONCLAVE_OK || finished != CONCLAVE_OK;
}
