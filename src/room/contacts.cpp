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

bool is_sound(const Contact& contact) { return contact.verified <= 1 && as_bytes(inert_name(contact.name)).size() == contact.name.size(); }

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
  return contacts;
}

Bytes Contacts::serialise() const { return wire::encode(Stored{1, contacts_}); }

Recognition Contacts::recognise(const IdentityHash& identity, std::string_view name) const {
  const auto at = position(contacts_, identity);
  if (at != contacts_.end() && at->identity == identity) {
    const std::string known = name_of(*at);
    return {known == name ? Acquaintance::known : Acquaintance::renamed, at->verified != 0, known};
  }
  const std::string skeleton = name_skeleton(name);
  const auto namesake = std::find_if(contacts_.begin(), contacts_.end(), [&](const Contact& c) { return name_skeleton(name_of(c)) == skeleton; });
  if (namesake == contacts_.end()) return {};
  return {Acquaintance::key_changed, false, name_of(*namesake)};
}

Result<void> Contacts::remember(Contact contact) {
  contact.name = to_bytes(as_bytes(inert_name(contact.name)));
  const auto at = position(contacts_, contact.identity);
  if (at != contacts_.end() && at->identity == contact.identity) {
    *at = std::move(contact);
    return {};
  }
  if (contacts_.size() >= max_contacts) return Error{ErrorCode::limit_exceeded, "no room for another contact"};
  contacts_.insert(at, std::move(contact));
  return {};
}

void Contacts::forget(const IdentityHash& identity) {
  std::erase_if(contacts_, [&](const Contact& contact) { return contact.identity == identity; });
}

}  // namespace conclave::room
