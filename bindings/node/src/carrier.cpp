// Datagrams of a call, carried by a function of JavaScript: they wait in a queue for its event loop, and are lost where it is full.
#include <memory>
#include <mutex>
#include <utility>

#include "napi.h"

namespace conclave_node {
namespace {

using Datagram = std::vector<std::uint8_t>;

/// Shared by a call, which sends until it is closed, and by the queue, which ends with its environment: either may be the last.
struct Courier {
  std::mutex mutex;
  napi_threadsafe_function queue = nullptr;  ///< under the mutex; null once one of them has ended
};
using Share = std::shared_ptr<Courier>;

void send(void* user, const std::uint8_t* datagram, std::size_t size) {
  Courier& courier = **static_cast<Share*>(user);
  auto copy = std::make_unique<Datagram>(datagram, datagram + size);
  const std::lock_guard lock(courier.mutex);
  if (courier.queue != nullptr && napi_call_threadsafe_function(courier.queue, copy.get(), napi_tsfn_nonblocking) == napi_ok) copy.release();
}

void closed(void* user) {
  const std::unique_ptr<Share> share(static_cast<Share*>(user));
  const std::lock_guard lock((*share)->mutex);
  if (auto* queue = std::exchange((*share)->queue, nullptr)) napi_release_threadsafe_function(queue, napi_tsfn_release);
}

void queue_ended(napi_env, void* data, void*) {
  const std::unique_ptr<Share> share(static_cast<Share*>(data));
  const std::lock_guard lock((*share)->mutex);
  (*share)->queue = nullptr;
}

/// In the event loop.
void deliver(napi_env env, napi_value function, void*, void* data) {
  const std::unique_ptr<Datagram> datagram(static_cast<Datagram*>(data));
  if (env == nullptr || function == nullptr) return;
  napi_value self = nullptr;
  napi_get_undefined(env, &self);
  const napi_value argument = buffer(env, datagram->data(), datagram->size());
  napi_call_function(env, self, function, 1, &argument, nullptr);  // call.js lets nothing be thrown
}

}  // namespace

conclave_carrier carrier_of(napi_env env, napi_value function) {
  constexpr std::size_t most_waiting = 1024;
  const auto courier = std::make_shared<Courier>();
  auto share = std::make_unique<Share>(courier);
  if (napi_create_threadsafe_function(env, function, nullptr, text(env, "conclave carrier"), most_waiting, 1, share.get(), queue_ended, nullptr, deliver,
                                      &courier->queue) != napi_ok)
    return {};
  share.release();
  napi_unref_threadsafe_function(env, courier->queue);  // a call that nobody closes keeps no process alive
  conclave_carrier table{};
  table.struct_size = sizeof table;
  table.user = new Share(courier);
  table.send = send;
  table.closed = closed;
  return table;
}

}  // namespace conclave_node
