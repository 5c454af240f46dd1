// What we said into the room's log and have not read back.
#pragma once

#include <algorithm>
#include <deque>
#include <optional>
#include <utility>

#include "base/bytes.h"
#include "transport/messages.h"

namespace conclave::conference {

/// Keeps messages until they come back, so that a relay that never wrote them down gets them again. In order; bounded.
class Unconfirmed {
 public:
  static constexpr std::size_t max_messages = 256;

  void add(transport::ClientMessage message) {
    if (messages_.size() >= max_messages) messages_.pop_front();
    messages_.push_back(std::move(message));
  }
  /// An entry of ours was read.
  void confirm(ByteView content) {
    const auto said = std::ranges::find_if(messages_, [&](const transport::ClientMessage& each) { return equal(content_of(each), content); });
    if (said != messages_.end()) messages_.erase(said);
  }
  /// A commit for an epoch that is over can win nothing.
  void forget_commits_before(std::uint64_t epoch) {
    std::erase_if(messages_, [&](const transport::ClientMessage& each) {
      const auto* commit = std::get_if<transport::AppendCommit>(&each);
      return commit != nullptr && commit->epoch < epoch;
    });
  }
  [[nodiscard]] const std::deque<transport::ClientMessage>& messages() const { return messages_; }

 private:
  static ByteView content_of(const transport::ClientMessage& message) {
    if (const auto* commit = std::get_if<transport::AppendCommit>(&message)) return commit->message;
    if (const auto* broadcast = std::get_if<transport::Broadcast>(&message)) return broadcast->message;
    return {};
  }

  std::deque<transport::ClientMessage> messages_;
};

}  // namespace conclave::conference
