// A room of named people, and commits by them to be judged.
#pragma once

#include <catch2/catch.hpp>

#include "room/judge.h"

namespace conclave::test {

inline room::IdentityHash person(std::uint8_t name) {
  room::IdentityHash hash{};
  hash.fill(name);
  return hash;
}

/// owner 1, moderators 2 and 3, speaker 4, listeners 5 and 6, who sit on the leaves of the same numbers; 9 is a stranger.
struct PolicyRoom {
  static constexpr std::uint32_t owner = 1, moderator = 2, colleague = 3, speaker = 4, listener = 5, audience = 6, stranger = 9;
  room::RoomPolicy policy = room::RoomPolicy::founding(RoomMode::stage, person(owner));
  std::vector<room::Seat> roster;

  PolicyRoom() {
    policy.put({person(moderator), Role::moderator, 0, 0});
    policy.put({person(colleague), Role::moderator, 0, 0});
    policy.put({person(speaker), Role::speaker, 0, 0});
    for (std::uint8_t name = owner; name <= audience; ++name) roster.push_back({name, person(name), {}});
  }

  static room::CommitDescription by(std::uint32_t committer) {
    room::CommitDescription commit;
    commit.committer = committer;
    return commit;
  }

  /// A commit that replaces the policy by one that `change` made of it.
  template <class Change>
  room::CommitDescription changing(std::uint32_t committer, Change change) const {
    room::CommitDescription commit = by(committer);
    commit.policy = policy;
    change(*commit.policy);
    return commit;
  }

  static room::CommitDescription adding(std::uint32_t committer, std::uint8_t who) {
    room::CommitDescription commit = by(committer);
    commit.added.push_back({7, person(who), {}});
    return commit;
  }

  static room::CommitDescription removing(std::uint32_t committer, std::uint32_t who) {
    room::CommitDescription commit = by(committer);
    commit.removed.push_back(who);
    return commit;
  }

  [[nodiscard]] Result<room::RoomPolicy> verdict(const room::CommitDescription& commit) const { return room::judge(policy, roster, commit); }

  [[nodiscard]] bool allows(const room::CommitDescription& commit) const { return verdict(commit).ok(); }

  /// Refused as a matter of policy, and the committer named.
  [[nodiscard]] bool refuses(const room::CommitDescription& commit) const {
    const auto result = verdict(commit);
    return !result.ok() && result.error().code == ErrorCode::forbidden_by_policy && result.error().participant == commit.committer;
  }
};

}  // namespace conclave::test
