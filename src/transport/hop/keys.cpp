#include "transport/hop/keys.h"

#include "base/bytes.h"
#include "crypto/hkdf.h"
#include "transport/byte_io.h"

namespace conclave::transport::hop {
namespace {

constexpr auto hash = crypto::HashAlgorithm::sha256;
constexpr auto aead = crypto::AeadAlgorithm::aes_128_gcm;

DirectionSecret expand(ByteView secret, std::string_view label) {
  DirectionSecret out(secret_size);
  crypto::hkdf_expand(hash, secret, as_bytes(label), out.expose_mutable());
  return out;
}

crypto::AeadKey aead_key(const DirectionSecret& secret) {
  Secret<struct PhaseKeyTag, 16> key(crypto::aead_key_size(aead));
  crypto::hkdf_expand(hash, secret.expose(), as_bytes("conclave hop key"), key.expose_mutable());
  return crypto::AeadKey(aead, key.expose());
}

}  // namespace

HopSecrets HopSecrets::derive(const ExporterSecret& exporter) {
  HopSecrets secrets;
  secrets.client_to_server = expand(exporter.expose(), "conclave hop client");
  secrets.server_to_client = expand(exporter.expose(), "conclave hop server");
  std::array<std::uint8_t, 4> id{};
  crypto::hkdf_expand(hash, exporter.expose(), as_bytes("conclave hop id"), id);
  secrets.connection_id = static_cast<std::uint32_t>(get(id.data(), id.size()));
  return secrets;
}

PhaseKey::PhaseKey(const DirectionSecret& secret) : key_(aead_key(secret)) {
  crypto::hkdf_expand(hash, secret.expose(), as_bytes("conclave hop iv"), iv_);
}

PhaseKey::Iv PhaseKey::nonce(std::uint64_t packet_number) const {
  Iv nonce = iv_;
  put(nonce.data() + 4, get(iv_.data() + 4, 8) ^ packet_number, 8);
  return nonce;
}

void PhaseKey::seal(std::uint64_t packet_number, ByteView associated_data, ByteView plaintext, ByteSpan out) const {
  key_.seal(nonce(packet_number), associated_data, plaintext, out);
}

bool PhaseKey::open(std::uint64_t packet_number, ByteView associated_data, ByteView ciphertext, ByteSpan out) const {
  return key_.open(nonce(packet_number), associated_data, ciphertext, out);
}

DirectionSecret next_phase(const DirectionSecret& secret) { return expand(secret.expose(), "conclave hop next"); }

}  // namespace conclave::transport::hop
