#include "mls/tree/grease.h"

#include <algorithm>
#include <cassert>

#include "base/bytes.h"

namespace conclave::mls {
namespace {

/// One of 0x0A0A, 0x1A1A … 0xEAEA.
constexpr std::uint16_t grease_value(std::uint8_t choice) { return static_cast<std::uint16_t>(0x0A0A + 0x1010 * (choice % 15)); }

template <class T>
void add_value(std::vector<T>& list, std::uint8_t choice) {
  const auto value = static_cast<T>(grease_value(choice));
  if (std::ranges::find(list, value) == list.end()) list.push_back(value);
}

}  // namespace

void add_grease(Capabilities& capabilities, crypto::Random& random) {
  std::array<std::uint8_t, 4> choices;
  random.fill(choices);
  add_value(capabilities.cipher_suites, choices[0]);
  add_value(capabilities.extensions, choices[1]);
  add_value(capabilities.proposals, choices[2]);
  add_value(capabilities.credentials, choices[3]);
}

void add_grease(Extensions& extensions, crypto::Random& random) {
  std::array<std::uint8_t, 9> entropy;
  random.fill(entropy);
  add_grease(extensions, entropy);
}

void add_grease(Extensions& extensions, ByteView entropy) {
  assert(entropy.size() >= 9);
  extensions.set(static_cast<ExtensionType>(grease_value(entropy[0])), to_bytes(entropy.subspan(2, entropy[1] % 8)));
}

}  // namespace conclave::mls
