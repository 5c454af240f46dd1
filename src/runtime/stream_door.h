// The relay's TCP port: its descriptors, between the event loop and the WebSocket server.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <vector>

#include "runtime/event_loop.h"
#include "runtime/tcp_socket.h"
#include "transport/websocket/server.h"

namespace conclave::runtime {

/// All on the loop's thread. `turn` is called after anything arrived; it is to call `flush`, with whatever else a turn consists of.
class StreamDoor {
 public:
  StreamDoor(TcpListener listener, transport::websocket::WebSocketServer& server, EventLoop& loop, EventLoop::Task turn);
  StreamDoor(const StreamDoor&) = delete;
  StreamDoor& operator=(const StreamDoor&) = delete;

  /// Takes streams from now on.
  void open();
  /// Writes what the sockets take, and closes those that are over.
  void flush(Time now);
  [[nodiscard]] Time next_deadline() const { return ready_.empty() ? accept_again_ : Time{}; }
  [[nodiscard]] std::uint16_t port() const { return listener_.local_address().port; }
  /// How often the system had no descriptor for a newcomer.
  [[nodiscard]] std::uint64_t accepts_failed() const { return accepts_failed_; }

 private:
  using Id = transport::ConnectionId;
  struct Stream {
    TcpSocket socket;
    bool blocked = false;  ///< waits for the socket to take more
    bool ended = false;    ///< our side
  };

  void open_again(Time now);
  void accept();
  /// Newcomers wait in the system for a moment.
  void pause(Time now);
  void welcome(TcpListener::Arrival arrival, Time now);
  void receive(Id id);
  void write(Id id, Stream& stream, Time now);
  void wait_writable(Id id, Stream& stream);
  void settle(Id id, Time now);

  TcpListener listener_;
  transport::websocket::WebSocketServer& server_;
  EventLoop& loop_;
  EventLoop::Task turn_;
  std::map<Id, Stream> streams_;
  std::vector<Id> ready_;  ///< may write again
  Time accept_again_ = never;
  std::uint64_t accepts_failed_ = 0;
  Bytes block_;
};

}  // namespace conclave::runtime
