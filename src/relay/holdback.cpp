#include "relay/holdback.h"

#include <algorithm>
#include <utility>

namespace conclave::relay {
namespace {

/// Whose it is; nothing for what has many receivers.
std::optional<ConnectionId> owner_of(const Output& output) {
  if (const auto* message = std::get_if<SendMessage>(&output)) return message->connection;
  if (const auto* close = std::get_if<Close>(&output)) return close->connection;
  return std::nullopt;
}

}  // namespace

Outputs Holdback::pass(Outputs outputs, std::uint64_t told, std::uint64_t written) {
  if (queue_.empty() && written >= told) return outputs;
  Outputs now;
  for (Output& output : outputs) {
    if (must_wait(output, written < told)) hold(told, std::move(output));
    else now.push_back(std::move(output));
  }
  return now;
}

bool Holdback::must_wait(const Output& output, bool unwritten) const {
  const auto owner = owner_of(output);
  if (!owner) return false;
  const auto account = accounts_.find(*owner);
  const auto* message = std::get_if<SendMessage>(&output);
  if (message == nullptr) return account != accounts_.end();
  if (unwritten && message->channel == Channel::handshake) return true;
  return account != accounts_.end() && account->second.messages[static_cast<std::size_t>(message->channel)] > 0;
}

void Holdback::hold(std::uint64_t told, Output output) {
  ++held_;
  Account& account = accounts_[*owner_of(output)];
  if (const auto* message = std::get_if<SendMessage>(&output)) {
    ++account.messages[static_cast<std::size_t>(message->channel)];
    account.bytes += message->message->size();
    if (account.bytes > most_held) overrun_.insert(message->connection);
  } else {
    account.closes = true;
  }
  queue_.push_back({told, std::move(output)});
}

void Holdback::settle(const Output& output) {
  const auto found = accounts_.find(*owner_of(output));
  Account& account = found->second;
  if (const auto* message = std::get_if<SendMessage>(&output)) {
    --account.messages[static_cast<std::size_t>(message->channel)];
    account.bytes -= message->message->size();
  } else {
    account.closes = false;
  }
  if (!account.closes && std::ranges::all_of(account.messages, [](std::size_t count) { return count == 0; })) accounts_.erase(found);
}

Outputs Holdback::release(std::uint64_t written) {
  Outputs out;
  while (!queue_.empty() && queue_.front().told <= written) {
    settle(queue_.front().output);
    out.push_back(std::move(queue_.front().output));
    queue_.pop_front();
  }
  return out;
}

void Holdback::forget(ConnectionId connection) {
  if (accounts_.erase(connection) == 0) return;
  overrun_.erase(connection);
  std::erase_if(queue_, [connection](const Held& held) { return owner_of(held.output) == connection; });
}

std::optional<ConnectionId> Holdback::take_overrun() {
  if (overrun_.empty()) return std::nullopt;
  return overrun_.extract(overrun_.begin()).value();
}

}  // namespace conclave::relay
