// Who somebody is, through the C interface: identities at rest, contacts, organisations, and records that anybody reads.
#include <catch2/catch.hpp>

#include <cstring>

#include "hall.h"

using namespace conclave_abi;

namespace {

/// What a function gives that asks for its buffer first.
template <class Fetch>
Bytes all_of(Fetch fetch) {
  std::size_t size = 0;
  REQUIRE(fetch(static_cast<std::uint8_t*>(nullptr), &size) == CONCLAVE_BUFFER_TOO_SMALL);
  Bytes bytes(size);
  REQUIRE(fetch(bytes.data(), &size) == CONCLAVE_OK);
  bytes.resize(size);
  return bytes;
}

Bytes key_of(const Closer& identity) {
  return all_of([&](auto* bytes, auto* size) { return conclave_identity_public_key(identity.handle(), bytes, size); });
}

conclave_result open_sealed(const Bytes& file, const std::string& passphrase, conclave_handle& identity) {
  return conclave_identity_open(file.data(), file.size(), passphrase.data(), passphrase.size(), &identity);
}

conclave_recognition recognise(const Closer& contacts, const Bytes& key, const char* name) {
  auto told = sized<conclave_recognition>();
  REQUIRE(conclave_contacts_recognise(contacts.handle(), key.data(), key.size(), name, &told) == CONCLAVE_OK);
  return told;
}

std::uint64_t count_of(const Closer& contacts) {
  std::uint64_t count = 99;
  REQUIRE(conclave_contacts_count(contacts.handle(), &count) == CONCLAVE_OK);
  return count;
}

Bytes proof_of(const Closer& identity) {
  const auto chain = certificate("bob.chain.pem"), key = certificate("bob.key.pem");
  return all_of([&](auto* bytes, auto* size) { return conclave_identity_certify(identity.handle(), chain.c_str(), key.c_str(), bytes, size); });
}

}  // namespace

TEST_CASE("an identity is kept under a passphrase, and comes back under the same one alone", "[abi]") {
  const Closer identity(open_identity());
  const Bytes file = all_of([&](auto* bytes, auto* size) { return conclave_identity_seal(identity.handle(), "correct horse", 13, bytes, size); });
  CHECK(file.size() < 128);
  conclave_handle opened = 0;
  REQUIRE(open_sealed(file, "correct horse", opened) == CONCLAVE_OK);
  const Closer again(opened);
  CHECK(key_of(again) == key_of(identity));
  CHECK(open_sealed(file, "battery staple", opened) == CONCLAVE_NOT_AUTHENTIC);
  CHECK(open_sealed(Bytes(file.begin(), file.end() - 1), "correct horse", opened) == CONCLAVE_MALFORMED);
  CHECK(conclave_identity_open(nullptr, 5, "x", 1, &opened) == CONCLAVE_INVALID_ARGUMENT);
  Bytes place(128);
  std::size_t size = place.size();
  CHECK(conclave_identity_seal(identity.handle(), nullptr, 0, place.data(), &size) == CONCLAVE_INVALID_ARGUMENT);
  size = 128;
  CHECK(conclave_identity_seal(identity.handle(), "x", 1, nullptr, &size) == CONCLAVE_INVALID_ARGUMENT);
}

TEST_CASE("contacts tell a known key, another name, and a known name that comes with another key", "[abi]") {
  const Closer contacts(open_contacts()), bob(open_identity()), eve(open_identity());
  const Bytes bobs = key_of(bob), eves = key_of(eve);
  CHECK(recognise(contacts, bobs, "Bob").acquaintance == CONCLAVE_STRANGER);
  REQUIRE(conclave_contacts_meet(contacts.handle(), bobs.data(), bobs.size(), "Bob") == CONCLAVE_OK);
  CHECK((recognise(contacts, bobs, "Bob").acquaintance == CONCLAVE_KNOWN && recognise(contacts, bobs, "Bob").remembered == 0));
  REQUIRE(conclave_contacts_remember(contacts.handle(), bobs.data(), bobs.size(), "Bob", 1) == CONCLAVE_OK);
  const auto known = recognise(contacts, bobs, "Robert"), changed = recognise(contacts, eves, "Bob");
  CHECK((known.acquaintance == CONCLAVE_RENAMED && known.verified == 1 && known.remembered == 1 && std::string(known.known_as) == "Bob"));
  CHECK((changed.acquaintance == CONCLAVE_KEY_CHANGED && changed.verified == 0 && std::string(changed.known_as) == "Bob"));
  CHECK(count_of(contacts) == 1);
  REQUIRE(conclave_contacts_forget(contacts.handle(), bobs.data(), bobs.size()) == CONCLAVE_OK);
  CHECK(count_of(contacts) == 0);
  CHECK(conclave_contacts_remember(contacts.handle(), nullptr, 0, "Bob", 1) == CONCLAVE_INVALID_ARGUMENT);
  CHECK(conclave_contacts_remember(contacts.handle(), bobs.data(), bobs.size(), nullptr, 1) == CONCLAVE_INVALID_ARGUMENT);
}

TEST_CASE("contacts are kept as bytes, or sealed for their identity alone", "[abi]") {
  const Closer contacts(open_contacts()), alice(open_identity()), eve(open_identity());
  const Bytes key = key_of(eve);
  REQUIRE(conclave_contacts_remember(contacts.handle(), key.data(), key.size(), "Eve", 0) == CONCLAVE_OK);
  const Bytes plain = all_of([&](auto* bytes, auto* size) { return conclave_contacts_serialise(contacts.handle(), bytes, size); });
  const Bytes sealed = all_of([&](auto* bytes, auto* size) { return conclave_contacts_seal(contacts.handle(), alice.handle(), bytes, size); });
  conclave_handle made = 0;
  REQUIRE(conclave_contacts_parse(plain.data(), plain.size(), &made) == CONCLAVE_OK);
  const Closer parsed(made);
  REQUIRE(conclave_contacts_open(sealed.data(), sealed.size(), alice.handle(), &made) == CONCLAVE_OK);
  const Closer opened(made);
  for (const auto* book : {&parsed, &opened}) CHECK(recognise(*book, key, "Eve").acquaintance == CONCLAVE_KNOWN);
  CHECK(conclave_contacts_open(sealed.data(), sealed.size(), eve.handle(), &made) == CONCLAVE_NOT_AUTHENTIC);
  CHECK(conclave_contacts_parse(plain.data(), plain.size() - 1, &made) == CONCLAVE_MALFORMED);
  CHECK(conclave_contacts_parse(plain.data(), plain.size(), nullptr) == CONCLAVE_INVALID_ARGUMENT);
}

TEST_CASE("who an organisation certified is shown so by sessions that trust it, at the door and in the room", "[abi]") {
  const Closer university(open_organisation()), alice(open_identity()), bob(open_identity());
  const conclave_handle trusted[] = {university.handle()};
  auto config = sized<conclave_session_config>();
  config.trusted = trusted;
  config.trusted_count = 1;
  conclave_handle handle = 0;
  REQUIRE(conclave_session_found(&config, alice.handle(), "Alice", nullptr, &handle) == CONCLAVE_OK);
  const Closer host(handle);
  const Bytes proof = proof_of(bob);
  auto brings = sized<conclave_session_config>();
  brings.organisation = proof.data();
  brings.organisation_size = proof.size();
  REQUIRE(conclave_joining_begin(&brings, bob.handle(), "Bob", nullptr, &handle) == CONCLAVE_OK);
  const Closer joining(handle);
  const Bytes package = all_of([&](auto* bytes, auto* size) { return conclave_joining_key_package(joining.handle(), bytes, size); });
  auto member = sized<conclave_member>();
  REQUIRE(conclave_session_inspect(host.handle(), package.data(), package.size(), nullptr, &member) == CONCLAVE_OK);
  CHECK((std::string(member.verified_by) == "University" && std::string(member.certified_as) == "Bob Babbage"));
  REQUIRE(conclave_session_admit(host.handle(), 1, package.data(), package.size(), nullptr) == CONCLAVE_OK);
  for (auto told = next_output(host.handle()); told.about.kind != CONCLAVE_OUTPUT_NONE; told = next_output(host.handle())) {
    if (told.about.kind == CONCLAVE_OUTPUT_LOG) REQUIRE(conclave_session_handle(host.handle(), told.bytes.data(), told.bytes.size(), nullptr) == CONCLAVE_OK);
  }
  REQUIRE(conclave_session_member(host.handle(), 1, &member) == CONCLAVE_OK);
  CHECK((std::string(member.name) == "Bob" && std::string(member.verified_by) == "University"));
  REQUIRE(conclave_session_member(host.handle(), 0, &member) == CONCLAVE_OK);
  CHECK(std::string(member.verified_by).empty());
}

TEST_CASE("certificates that are none, or another's, certify and are trusted by nobody", "[abi]") {
  const Closer identity(open_identity());
  std::size_t size = 0;
  const auto chain = certificate("bob.chain.pem"), root = certificate("root.pem"), key = certificate("bob.key.pem");
  CHECK(conclave_identity_certify(identity.handle(), root.c_str(), key.c_str(), nullptr, &size) == CONCLAVE_NOT_AUTHENTIC);
  CHECK(conclave_identity_certify(identity.handle(), "", key.c_str(), nullptr, &size) == CONCLAVE_MALFORMED);
  CHECK(conclave_identity_certify(identity.handle(), chain.c_str(), nullptr, nullptr, &size) == CONCLAVE_INVALID_ARGUMENT);
  CHECK(conclave_identity_certify(identity.handle(), chain.c_str(), key.c_str(), nullptr, nullptr) == CONCLAVE_INVALID_ARGUMENT);
  conclave_handle organisation = 0;
  CHECK(conclave_organisation_trust("no certificate", nullptr, &organisation) == CONCLAVE_MALFORMED);
  CHECK(conclave_organisation_trust(nullptr, nullptr, &organisation) == CONCLAVE_INVALID_ARGUMENT);
  auto config = sized<conclave_session_config>();
  config.trusted_count = 1;
  CHECK(conclave_session_found(&config, identity.handle(), "Alice", nullptr, &organisation) == CONCLAVE_INVALID_ARGUMENT);
  config.trusted_count = 65;
  CHECK(conclave_session_found(&config, identity.handle(), "Alice", nullptr, &organisation) == CONCLAVE_LIMIT_EXCEEDED);
}

TEST_CASE("anybody reads a record, and no record that was touched", "[abi]") {
  Hall hall;
  REQUIRE(hall.enter("Bob") == CONCLAVE_OK);
  Bytes record = all_of([&](auto* bytes, auto* size) {
    return conclave_session_record(hall[0].handle(), hall[0].identity->handle(), bytes, size);
  });
  auto transcript = sized<conclave_transcript>();
  std::size_t size = 0;
  REQUIRE(conclave_transcript_read(record.data(), record.size(), &transcript, nullptr, &size) == CONCLAVE_BUFFER_TOO_SMALL);
  CHECK(transcript.line_count == 0);
  std::vector<char> lines(size);
  REQUIRE(conclave_transcript_read(record.data(), record.size(), &transcript, lines.data(), &size) == CONCLAVE_OK);
  const std::string text = lines.data();
  CHECK((text.size() + 1 == size && text.find("Bob") != std::string::npos));
  CAPTURE(text);
  CHECK(transcript.line_count >= 1);
  CHECK(static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')) == transcript.line_count);
  const Bytes ada = hall.hash_of(0);
  CHECK((std::equal(ada.begin(), ada.end(), transcript.signer) && std::equal(ada.begin(), ada.end(), transcript.founder)));
  record[record.size() / 2] ^= 1;
  CHECK(conclave_transcript_read(record.data(), record.size(), &transcript, lines.data(), &size) != CONCLAVE_OK);
  auto small = transcript;
  small.struct_size = 20;
  CHECK(conclave_transcript_read(record.data(), record.size(), &small, lines.data(), &size) == CONCLAVE_INVALID_ARGUMENT);
}
