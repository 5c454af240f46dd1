#include "relay/pump.h"

#include <algorithm>
#include <string>
#include <vector>

namespace conclave::relay {
namespace {

class Carrier {
 public:
  Carrier(Relay& relay, transport::Server& server, Time now) : relay_(relay), server_(server), now_(now) {}

  void carry(const Outputs& outputs) {
    for (const Output& output : outputs) std::visit([&](const auto& wish) { carry(wish); }, output);
  }

  /// Ends: each turn takes a connection away for good.
  void close_overrun() {
    while (!overrun_.empty()) {
      const ConnectionId connection = overrun_.back();
      overrun_.pop_back();
      const std::string reason = "the connection does not keep up";
      relay_.note_slow_connection();
      server_.close(connection, ErrorCode::limit_exceeded, reason, now_);
      carry(relay_.handle({connection, TransportClosed{Error{ErrorCode::limit_exceeded, reason}}}, now_));
    }
  }

 private:
  void carry(const SendMessage& wish) {
    if (!server_.send_message(wish.connection, wish.channel, *wish.message, now_).ok()) overrun_.push_back(wish.connection);
  }
  // Media and feedback may be lost: the transport counts what it drops.
  void carry(const SendMedia& wish) {
    for (const Receiver& receiver : *wish.receivers) {
      if (receiver.offset == 0) (void)server_.send_media(receiver.connection, wish.packet, now_);
      else (void)server_.send_media(receiver.connection, numbered(wish.packet, receiver), now_);
    }
  }
  void carry(const SendFeedback& wish) { (void)server_.send_feedback(wish.connection, wish.feedback, now_); }
  void carry(const Admit& wish) { server_.admit(wish.connection); }
  void carry(const Close& wish) { server_.close(wish.connection, wish.code, wish.reason, now_); }

  Relay& relay_;
  transport::Server& server_;
  Time now_;
  std::vector<ConnectionId> overrun_;
};

}  // namespace

Time pump(Relay& relay, transport::Server& server, Time now) {
  Carrier carrier(relay, server, now);
  carrier.carry(relay.say_written());
  for (auto& event : server.poll(now)) carrier.carry(relay.handle(std::move(event), now));
  if (relay.next_deadline() <= now) carrier.carry(relay.tick(now));
  carrier.close_overrun();
  return std::min(relay.next_deadline(), server.next_deadline());
}

void shut_down(Relay& relay, transport::Server& server, Time now) {
  Carrier(relay, server, now).carry(relay.shut_down());
}

}  // namespace conclave::relay
