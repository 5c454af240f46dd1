/* Who somebody is: identities, also at rest, contacts, and organisations that vouch. Of conclave.h, which says what holds for all. */
#ifndef CONCLAVE_C_IDENTITY_H
#define CONCLAVE_C_IDENTITY_H
#include "conclave/c/results.h"
#ifdef __cplusplus
extern "C" {
#endif

/* An identity: new, or of 32 secret bytes that you keep. */
CONCLAVE_API conclave_result conclave_identity_generate(conclave_handle* identity);
CONCLAVE_API conclave_result conclave_identity_from_seed(const uint8_t* seed, size_t size, conclave_handle* identity);
CONCLAVE_API conclave_result conclave_identity_public_key(conclave_handle identity, uint8_t* key, size_t* size); /* of Ed25519 */
/* 32 bytes: what invitations pin. */
CONCLAVE_API conclave_result conclave_identity_hash(conclave_handle identity, uint8_t* hash, size_t* size);
/* A file of the identity's secret, sealed under a passphrase: 0.1 s and 64 MiB of work, but none to say that there must be room for 128 bytes. Since 1.3. */
CONCLAVE_API conclave_result conclave_identity_seal(conclave_handle identity, const void* passphrase, size_t passphrase_size, uint8_t* file, size_t* size);
/* And back: MALFORMED for no such file, NOT_AUTHENTIC for another passphrase or a file that was changed. A hostile file costs 0.8 s and 256 MiB. Since 1.3. */
CONCLAVE_API conclave_result conclave_identity_open(const uint8_t* file, size_t size, const void* passphrase, size_t passphrase_size, conclave_handle* identity);

/* ---- organisations: "verified by" ---- */
/* What the identity brings into rooms for what an organisation says of it: certificates in PEM, the holder's own first and without the root, and the private
 * key of that one (PEM; Ed25519 or ECDSA on P-256). NOT_AUTHENTIC when they do not belong together, LIMIT_EXCEEDED beyond four or 8 KiB. Since 1.3. */
CONCLAVE_API conclave_result conclave_identity_certify(conclave_handle identity, const char* chain, const char* key, uint8_t* proof, size_t* size);
/* An organisation whose word on others counts here: its root certificates in PEM, and the name that members are shown as verified by, NULL: the common name
 * of the first root. Never one that a stranger chose. Since 1.3. */
CONCLAVE_API conclave_result conclave_organisation_trust(const char* roots, const char* name, conclave_handle* organisation);

/* ---- contacts: a known name that comes with another key is noticed ---- */
enum {
  CONCLAVE_STRANGER = 0,    /* neither key nor name are known */
  CONCLAVE_KNOWN = 1,       /* this key, under this name */
  CONCLAVE_RENAMED = 2,     /* this key, under another name */
  CONCLAVE_KEY_CHANGED = 3  /* a known name, or one that looks like it, with another key: a new device, or an impostor */
};
typedef struct conclave_recognition { /* what a book of contacts says of somebody. Since 1.3 */
  uint32_t struct_size, acquaintance; /* CONCLAVE_STRANGER... */
  uint32_t verified, remembered; /* of known and renamed: the safety code was compared; by a person, not merely somebody who was in a room of ours */
  char known_as[264];            /* the name of the contact that was found */
} conclave_recognition;
/* A book of at most 10,000 contacts: identity keys with the names that they came under. New, or of what _serialise or _seal gave: the latter is under a key
 * of the identity (NOT_AUTHENTIC: it is another's, or was changed). Where the bytes are kept is your matter. These all since 1.3. */
CONCLAVE_API conclave_result conclave_contacts_create(conclave_handle* contacts);
CONCLAVE_API conclave_result conclave_contacts_parse(const uint8_t* bytes, size_t size, conclave_handle* contacts);
CONCLAVE_API conclave_result conclave_contacts_open(const uint8_t* file, size_t size, conclave_handle identity, conclave_handle* contacts);
CONCLAVE_API conclave_result conclave_contacts_serialise(conclave_handle contacts, uint8_t* bytes, size_t* size);
CONCLAVE_API conclave_result conclave_contacts_seal(conclave_handle contacts, conclave_handle identity, uint8_t* file, size_t* size);
CONCLAVE_API conclave_result conclave_contacts_count(conclave_handle contacts, uint64_t* count); /* in contacts */
/* Changes nothing: whether a changed key is the same person is for people to say. */
CONCLAVE_API conclave_result conclave_contacts_recognise(conclave_handle contacts, const uint8_t* identity_key, size_t key_size, const char* name,
                                                         conclave_recognition* recognition);
/* A person says who this is, in the place of what was known of this key; `verified`: the safety code was compared. LIMIT_EXCEEDED when the book is full. */
CONCLAVE_API conclave_result conclave_contacts_remember(conclave_handle contacts, const uint8_t* identity_key, size_t key_size, const char* name,
                                                        uint32_t verified);
/* Somebody was in a room of ours: told from others of that name, and trusted with nothing; changes nothing for a key that is there. */
CONCLAVE_API conclave_result conclave_contacts_meet(conclave_handle contacts, const uint8_t* identity_key, size_t key_size, const char* name);
/* Who has this key becomes a stranger. */
CONCLAVE_API conclave_result conclave_contacts_forget(conclave_handle contacts, const uint8_t* identity_key, size_t key_size);

#ifdef __cplusplus
}
#endif
#endif
