#include "hall.h"

#include <catch2/catch.hpp>

namespace conclave_abi {
namespace {

std::unique_ptr<Closer> new_identity() {
  conclave_handle identity = 0;
  REQUIRE(conclave_identity_generate(&identity) == CONCLAVE_OK);
  return std::make_unique<Closer>(identity);
}

}  // namespace

Told next_output(conclave_handle session) {
  Told told;
  std::size_t size = 0;
  conclave_result result = CONCLAVE_OK;
  while ((result = conclave_session_next_output(session, &told.about, told.bytes.data(), &size)) == CONCLAVE_BUFFER_TOO_SMALL) told.bytes.resize(size);
  REQUIRE(result == CONCLAVE_OK);
  told.bytes.resize(size);
  return told;
}

conclave_command command(std::uint32_t kind, std::uint32_t member, std::uint32_t value, std::string_view data) {
  auto out = sized<conclave_command>();
  out.kind = kind;
  out.member = member;
  out.value = value;
  out.data = data.data();
  out.size = data.size();
  return out;
}

std::vector<Told> Hall::Party::all(std::uint32_t kind) const {
  std::vector<Told> found;
  for (const auto& each : told) {
    if (each.about.kind == kind) found.push_back(each);
  }
  return found;
}

Hall::Hall(std::uint32_t mode) {
  auto config = sized<conclave_session_config>();
  config.mode = mode;
  Party& ada = parties_.emplace_back();
  ada.identity = new_identity();
  conclave_handle session = 0;
  REQUIRE(conclave_session_found(&config, ada.identity->handle(), "Ada", &at_, &session) == CONCLAVE_OK);
  ada.session = std::make_unique<Closer>(session);
  settle();
}

conclave_result Hall::enter(const std::string& name, const Bytes& invitation) {
  auto config = sized<conclave_session_config>();
  config.invitation = invitation.data();
  config.invitation_size = invitation.size();
  Party newcomer;
  newcomer.identity = new_identity();
  conclave_handle joining = 0, session = 0;
  REQUIRE(conclave_joining_begin(&config, newcomer.identity->handle(), name.c_str(), &at_, &joining) == CONCLAVE_OK);
  const Closer closer(joining);
  Bytes package(1 << 14);
  std::size_t size = package.size();
  REQUIRE(conclave_joining_key_package(joining, package.data(), &size) == CONCLAVE_OK);
  if (const auto result = conclave_session_admit(parties_[0].handle(), 1, package.data(), size, &at_); result != CONCLAVE_OK) return result;
  welcome_.reset();
  settle();
  if (!welcome_) return CONCLAVE_REFUSED;
  const Bytes founder = hash_of(0);
  const auto joined = conclave_joining_complete(joining, welcome_->data(), welcome_->size(), founder.data(), founder.size(), &at_, &session);
  if (joined != CONCLAVE_OK) return joined;
  newcomer.session = std::make_unique<Closer>(session);
  newcomer.read = behind_;  // all that stands behind its admission, also what came before it had joined
  parties_.push_back(std::move(newcomer));
  settle();
  return CONCLAVE_OK;
}

conclave_result Hall::ask(std::size_t party, const conclave_command& asked) {
  const auto result = begin(party, asked);
  settle();
  return result;
}

conclave_result Hall::begin(std::size_t party, const conclave_command& asked) {
  return conclave_session_command(parties_[party].handle(), &asked, &at_);
}

void Hall::fetch(Party& party) {
  for (auto told = next_output(party.handle()); told.about.kind != CONCLAVE_OUTPUT_NONE; told = next_output(party.handle())) {
    if (told.about.kind == CONCLAVE_OUTPUT_LOG) {
      log_.push_back(std::move(told.bytes));
    } else if (told.about.kind == CONCLAVE_OUTPUT_WELCOME) {
      welcome_ = std::move(told.bytes);
      behind_ = log_.size();
    } else {
      party.told.push_back(std::move(told));
    }
  }
}

bool Hall::read_on(Party& party) {
  if (party.gone) return false;
  fetch(party);
  if (party.read == log_.size()) return false;
  const Bytes message = log_[party.read++];
  static_cast<void>(conclave_session_handle(party.handle(), message.data(), message.size(), &at_));
  fetch(party);
  return true;
}

void Hall::settle() {
  for (bool more = true; more;) {
    more = false;
    for (auto& party : parties_) more = read_on(party) || more;
  }
}

void Hall::pass(int seconds) {
  for (int half = 0; half < 2 * seconds; ++half) {
    at_.now += 500'000;
    at_.wall += static_cast<std::uint64_t>(half % 2);
    for (auto& party : parties_) {
      if (!party.gone) static_cast<void>(conclave_session_tick(party.handle(), &at_));
    }
    settle();
  }
}

std::uint32_t Hall::id(std::size_t party) const {
  auto status = sized<conclave_session_status>();
  REQUIRE(conclave_session_get_status(parties_[party].handle(), &status) == CONCLAVE_OK);
  return status.self;
}

conclave_member Hall::member(std::size_t party, std::size_t as_seen_by) const {
  auto member = sized<conclave_member>();
  const auto wanted = id(party);
  for (std::uint32_t index = 0; conclave_session_member(parties_[as_seen_by].handle(), index, &member) == CONCLAVE_OK; ++index) {
    if (member.member == wanted) return member;
  }
  return sized<conclave_member>();  // it has no seat
}

conclave_room Hall::room(std::size_t as_seen_by) const {
  auto room = sized<conclave_room>();
  REQUIRE(conclave_session_room(parties_[as_seen_by].handle(), &room) == CONCLAVE_OK);
  return room;
}

Bytes Hall::hash_of(std::size_t party) const {
  Bytes hash(32);
  std::size_t size = hash.size();
  REQUIRE(conclave_identity_hash(parties_[party].identity->handle(), hash.data(), &size) == CONCLAVE_OK);
  return hash;
}

}  // namespace conclave_abi
