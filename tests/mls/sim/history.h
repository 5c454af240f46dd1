// A random history of a group, from a seed: who joins, leaves, renews, races, comes late, loses messages and comes back.
#pragma once

#include <cassert>
#include <map>
#include <random>

#include "mls/support/insider.h"
#include "mls/support/outsider.h"

namespace conclave::mls::test {

/// A member. One who is late gets its messages into the inbox.
struct Seat {
  struct Parcel {
    bool is_commit;
    Bytes message;
  };
  std::string name;
  std::optional<Group> group;
  std::uint64_t since = 0;  ///< the first epoch whose resumption PSK it has
  bool late = false;
  std::deque<Parcel> inbox;

  [[nodiscard]] Group& in() { return *group; }
};

/// Who will be a member when a commit adds it.
struct Newcomer {
  std::string name;
  KeyPackageBundle bundle;
};

struct HistorySetup {
  std::uint64_t seed = 1;
  std::size_t max_members = 16;
  crypto::SuiteId suite = crypto::SuiteId::x25519_aes128gcm_sha256_ed25519;
  bool wander = true;  ///< reinitialisations choose another suite
};

class History {
 public:
  explicit History(HistorySetup setup);

  /// One operation.
  void step();
  /// All members agree, each holds keys of the tree alone, and nobody who left holds any.
  void check();

  std::map<std::string, std::size_t> counts;  ///< how often each thing happened
  std::size_t most_members = 0;

 private:
  static constexpr auto private_type = static_cast<ExtensionType>(0xF001);

  // Chance and names (history.cpp).
  std::size_t roll(std::size_t sides) {
    assert(sides > 0);
    return std::uniform_int_distribution<std::size_t>(0, sides - 1)(dice_);
  }
  bool chance(std::size_t one_in) { return roll(one_in) == 0; }
  Seat& anyone();
  Seat* anyone_but(const Seat& one);
  [[nodiscard]] std::size_t room() const;
  [[nodiscard]] Extensions some_extensions();
  [[nodiscard]] ClientProfile profile(const std::string& name) const;
  crypto::SignaturePrivateKey fresh_signer() { return need(crypto::SignaturePrivateKey::generate(suite_->signature, random_)); }
  GroupOptions some_options();
  Newcomer newcomer(Extensions package_extensions = {});
  Bytes shared_psk();

  // Delivery (history.cpp).
  void send_proposal(const Seat* from, const Bytes& message);
  void receive_commit(Seat& seat, ByteView commit);
  void catch_up(Seat& seat);
  void leave(Seat& seat, StagedCommit staged);
  void settle(Seat& committer, const PendingCommit& pending, std::vector<Newcomer>& newcomers);
  void commit(Seat& committer, std::vector<Proposal> proposals, std::vector<Newcomer> newcomers, CommitOptions options = {});
  void join(Newcomer& newcomer, const PendingCommit& pending, const CommitSummary& summary, Seat& committer);
  void save_and_restore(Seat& seat);

  // What those who left try (history_former.cpp).
  void trespass(ByteView commit, const GroupContext& before, const Group& now);
  void eavesdrop(ByteView message, Seat& member);

  // Operations (history_steps.cpp).
  void commit_values();
  void add_members();
  void remove_members();
  void commit_references();
  void race();
  void come_late();
  void lose_commits_and_resync();
  void external_join();
  void enter_from_outside(const std::string& name, std::optional<crypto::SignaturePrivateKey> signer, std::optional<LeafIndex> former,
                          const Group* old_state);
  void talk();
  void reinitialize();
  void branch();
  Bytes propose(Seat& from, std::vector<Newcomer>& newcomers);
  Bytes propose_from_outside(std::vector<Newcomer>& newcomers);
  std::vector<Proposal> some_values(Seat& committer, std::vector<Newcomer>& newcomers);

  crypto::SeededRandom random_;
  std::mt19937_64 dice_;
  HistorySetup setup_;
  const crypto::CipherSuite* suite_;
  std::optional<crypto::SignaturePrivateKey> service_;  ///< the external sender
  std::vector<std::unique_ptr<Seat>> seats_;
  std::deque<Group> former_;  ///< states of those who are no members any more
  std::size_t names_ = 0;
  std::size_t wanted_ = 4;  ///< how many members the group is on its way to
  std::uint64_t saves_ = 0;
};

}  // namespace conclave::mls::test
