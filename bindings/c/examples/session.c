/* The session level alone: two members share keys, and a frame goes from one to the other. What an app would send is handed over here. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conclave.h"

static uint8_t bytes[1 << 16];
static size_t size;

static void need(conclave_result result, const char* what) {
  conclave_error error = {.struct_size = sizeof error};
  if (result == CONCLAVE_OK) return;
  conclave_last_error(&error);
  fprintf(stderr, "%s: %s: %s\n", what, conclave_result_name(result), error.detail);
  exit(1);
}

/* The next output into `bytes`. */
static conclave_output next(conclave_handle session) {
  conclave_output output = {.struct_size = sizeof output};
  size = sizeof bytes;
  need(conclave_session_next_output(session, &output, bytes, &size), "output");
  return output;
}

/* Lets the joiner in: the commit goes through the log, back to its sender too, then the Welcome to the joiner. */
static conclave_handle let_in(conclave_handle host, conclave_handle joining, const uint8_t* founder) {
  conclave_handle session = 0;
  size = sizeof bytes;
  need(conclave_joining_key_package(joining, bytes, &size), "key package");
  need(conclave_session_admit(host, 1, bytes, size, NULL), "admit");
  for (conclave_output output = next(host); output.kind != CONCLAVE_OUTPUT_NONE; output = next(host)) {
    if (output.kind == CONCLAVE_OUTPUT_LOG) need(conclave_session_handle(host, bytes, size, NULL), "log");
    if (output.kind == CONCLAVE_OUTPUT_MEMBER_ENTERED) printf("%s is in the room\n", output.name);
    if (output.kind == CONCLAVE_OUTPUT_WELCOME) need(conclave_joining_complete(joining, bytes, size, founder, 32, NULL, &session), "welcome");
  }
  return session;
}

static void send_frame(conclave_handle from, conclave_handle to) {
  const char frame[] = "a frame of video";
  uint8_t sealed[256], opened[256];
  size_t sealed_size = sizeof sealed;
  conclave_handle sealer = 0, opener = 0;
  conclave_opened what = {.struct_size = sizeof what};
  need(conclave_session_make_sealer(from, 0, CONCLAVE_FRAME_WHOLE, &sealer), "sealer");
  need(conclave_opener_create(&opener), "opener");
  need(conclave_opener_update(opener, to), "keys");
  need(conclave_sealer_seal(sealer, (const uint8_t*)frame, sizeof frame, NULL, 0, sealed, &sealed_size), "seal");
  need(conclave_opener_open(opener, -1, sealed, sealed_size, NULL, 0, CONCLAVE_FRAME_WHOLE, opened, sizeof opened, &what), "open");
  if (what.status != CONCLAVE_OPENED || memcmp(opened, frame, sizeof frame) != 0) exit(2);
  printf("member %u sent: %s\n", what.sender, (const char*)opened);
  conclave_close(sealer);
  conclave_close(opener);
}

int main(void) {
  conclave_session_config config = {.struct_size = sizeof config, .room_id = {1, 2, 3}};
  conclave_handle alice = 0, bob = 0, room = 0, joining = 0;
  uint8_t founder[32];
  size = sizeof founder;
  need(conclave_identity_generate(&alice), "identity");
  need(conclave_identity_generate(&bob), "identity");
  need(conclave_identity_hash(alice, founder, &size), "hash");
  need(conclave_session_found(&config, alice, "Alice", NULL, &room), "found");
  need(conclave_joining_begin(&config, bob, "Bob", NULL, &joining), "join");
  const conclave_handle guest = let_in(room, joining, founder);
  send_frame(room, guest);
  send_frame(guest, room);
  for (int i = 0; i < 5; ++i) conclave_close((conclave_handle[]){guest, joining, room, bob, alice}[i]);
  return 0;
}
