#include "room/safety_code.h"

#include <algorithm>

#include "base/bytes.h"
#include "crypto/hash.h"
#include "crypto/password.h"
#include "room/identity.h"
#include "room/words.h"

namespace conclave::room {
namespace {

constexpr std::size_t digit_groups = 8;
constexpr std::size_t word_count = 12;

/// Eight groups of five decimal digits, each from 64 bits, so that no digit is likelier than another by more than 2^-47.
std::string spell_digits(ByteView bytes) {
  std::string out;
  for (std::size_t group = 0; group < digit_groups; ++group) {
    std::uint64_t value = 0;
    for (const std::uint8_t byte : bytes.subspan(group * 8, 8)) value = value << 8 | byte;
    const std::string digits = std::to_string(value % 100'000);
    if (!out.empty()) out.push_back(' ');
    out += std::string(5 - digits.size(), '0') + digits;
  }
  return out;
}

std::string spell_words(ByteView bytes) {
  std::string out;
  for (const std::uint8_t byte : bytes.first(word_count)) {
    if (!out.empty()) out.push_back(' ');
    out += safety_words[byte];
  }
  return out;
}

}  // namespace

Result<SafetyCode> safety_code(const std::vector<Bytes>& identity_keys) {
  std::vector<IdentityHash> hashes;
  for (const Bytes& key : identity_keys) hashes.push_back(identity_hash(key));
  std::sort(hashes.begin(), hashes.end());
  const Bytes keys = wire::encode(hashes);
  const crypto::Digest salt = crypto::hash(crypto::HashAlgorithm::sha256, as_bytes("conclave safety code v1"));
  Bytes code(digit_groups * 8 + word_count);
  CONCLAVE_TRY(crypto::derive_from_password(keys, salt.view().first(16), {}, code));
  return SafetyCode{spell_digits(code), spell_words(ByteView(code).subspan(digit_groups * 8))};
}

}  // namespace conclave::room
