#include "relay/memory_commit_log.h"

#include <algorithm>
#include <utility>

namespace conclave::relay {

Result<void> MemoryCommitLog::append(const RoomId& room, LogRecord record) {
  Entries& entries = rooms_[room];
  entries.bytes += record.size();
  entries.records.push_back(std::make_shared<const LogRecord>(std::move(record)));
  trim(entries);
  return {};
}

void MemoryCommitLog::trim(Entries& entries) const {
  while (entries.records.size() > 1) {
    const bool wanted = entries.wanted_from && entries.first >= *entries.wanted_from;
    const std::size_t factor = wanted ? away_factor : 1;
    const std::size_t most_bytes = wanted ? std::min(factor * max_bytes_, most_unread) : max_bytes_;
    if (!entries.over(factor * max_entries_, most_bytes)) return;
    entries.bytes -= entries.records.front()->size();
    entries.records.pop_front();
    ++entries.first;
  }
}

void MemoryCommitLog::keep_from(const RoomId& room, std::optional<std::uint64_t> index) {
  if (index) rooms_[room].wanted_from = index;
  else if (const auto found = rooms_.find(room); found != rooms_.end()) found->second.wanted_from.reset();
}

Result<std::vector<LoggedRecord>> MemoryCommitLog::read(const RoomId& room, std::uint64_t index, std::size_t most) {
  const auto found = rooms_.find(room);
  std::vector<LoggedRecord> out;
  if (found == rooms_.end()) return out;
  const Entries& entries = found->second;
  if (index < entries.first) return Error{ErrorCode::expired, "the log no longer reaches back so far"};
  const std::uint64_t end = entries.first + entries.records.size();
  for (std::uint64_t next = index; next < end && out.size() < most; ++next) {
    out.push_back({next, entries.records[static_cast<std::size_t>(next - entries.first)]});
  }
  return out;
}

CommitLog::Extent MemoryCommitLog::extent(const RoomId& room) const {
  const auto found = rooms_.find(room);
  if (found == rooms_.end()) return {};
  return {found->second.first, found->second.first + found->second.records.size()};
}

void MemoryCommitLog::restore(const RoomId& room, std::uint64_t index, LogRecord record) {
  Entries& entries = rooms_[room];
  if (entries.records.empty()) entries.first = index;
  entries.bytes += record.size();
  entries.records.push_back(std::make_shared<const LogRecord>(std::move(record)));
}

std::size_t MemoryCommitLog::bytes_kept(const RoomId& room) const {
  const auto found = rooms_.find(room);
  return found == rooms_.end() ? 0 : found->second.bytes;
}

}  // namespace conclave::relay
