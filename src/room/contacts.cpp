#include "room/contacts.h"

#include <algorithm>

#include "conclave/text.h"
#include "room/text.h"

namespace conclave::room {
namespace {

struct Stored {
  std::uint8_t version = 1;
  std::vector<Contact> contacts;
  CONCLAVE_FIELDS(version, contacts)
};

std::string name_of(const Contact& contact) { return {contact.name.begin(), contact.name.end()}; }

bool before(const Contact& a, const Contact& b) { return a.identity < b.identity; }

auto position(auto& contacts, const IdentityHash& identity) {
  return std::lower_bound(contacts.begin(), contacts.end(), identity, [](const Contact& c, const IdentityHash& i) { return c.identity < i; });
}

bool is_sound(const Contact& contact) { return contact.trust <= Trust::remembered && as_bytes(inert_name(contact.name)).size() == contact.name.size(); }

}  // namespace

Result<Contacts> Contacts::parse(ByteView bytes) {
  if (!bytes.empty() && bytes[0] != 1) return Error{ErrorCode::unsupported, "contacts of another version"};
  CONCLAVE_ASSIGN(stored, wire::decode<Stored>(bytes));
  const auto disorder = [](const Contact& a, const Contact& b) { return !before(a, b); };
  const bool ordered = std::adjacent_find(stored.contacts.begin(), stored.contacts.end(), disorder) == stored.contacts.end();
  const bool sound = std::all_of(stored.contacts.begin(), stored.contacts.end(), is_sound);
  if (!ordered || !sound || stored.contacts.size() > max_contacts) return Error{ErrorCode::malformed, "the contacts are damaged"};
  Contacts contacts;
  contacts.contacts_ = std::move(stored.contacts);
  for (const Contact& contact : contacts.contacts_) contacts.index(contact);
  return contacts;
}

Bytes Contacts::serialise() const { return wire::encode(Stored{1, contacts_}); }

Recognition Contacts::recognise(const IdentityHash& identity, std::string_view name) const {
  const auto at = position(contacts_, identity);
  if (at != contacts_.end() && at->identity == identity) {
    const std::string known = name_of(*at);
    return {known == name ? Acquaintance::known : Acquaintance::renamed, at->trust == Trust::verified, known, at->trust != Trust::met};
  }
  const auto namesakes = skeletons_.find(name_skeleton(name));
  if (namesakes == skeletons_.end()) return {};
  return {Acquaintance::key_changed, false, name_of(*position(contacts_, *namesakes->second.begin()))};
}

Result<void> Contacts::remember(Contact contact) {
  contact.name = to_bytes(as_bytes(inert_name(contact.name)));
  const auto at = position(contacts_, contact.identity);
  if (at != contacts_.end() && at->identity == contact.identity) {
    forget_name(*at);
    index(contact);
    *at = std::move(contact);
    return {};
  }
  if (contacts_.size() >= max_contacts) return Error{ErrorCode::limit_exceeded, "no room for another contact"};
  index(contact);
  contacts_.insert(at, std::move(contact));
  return {};
}

void Contacts::forget(const IdentityHash& identity) {
  if (!has(identity)) return;
  const auto at = position(contacts_, identity);
  forget_name(*at);
  contacts_.erase(at);
}

bool Contacts::has(const IdentityHash& identity) const {
  const auto at = position(contacts_, identity);
  return at != contacts_.end() && at->identity == identity;
}

void Contacts::index(const Contact& contact) { skeletons_[name_skeleton(name_of(contact))].insert(contact.identity); }

void Contacts::forget_name(const Contact& contact) {
  const auto names = skeletons_.find(name_skeleton(name_of(contact)));
  names->second.erase(contact.identity);
  if (names->second.empty()) skeletons_.erase(names);
}

}  // namespace conclave::room
