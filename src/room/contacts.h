// Whom we have met: a name that comes with another key is noticed.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "conclave/contacts.h"
#include "room/identity.h"

namespace conclave::room {

/// How a contact came to be one.
enum class Trust : std::uint8_t {
  met = 0,         ///< was in a room of ours
  verified = 1,    ///< the safety code was compared
  remembered = 2,  ///< somebody said who it is
};

///     struct {
///         opaque identity[32];   /* SHA-256 of the identity key */
///         opaque name<V>;        /* inert */
///         uint8 trust;           /* 0 met, 1 verified, 2 remembered */
///     } Contact;
struct Contact {
  IdentityHash identity{};
  Bytes name;
  Trust trust = Trust::met;
  CONCLAVE_FIELDS(identity, name, trust)
  friend bool operator==(const Contact&, const Contact&) = default;
};

using conclave::Acquaintance;
using conclave::Recognition;

///     struct {
///         opaque magic[8] = "CLVcntct";
///         uint8 version = 1;
///         opaque salt[32];
///         opaque sealed<V>;   /* ChaCha20-Poly1305 of Contacts, zero nonce; all of the above is associated data */
///     } SealedContacts;
///
/// The key: HKDF-SHA-256 of the identity's seed with `salt`, expanded with "conclave contacts v1".
Result<Bytes> seal_contacts(ByteView contacts, const Identity& identity, crypto::Random& random);

/// The bytes that went in. `malformed`, `unsupported` (version), `not_authentic`.
Result<SecretBuffer> open_contacts(ByteView file, const Identity& identity);

/// A value for the application to keep: `serialise` and `parse`.
class Contacts {
 public:
  static constexpr std::size_t max_contacts = 10'000;

  ///     struct { uint8 version = 1; Contact contacts<V>; } Contacts;
  /// `malformed`, `unsupported` (version).
  static Result<Contacts> parse(ByteView bytes);
  [[nodiscard]] Bytes serialise() const;

  /// `name` is inert. Changes nothing: whether a changed key is the same person is for people to say.
  [[nodiscard]] Recognition recognise(const IdentityHash& identity, std::string_view name) const;

  /// Remembers somebody, in the place of what was known of this key. `limit_exceeded` when the store is full.
  Result<void> remember(Contact contact);
  void forget(const IdentityHash& identity);
  [[nodiscard]] bool has(const IdentityHash& identity) const;
  [[nodiscard]] const std::vector<Contact>& all() const { return contacts_; }

 private:
  void index(const Contact& contact);
  void forget_name(const Contact& contact);

  std::vector<Contact> contacts_;  ///< ordered by identity
  std::map<std::string, std::set<IdentityHash>, std::less<>> skeletons_;  ///< whose name looks like this
};

}  // namespace conclave::room
