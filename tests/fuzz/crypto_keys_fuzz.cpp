// Any bytes as a public key, a private key, a KEM output and a signature, of every suite: refused, or used without a crash.
#include <cstdlib>

#include "crypto/kem.h"
#include "crypto/signature.h"

using namespace conclave;
using namespace conclave::crypto;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const CipherSuite& suite = all_suites()[data[0] % all_suites().size()];
  const ByteView bytes(data + 2, size - 2);
  switch (data[1] % 4) {
    case 0: {
      const auto key = SignaturePublicKey::parse(suite.signature, bytes.first(bytes.size() / 2));
      if (key.ok() && key->verify({}, bytes.subspan(bytes.size() / 2))) std::abort();  // nobody signed anything
      break;
    }
    case 1: {
      static auto& random = system_random();
      const auto key = KemPublicKey::parse(suite.kem, bytes);
      if (key.ok()) static_cast<void>(encapsulate(suite.kem, *key, random).ok());
      break;
    }
    case 2: {
      const auto key = KemPrivateKey::parse(suite.kem, bytes);
      if (key.ok() && key->public_key().bytes().size() != suite.kem_public_key_size) std::abort();
      break;
    }
    default: {
      SeededRandom random(1);
      const auto key = KemPrivateKey::generate(suite.kem, random);
      if (!key.ok() || (key->decapsulate(bytes).ok() && bytes.size() != suite.kem_output_size)) std::abort();
      const auto signer = SignaturePrivateKey::generate(suite.signature, random);
      if (!signer.ok() || signer->public_key().verify({}, bytes)) std::abort();
    }
  }
  return 0;
}
