#include "conference/resumption.h"

#include <algorithm>

#include "base/bytes.h"
#include "conference/to_relay.h"

namespace conclave::conference {

Resumption::Resumption(const Context& context, std::uint64_t connection)
    : context_(&context), connection_(connection), tokens_(crypto::system_random()) {}  // which shapes nothing that a simulation replays

void Resumption::keep_seat(ConferenceOutputs& out) const {
  if (context_->config.reconnect_window <= Duration::zero()) return;
  send(out, Channel::handshake, tokens_.keep());
}

bool Resumption::worth_a_try(const Error& error) const {
  if (context_->config.reconnect_window <= Duration::zero()) return false;
  if (!seated()) return true;  // whoever answers now may be somebody on the way: the seat is still ours
  return error.code != ErrorCode::refused && error.code != ErrorCode::malformed;
}

void Resumption::lost(const Error& error, Time now, ConferenceOutputs& out) {
  last_error_ = error;
  if (seated()) {
    since_ = now;
    failures_ = 0;
    out.emplace_back(Reconnecting{});
    return dial(out);
  }
  ++failures_;
  state_ = Pausing{now + pause()};
}

/// Doubles with each failure, and differs between members, so that a relay that comes back is not met by all at once.
Duration Resumption::pause() const {
  std::array<std::uint8_t, 2> dice{};
  crypto::system_random().fill(dice);
  const Duration longest = std::min(longest_pause, first_pause * (1 << std::min(failures_, 6)));
  return longest / 2 + longest / 2 * (dice[0] << 8 | dice[1]) / 65'536;
}

void Resumption::dial(ConferenceOutputs& out) {
  state_ = Dialing{};
  out.emplace_back(Redial{});
}

void Resumption::connected(std::uint64_t next_index, Time now, ConferenceOutputs& out) {
  if (!std::holds_alternative<Dialing>(state_)) return;
  send(out, Channel::control, transport::Hello{transport::protocol_version, to_bytes(context_->link.room_id)});
  const bool known = !last_read_.digest.empty() && last_read_.index + 1 == next_index;
  send(out, Channel::control, tokens_.resume(connection_, next_index, known ? last_read_.digest : Bytes()));
  state_ = Asking{now + answer_timeout};
}

bool Resumption::resumed(Time now, ConferenceOutputs& out) {
  if (!std::holds_alternative<Asking>(state_)) return false;
  tokens_.spend();
  state_ = Seated{};
  out.emplace_back(Reconnected{now - since_});
  return true;
}

std::optional<Error> Resumption::expire(Time now, ConferenceOutputs& out) {
  if (seated()) return std::nullopt;
  if (now >= since_ + context_->config.reconnect_window) {
    return Error{ErrorCode::connection_lost, "the connection could not be made again: " + last_error_.detail};
  }
  if (const auto* asking = std::get_if<Asking>(&state_); asking != nullptr && now >= asking->until) {
    lost({ErrorCode::unreachable, "the relay did not answer in time"}, now, out);
  }
  if (const auto* pausing = std::get_if<Pausing>(&state_); pausing != nullptr && now >= pausing->until) dial(out);
  return std::nullopt;
}

Time Resumption::next_deadline() const {
  if (seated()) return never;
  Time next = since_ + context_->config.reconnect_window;
  if (const auto* asking = std::get_if<Asking>(&state_)) next = std::min(next, asking->until);
  if (const auto* pausing = std::get_if<Pausing>(&state_)) next = std::min(next, pausing->until);
  return next;
}

}  // namespace conclave::conference
