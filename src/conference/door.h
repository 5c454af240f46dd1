// From a connection to a seat: opening the room, or knocking at it.
#pragma once

#include <variant>

#include "conference/context.h"
#include "crypto/kem.h"
#include "transport/messages.h"

namespace conclave::conference {

/// Passed: we hold the keys of the room.
struct Entered {
  Session session;
  std::optional<Joining> joining;             ///< of who knocked: a later Welcome may replace the first
  std::optional<crypto::KemPrivateKey> admission_key;  ///< of the founder
  Bytes card_key;                                      ///< its public half, as the room's card names it
  std::uint64_t connection = 0;                        ///< the relay's name for us
  std::uint64_t next_index = 0;                        ///< of the room's log
  Duration round_trip{};                               ///< to the relay
  std::optional<transport::StreamsAvailable> streams;  ///< announced before we were in: channels overtake each other
};

/// One state per step; each holds only what exists then.
class Door {
 public:
  explicit Door(const Context& context, Time now) : context_(&context), deadline_(now + connect_timeout) {}

  /// Nothing to do for the owner but to send what was appended to `out`; or we are in; or it is over.
  using Step = std::variant<std::monostate, Entered, Error>;
  Step handle(const TransportEvent& event, Time now, ConferenceOutputs& out);
  Step expire(Time now);
  [[nodiscard]] Time next_deadline() const { return deadline_; }

 private:
  static constexpr Duration connect_timeout = std::chrono::milliseconds(4500);

  struct Connecting {};
  struct Greeting {
    Time sent_at{};
  };
  struct Opening {
    crypto::KemPrivateKey admission_key;
    std::uint64_t connection = 0;
  };
  struct Knocking {
    Joining joining;
    Bytes card_key;
    std::uint64_t connection = 0;
  };

  Step on_message(const transport::RelayMessage& message, Time now, ConferenceOutputs& out);
  Step on_hello(const transport::HelloAccepted& hello, Time now, ConferenceOutputs& out);
  Result<void> open_room(const transport::HelloAccepted& hello, ConferenceOutputs& out);
  /// What the relay may ask of who opens a room.
  Result<void> show_permit(ByteView challenge, transport::OpenRoom& open) const;
  Result<void> knock(const transport::HelloAccepted& hello, Time now, ConferenceOutputs& out);
  [[nodiscard]] Result<transport::Knock> sign(const transport::HelloAccepted& hello, Bytes sealed) const;
  Step on_opened(Time now);
  Step on_answer(const transport::KnockAnswered& answer, Time now);

  const Context* context_;
  Time deadline_;
  Duration round_trip_{};
  std::optional<transport::StreamsAvailable> streams_;
  std::variant<Connecting, Greeting, Opening, Knocking> state_;
};

}  // namespace conclave::conference
