#include "runtime/stream_door.h"

#include <system_error>
#include <utility>

#include "runtime/steady_time.h"

namespace conclave::runtime {
namespace {

constexpr int newcomers_per_turn = 64;
constexpr int blocks_per_turn = 4;
constexpr int writes_per_turn = 64;  // then the others have their turn
constexpr std::size_t block_size = 16 << 10;
constexpr Duration accept_pause = std::chrono::milliseconds(100);

}  // namespace

StreamDoor::StreamDoor(TcpListener listener, transport::websocket::WebSocketServer& server, EventLoop& loop, EventLoop::Task turn)
    : listener_(std::move(listener)), server_(server), loop_(loop), turn_(std::move(turn)), block_(block_size) {}

void StreamDoor::open() {
  accept_again_ = never;
  loop_.on_readable(listener_.descriptor(), [this] { accept(); });
}

void StreamDoor::open_again(Time now) {
  try {
    open();
  } catch (const std::system_error&) {  // the system watches no more descriptors
    ++accepts_failed_;
    accept_again_ = now + accept_pause;
  }
}

void StreamDoor::accept() {
  const Time now = steady_now();
  bool exhausted = false;
  bool rushed = false;
  for (int i = 0; i < newcomers_per_turn && !exhausted; ++i) {
    rushed = !server_.takes_newcomers(now);
    if (rushed) break;
    auto arrival = listener_.accept(exhausted);
    if (!arrival) break;
    welcome(std::move(*arrival), now);
  }
  if (exhausted) ++accepts_failed_;
  if (exhausted || rushed) pause(now);
  turn_();
}

void StreamDoor::pause(Time now) {
  loop_.forget(listener_.descriptor());
  accept_again_ = now + accept_pause;
}

/// Who is not let in is closed with its socket, here.
void StreamDoor::welcome(TcpListener::Arrival arrival, Time now) {
  const auto id = server_.accept(arrival.from, now);
  if (!id) return;
  const int descriptor = arrival.socket.descriptor();
  streams_.emplace(*id, Stream{std::move(arrival.socket)});
  try {
    loop_.on_readable(descriptor, [this, id = *id] { receive(id); });
  } catch (const std::system_error&) {  // the system watches no more descriptors
    ++accepts_failed_;
    server_.receive_end(*id);
  }
}

void StreamDoor::receive(Id id) {
  const auto found = streams_.find(id);
  if (found == streams_.end()) return;
  const Time now = steady_now();
  for (int i = 0; i < blocks_per_turn; ++i) {
    const TcpTransfer got = found->second.socket.receive(block_);
    if (got.size > 0) server_.receive(id, ByteView(block_).first(got.size), now);
    if (got.over) server_.receive_end(id);
    if (got.size < block_.size()) break;
  }
  turn_();
}

void StreamDoor::flush(Time now) {
  if (now >= accept_again_) open_again(now);
  for (const Id id : server_.take_talkative()) settle(id, now);
  for (const Id id : std::exchange(ready_, {})) settle(id, now);
}

void StreamDoor::settle(Id id, Time now) {
  const auto found = streams_.find(id);
  if (found == streams_.end()) return;
  Stream& stream = found->second;
  write(id, stream, now);
  if (server_.said_all(id) && !std::exchange(stream.ended, true)) stream.socket.end_output();
  if (!server_.forget_if_finished(id)) return;
  loop_.forget(stream.socket.descriptor());
  streams_.erase(found);
}

void StreamDoor::write(Id id, Stream& stream, Time now) {
  for (int i = 0; i < writes_per_turn && !stream.blocked; ++i) {
    const ByteView bytes = server_.output(id, now);
    if (bytes.empty()) return;
    const TcpTransfer sent = stream.socket.send(bytes);
    if (sent.over) return server_.receive_end(id);
    server_.consume(id, sent.size);
    if (sent.size < bytes.size()) return wait_writable(id, stream);
  }
  if (!stream.blocked) ready_.push_back(id);
}

void StreamDoor::wait_writable(Id id, Stream& stream) {
  stream.blocked = true;
  loop_.when_writable(stream.socket.descriptor(), [this, id] {
    const auto found = streams_.find(id);
    if (found == streams_.end()) return;
    found->second.blocked = false;
    ready_.push_back(id);
    turn_();
  });
}

}  // namespace conclave::runtime
