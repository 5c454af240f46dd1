// Whom we have met.
#include "conclave/contacts.h"

#include "conclave/identity_file.h"
#include "session.h"
#include "structs.h"

namespace conclave::c {
namespace {

static_assert(CONCLAVE_KEY_CHANGED == static_cast<int>(Acquaintance::key_changed) && CONCLAVE_KNOWN == static_cast<int>(Acquaintance::known));

Result<void> hand_out_contacts(Result<ContactBook> contacts, conclave_handle* out) {
  if (!contacts.ok()) return std::move(contacts).error();
  return hand_out(std::make_unique<ContactsObject>(std::move(contacts).value()), out);
}

conclave_recognition recognition_told(const Recognition& recognition) {
  conclave_recognition out{};
  out.acquaintance = static_cast<std::uint32_t>(recognition.acquaintance);
  out.verified = recognition.verified ? 1 : 0;
  out.remembered = recognition.remembered ? 1 : 0;
  copy_text(out.known_as, recognition.known_as);
  return out;
}

/// The key of somebody: none is empty.
Result<ByteView> key_of(const std::uint8_t* key, std::size_t size) {
  if (key == nullptr || size == 0) return invalid("there is no identity key");
  return ByteView(key, size);
}

/// Runs a body on the book of a handle, with somebody's key and name.
template <class Body>
conclave_result about_somebody(conclave_handle contacts, const std::uint8_t* key, std::size_t size, const char* name, Body body) {
  return with<ContactsObject>(contacts, [&](ContactsObject& object) -> Result<void> {
    if (name == nullptr) return invalid("the name is NULL");
    CONCLAVE_C_ASSIGN(identity_key, key_of(key, size));
    return body(object.value, identity_key);
  });
}

}  // namespace
}  // namespace conclave::c

using namespace conclave;
using namespace conclave::c;

conclave_result conclave_contacts_create(conclave_handle* contacts) {
  return guarded([&] { return hand_out_contacts(ContactBook(), contacts); });
}

conclave_result conclave_contacts_parse(const uint8_t* bytes, size_t size, conclave_handle* contacts) {
  return guarded([&]() -> Result<void> {
    CONCLAVE_C_ASSIGN(given, bytes_of(bytes, size));
    return hand_out_contacts(ContactBook::parse(given), contacts);
  });
}

conclave_result conclave_contacts_open(const uint8_t* file, size_t size, conclave_handle identity, conclave_handle* contacts) {
  return with<IdentityObject>(identity, [&](IdentityObject& whose) -> Result<void> {
    CONCLAVE_C_ASSIGN(given, bytes_of(file, size));
    return hand_out_contacts(open_contacts(given, *whose.value), contacts);
  });
}

conclave_result conclave_contacts_serialise(conclave_handle contacts, uint8_t* bytes, size_t* size) {
  return with<ContactsObject>(contacts, [&](ContactsObject& object) { return write_bytes(object.value.serialise(), bytes, size); });
}

conclave_result conclave_contacts_seal(conclave_handle contacts, conclave_handle identity, uint8_t* file, size_t* size) {
  return with<ContactsObject>(contacts, [&](ContactsObject& object) -> Result<void> {
    CONCLAVE_C_ASSIGN(whose, use<IdentityObject>(identity));
    CONCLAVE_C_ASSIGN(sealed, seal_contacts(object.value, *whose->value));
    return write_bytes(sealed, file, size);
  });
}

conclave_result conclave_contacts_count(conclave_handle contacts, uint64_t* count) {
  return with<ContactsObject>(contacts, [&](ContactsObject& object) -> Result<void> {
    if (count == nullptr) return invalid("the place for the number is NULL");
    *count = object.value.size();
    return {};
  });
}

conclave_result conclave_contacts_recognise(conclave_handle contacts, const uint8_t* identity_key, size_t key_size, const char* name,
                                            conclave_recognition* recognition) {
  return about_somebody(contacts, identity_key, key_size, name, [&](ContactBook& book, ByteView key) {
    return write_struct(recognition, recognition_told(book.recognise(key, name)));
  });
}

conclave_result conclave_contacts_remember(conclave_handle contacts, const uint8_t* identity_key, size_t key_size, const char* name,
                                           uint32_t verified) {
  return about_somebody(contacts, identity_key, key_size, name, [&](ContactBook& book, ByteView key) { return book.remember(key, name, verified != 0); });
}

conclave_result conclave_contacts_meet(conclave_handle contacts, const uint8_t* identity_key, size_t key_size, const char* name) {
  return about_somebody(contacts, identity_key, key_size, name, [&](ContactBook& book, ByteView key) { return book.meet(key, name); });
}

conclave_result conclave_contacts_forget(conclave_handle contacts, const uint8_t* identity_key, size_t key_size) {
  return about_somebody(contacts, identity_key, key_size, "", [&](ContactBook& book, ByteView key) -> Result<void> {
    book.forget(key);
    return {};
  });
}
