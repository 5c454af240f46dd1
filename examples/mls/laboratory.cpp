#include "laboratory.h"

#include <sstream>

#include "base/bytes.h"
#include "tree_picture.h"

using namespace conclave;
using namespace conclave::mls;

namespace {

Error misuse(const std::string& detail) { return {ErrorCode::invalid_argument, detail}; }

std::string name_in(const LeafNode& leaf) {
  const auto* basic = std::get_if<BasicCredential>(&leaf.credential);
  return basic == nullptr ? "(certificate)" : std::string(basic->identity.begin(), basic->identity.end());
}

}  // namespace

Result<std::string> Laboratory::run(const std::string& line) {
  static const std::map<std::string, std::pair<std::size_t, Result<std::string> (Laboratory::*)(const Words&)>> verbs{
      {"create", {1, &Laboratory::create}}, {"add", {2, &Laboratory::add}},       {"remove", {2, &Laboratory::remove}},
      {"commit", {1, &Laboratory::commit}}, {"update", {1, &Laboratory::update}}, {"drop", {2, &Laboratory::drop}},
      {"join", {1, &Laboratory::join}},     {"say", {2, &Laboratory::say}},       {"tree", {0, &Laboratory::tree}},
      {"members", {0, &Laboratory::members}}, {"epoch", {0, &Laboratory::epoch}}};
  std::istringstream in(line);
  std::string verb;
  if (!(in >> verb) || verb[0] == '#') return std::string();
  Words words;
  for (std::string word; in >> word;) words.push_back(word);
  const auto found = verbs.find(verb);
  if (found == verbs.end()) return misuse("no such verb: " + verb);
  if (words.size() < found->second.first) return misuse(verb + " needs more words");
  return (this->*found->second.second)(words);
}

ClientProfile Laboratory::profile(const std::string& name) const {
  ClientProfile out;
  out.credential = BasicCredential{to_bytes(as_bytes(name))};
  out.capabilities = Capabilities::of_library(suite_.id);
  out.lifetime = {now_.value - 3600, now_.value + 86400};
  return out;
}

Result<Laboratory::Person*> Laboratory::newcomer(const std::string& name) {
  Person& person = people_[name];
  if (person.group && person.group->is_active()) return misuse(name + " is in the group already");
  person.group.reset();
  CONCLAVE_ASSIGN(signer, crypto::SignaturePrivateKey::generate(suite_.signature, random_));
  person.signer = std::move(signer);
  return &person;
}

Result<Group*> Laboratory::group_of(const std::string& name) {
  const auto found = people_.find(name);
  if (found == people_.end() || !found->second.group || !found->second.group->is_active()) return misuse(name + " is not in the group");
  return &*found->second.group;
}

Result<Group*> Laboratory::anyones_group() {
  for (auto& [name, person] : people_) {
    if (person.group && person.group->is_active()) return &*person.group;
  }
  return misuse("nobody is in a group: create one");
}

Result<std::string> Laboratory::create(const Words& words) {
  if (anyones_group().ok()) return misuse("there is a group already");
  CONCLAVE_ASSIGN(founder, newcomer(words[0]));
  GroupConfig config;
  config.suite = suite_.id;
  config.signer = founder->signer.clone();
  config.profile = profile(words[0]);
  CONCLAVE_ASSIGN(group, Group::create(std::move(config), random_));
  founder->group = std::move(group);
  return tree({});
}

Result<void> Laboratory::deliver(const std::string& from, ByteView commit) {
  for (auto& [name, person] : people_) {
    if (name == from || !person.group || !person.group->is_active()) continue;
    CONCLAVE_ASSIGN(staged, person.group->stage(commit, now_));
    CONCLAVE_TRY(person.group->merge(std::move(staged)));
  }
  return {};
}

Result<void> Laboratory::deliver_proposal(const std::string& from, ByteView proposal) {
  for (auto& [name, person] : people_) {
    if (name != from && person.group && person.group->is_active()) CONCLAVE_TRY(person.group->receive_proposal(proposal, now_));
  }
  return {};
}

Result<PendingCommit> Laboratory::commit_by(const std::string& name, std::vector<Proposal> proposals) {
  CONCLAVE_ASSIGN(group, group_of(name));
  CONCLAVE_ASSIGN(pending, group->commit(std::move(proposals), {}, now_, random_));
  CONCLAVE_TRY(deliver(name, pending.commit));
  CONCLAVE_TRY(group->merge_pending());
  return pending;
}

Result<std::string> Laboratory::add(const Words& words) {
  std::vector<Person*> joiners;
  std::vector<KeyPackageBundle> bundles;
  std::vector<Proposal> proposals;
  for (std::size_t i = 1; i < words.size(); ++i) {
    CONCLAVE_ASSIGN(person, newcomer(words[i]));
    CONCLAVE_ASSIGN(bundle, KeyPackageBundle::generate(suite_, person->signer, profile(words[i]), {}, random_));
    proposals.emplace_back(Add{std::make_shared<KeyPackage>(bundle.key_package)});
    joiners.push_back(person);
    bundles.push_back(std::move(bundle));
  }
  CONCLAVE_ASSIGN(pending, commit_by(words[0], std::move(proposals)));
  for (std::size_t i = 0; i < joiners.size(); ++i) {
    CONCLAVE_ASSIGN(group, Group::join({*pending.welcome, bundles[i], {}, nullptr, nullptr, {}}, random_));
    joiners[i]->group = std::move(group);
  }
  return "commit " + std::to_string(pending.commit.size()) + " bytes, welcome " + std::to_string(pending.welcome->size()) + " bytes\n" + *tree({});
}

Result<std::string> Laboratory::remove(const Words& words) {
  std::vector<Proposal> proposals;
  for (std::size_t i = 1; i < words.size(); ++i) {
    CONCLAVE_ASSIGN(victim, group_of(words[i]));
    proposals.emplace_back(Remove{victim->own_leaf()});
  }
  CONCLAVE_TRY(commit_by(words[0], std::move(proposals)));
  return tree({});
}

Result<std::string> Laboratory::commit(const Words& words) {
  CONCLAVE_TRY(commit_by(words[0], {}));
  return tree({});
}

Result<std::string> Laboratory::update(const Words& words) {
  CONCLAVE_ASSIGN(group, group_of(words[0]));
  CONCLAVE_ASSIGN(message, group->propose_update({}, random_));
  CONCLAVE_TRY(deliver_proposal(words[0], message));
  return words[0] + " proposes a new leaf: somebody else is to commit\n";
}

Result<std::string> Laboratory::drop(const Words& words) {
  CONCLAVE_ASSIGN(group, group_of(words[0]));
  CONCLAVE_ASSIGN(victim, group_of(words[1]));
  CONCLAVE_ASSIGN(message, group->propose_remove(victim->own_leaf(), random_));
  CONCLAVE_TRY(deliver_proposal(words[0], message));
  return words[0] + " proposes to remove " + words[1] + ": somebody else is to commit\n";
}

Result<std::string> Laboratory::join(const Words& words) {
  CONCLAVE_ASSIGN(member, anyones_group());
  CONCLAVE_ASSIGN(info, member->group_info(true));
  CONCLAVE_ASSIGN(person, newcomer(words[0]));
  ExternalJoin request;
  request.group_info = info;
  request.signer = person->signer.clone();
  request.profile = profile(words[0]);
  CONCLAVE_ASSIGN(joined, Group::join_external(std::move(request), random_));
  CONCLAVE_TRY(deliver(words[0], joined.commit));
  person->group = std::move(joined.group);
  return tree({});
}

Result<std::string> Laboratory::say(const Words& words) {
  CONCLAVE_ASSIGN(group, group_of(words[0]));
  std::string text;
  for (std::size_t i = 1; i < words.size(); ++i) text += (i > 1 ? " " : "") + words[i];
  CONCLAVE_ASSIGN(message, group->protect(as_bytes(text), {}, random_));
  std::string out = std::to_string(message.size()) + " bytes; opened by";
  for (auto& [name, person] : people_) {
    if (name == words[0] || !person.group || !person.group->is_active()) continue;
    CONCLAVE_TRY(person.group->unprotect(message));
    out += " " + name;
  }
  return out + "\n";
}

Result<std::string> Laboratory::tree(const Words&) {
  CONCLAVE_ASSIGN(group, anyones_group());
  return draw_tree(group->tree(), name_in);
}

Result<std::string> Laboratory::members(const Words&) {
  CONCLAVE_ASSIGN(group, anyones_group());
  std::string out;
  for (const Member& member : group->members()) out += std::to_string(member.leaf.value) + " " + name_in(member.leaf_node) + "\n";
  return out;
}

Result<std::string> Laboratory::epoch(const Words&) {
  CONCLAVE_ASSIGN(group, anyones_group());
  std::string out = "epoch " + std::to_string(group->epoch()) + "\n";
  for (const auto& [name, person] : people_) {
    if (person.group && person.group->is_active()) out += name + " " + to_hex(person.group->epoch_authenticator().first(8)) + "\n";
  }
  return out;
}
