// A group and everybody in it, in one process, driven by words.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "mls/group/group.h"

class Laboratory {
 public:
  Laboratory(const conclave::crypto::CipherSuite& suite, conclave::crypto::Random& random, conclave::UnixSeconds now)
      : suite_(suite), random_(random), now_(now) {}

  /// Runs one line: a verb and names. Returns what is to be printed; `invalid_argument` for words that it does not know.
  ///
  ///     create NAME               the first member founds the group
  ///     add BY NAME...            BY adds the others in one commit
  ///     remove BY NAME...         BY removes them
  ///     commit BY                 BY renews its path, and commits what was proposed
  ///     update NAME               NAME proposes a new leaf
  ///     drop BY NAME              BY proposes to remove NAME
  ///     join NAME                 NAME enters by an external commit
  ///     say BY WORD...            BY sends a message, everybody opens it
  ///     tree | members | epoch    what the group looks like
  conclave::Result<std::string> run(const std::string& line);

 private:
  struct Person {
    conclave::crypto::SignaturePrivateKey signer;
    std::optional<conclave::mls::Group> group;
  };
  using Words = std::vector<std::string>;

  conclave::Result<std::string> create(const Words& words);
  conclave::Result<std::string> add(const Words& words);
  conclave::Result<std::string> remove(const Words& words);
  conclave::Result<std::string> commit(const Words& words);
  conclave::Result<std::string> update(const Words& words);
  conclave::Result<std::string> drop(const Words& words);
  conclave::Result<std::string> join(const Words& words);
  conclave::Result<std::string> say(const Words& words);
  conclave::Result<std::string> tree(const Words& words);
  conclave::Result<std::string> members(const Words& words);
  conclave::Result<std::string> epoch(const Words& words);

  conclave::Result<Person*> newcomer(const std::string& name);
  conclave::Result<conclave::mls::Group*> group_of(const std::string& name);
  conclave::Result<conclave::mls::Group*> anyones_group();
  [[nodiscard]] conclave::mls::ClientProfile profile(const std::string& name) const;
  conclave::Result<conclave::mls::PendingCommit> commit_by(const std::string& name, std::vector<conclave::mls::Proposal> proposals);
  conclave::Result<void> deliver(const std::string& from, conclave::ByteView commit);
  conclave::Result<void> deliver_proposal(const std::string& from, conclave::ByteView proposal);

  const conclave::crypto::CipherSuite& suite_;
  conclave::crypto::Random& random_;
  conclave::UnixSeconds now_;
  std::map<std::string, Person> people_;
};
