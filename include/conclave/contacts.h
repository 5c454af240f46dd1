// Whom we have met: a known name that comes with another key is noticed. Values without I/O: the application keeps the bytes.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "conclave/bytes.h"
#include "conclave/error.h"

namespace conclave {

/// What we know of somebody who shows up.
enum class Acquaintance : std::uint8_t {
  stranger,     ///< neither key nor name are known
  known,        ///< this key, under this name
  renamed,      ///< this key, under another name
  key_changed,  ///< a known name, or one that looks like it, with another key: a new device, or an impostor
};

/** What a book says of somebody. */ struct Recognition {
  Acquaintance acquaintance = Acquaintance::stranger;
  bool verified = false;   ///< of `known` and `renamed`: the safety code was compared
  std::string known_as{};  ///< the name of the contact that was found
  bool remembered = false; ///< of `known` and `renamed`: by a person, or verified; not merely somebody who was in a room of ours
};

/// Identity keys with the names that they came under. At most 10,000.
class ContactBook {
 public:
  ContactBook();
  /// What `serialise` gave. `malformed` or `unsupported` (version): nothing of it is taken.
  static Result<ContactBook> parse(ByteView bytes);
  [[nodiscard]] Bytes serialise() const;  ///< for `parse`

  /// Changes nothing: whether a changed key is the same person is for people to say.
  [[nodiscard]] Recognition recognise(ByteView identity_key, std::string_view name) const;
  /// A person says who this is, in the place of what was known of this key. `limit_exceeded` when the book is full.
  Result<void> remember(ByteView identity_key, std::string_view name, bool verified);
  /// Somebody was in a room of ours: to be told from others of that name, and trusted with nothing. Changes nothing for a key that is there. `limit_exceeded`.
  Result<void> meet(ByteView identity_key, std::string_view name);
  void forget(ByteView identity_key);  ///< it becomes a stranger
  [[nodiscard]] std::size_t size() const;  ///< in contacts

  ContactBook(const ContactBook&);
  ContactBook& operator=(const ContactBook&);
  ContactBook(ContactBook&&) noexcept;
  ContactBook& operator=(ContactBook&&) noexcept;
  ~ContactBook();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace conclave
