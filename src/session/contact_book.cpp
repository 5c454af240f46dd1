#include "conclave/contacts.h"

#include "base/bytes.h"
#include "base/result.h"
#include "conclave/identity_file.h"
#include "room/contacts.h"
#include "room/text.h"
#include "session/identity.h"

namespace conclave {

struct ContactBook::State {
  room::Contacts contacts;
};

ContactBook::ContactBook() : state_(std::make_unique<State>()) {}
ContactBook::ContactBook(const ContactBook& other) : state_(std::make_unique<State>(*other.state_)) {}
ContactBook& ContactBook::operator=(const ContactBook& other) {
  *state_ = State(*other.state_);
  return *this;
}
ContactBook::ContactBook(ContactBook&& other) noexcept : state_(std::make_unique<State>()) { state_.swap(other.state_); }
ContactBook& ContactBook::operator=(ContactBook&& other) noexcept {
  state_.swap(other.state_);
  return *this;
}
ContactBook::~ContactBook() = default;

Result<ContactBook> ContactBook::parse(ByteView bytes) {
  CONCLAVE_ASSIGN(contacts, room::Contacts::parse(bytes));
  ContactBook book;
  book.state_->contacts = std::move(contacts);
  return book;
}

Bytes ContactBook::serialise() const { return state_->contacts.serialise(); }

Recognition ContactBook::recognise(ByteView identity_key, std::string_view name) const {
  return state_->contacts.recognise(room::identity_hash(identity_key), room::inert_name(as_bytes(name)));
}

Result<void> ContactBook::remember(ByteView identity_key, std::string_view name, bool verified) {
  return state_->contacts.remember({room::identity_hash(identity_key), to_bytes(as_bytes(name)), verified ? room::Trust::verified : room::Trust::remembered});
}

Result<void> ContactBook::meet(ByteView identity_key, std::string_view name) {
  const auto identity = room::identity_hash(identity_key);
  if (state_->contacts.has(identity)) return {};
  return state_->contacts.remember({identity, to_bytes(as_bytes(name)), room::Trust::met});
}

Result<Bytes> seal_contacts(const ContactBook& contacts, const Identity& identity) {
  return room::seal_contacts(contacts.serialise(), session::inside(identity), crypto::system_random());
}

Result<ContactBook> open_contacts(ByteView file, const Identity& identity) {
  CONCLAVE_ASSIGN(opened, room::open_contacts(file, session::inside(identity)));
  return ContactBook::parse(opened.expose());
}

void ContactBook::forget(ByteView identity_key) { state_->contacts.forget(room::identity_hash(identity_key)); }
std::size_t ContactBook::size() const { return state_->contacts.all().size(); }

}  // namespace conclave
