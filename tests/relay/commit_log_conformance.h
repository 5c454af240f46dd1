// What every backend of the commit log must pass.
#pragma once

#include <catch2/catch.hpp>
#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <vector>

#include "relay/commit_log.h"

namespace conclave::relay::testing {

/// A member who follows the rule: the first commit for its epoch that validates, in log order, wins; it has won itself only when it
/// reads its own entry back first.
class Writer {
 public:
  Writer(std::uint64_t id, CommitLog& log, const RoomId& room) : id_(id), log_(log), room_(room) {}

  [[nodiscard]] std::uint64_t epoch() const { return epoch_; }
  [[nodiscard]] const std::vector<std::uint64_t>& history() const { return history_; }
  [[nodiscard]] const std::vector<std::uint64_t>& won() const { return won_; }

  /// A commit for the current epoch, unless one is on its way. What does not validate is known to every member by its content.
  void commit(bool valid) {
    if (pending_ == epoch_) return;
    if (valid) pending_ = epoch_;
    REQUIRE(log_.append(room_, LogRecord{true, epoch_, id_, Bytes{static_cast<std::uint8_t>(valid)}, {}}).ok());
  }

  /// Reads on, as far as it likes.
  void read(std::size_t most) {
    const auto entries = log_.read(room_, next_, most);
    REQUIRE(entries.ok());
    for (const auto& entry : *entries) {
      REQUIRE(entry.index == next_);
      ++next_;
      apply(*entry.record);
    }
  }

 private:
  void apply(const LogRecord& record) {
    const bool valid = record.message == Bytes{1};
    if (!record.commit || !valid || record.epoch != epoch_) return;
    history_.push_back(record.connection);
    if (record.connection == id_) won_.push_back(epoch_);
    ++epoch_;
  }

  std::uint64_t id_;
  CommitLog& log_;
  RoomId room_;
  std::uint64_t epoch_ = 0;
  std::optional<std::uint64_t> pending_;
  std::uint64_t next_ = 0;
  std::vector<std::uint64_t> history_;  ///< who won each epoch, as this writer read it
  std::vector<std::uint64_t> won_;
};

/// Writers race at their own paces, some commits are invalid; then everybody reads to the end.
inline void race_writers(CommitLog& log, const RoomId& room, std::size_t count, std::uint64_t epochs, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<Writer> writers;
  for (std::size_t i = 0; i < count; ++i) writers.emplace_back(i + 1, log, room);
  while (writers[0].epoch() < epochs) {
    Writer& writer = writers[random() % count];
    if (random() % 2 == 0) writer.commit(random() % 8 != 0);
    else writer.read(random() % 6);
  }
  for (Writer& writer : writers) writer.read(std::size_t{1} << 30);

  std::map<std::uint64_t, int> winners;
  for (const Writer& writer : writers) {
    REQUIRE(writer.history() == writers[0].history());
    for (const std::uint64_t epoch : writer.won()) ++winners[epoch];
  }
  REQUIRE(winners.size() >= epochs);
  std::uint64_t double_winners = 0;
  for (const auto& [epoch, winner_count] : winners) double_winners += winner_count != 1;
  REQUIRE(double_winners == 0);
}

}  // namespace conclave::relay::testing
