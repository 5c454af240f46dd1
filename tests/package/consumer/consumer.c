/* Opens a room through the C interface and closes it. */
#include <conclave.h>
#include <stdio.h>

int main(void) {
  conclave_call_config config = {.struct_size = sizeof config, .listen = "127.0.0.1"};
  conclave_event event = {.struct_size = sizeof event};
  conclave_handle call = 0;
  if (conclave_abi_version() >> 16 != CONCLAVE_ABI_VERSION >> 16 || conclave_call_host(&config, &call) != CONCLAVE_OK) return 1;
  while (event.kind != CONCLAVE_EVENT_ROOM_READY) {
    if (conclave_call_next_event(call, 5000000, &event) != CONCLAVE_OK || event.kind == CONCLAVE_EVENT_NONE) return 2;
  }
  puts("the room is open");
  return conclave_close(call);
}
