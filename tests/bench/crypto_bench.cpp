// The primitives that MLS is made of, and beside them what the library underneath takes for the same.
#include <benchmark/benchmark.h>
#include <sodium.h>

#include "crypto/aead.h"
#include "crypto/hkdf.h"
#include "crypto/hpke.h"
#include "crypto/signature.h"

using namespace conclave;
using namespace conclave::crypto;

namespace {

const Bytes message(200, 7);  // about what the signature of a leaf covers

void sign(benchmark::State& state, SignatureAlgorithm algorithm) {
  const SignaturePrivateKey key = std::move(SignaturePrivateKey::generate(algorithm, system_random())).value();
  for (auto _ : state) benchmark::DoNotOptimize(key.sign(message));
}

void verify(benchmark::State& state, SignatureAlgorithm algorithm) {
  const SignaturePrivateKey key = std::move(SignaturePrivateKey::generate(algorithm, system_random())).value();
  const Bytes signature = std::move(key.sign(message)).value();
  for (auto _ : state) {
    if (!key.public_key().verify(message, signature)) state.SkipWithError("a signature does not verify");
  }
}

void parse_public_key(benchmark::State& state, SignatureAlgorithm algorithm) {
  const SignaturePrivateKey key = std::move(SignaturePrivateKey::generate(algorithm, system_random())).value();
  for (auto _ : state) benchmark::DoNotOptimize(SignaturePublicKey::parse(algorithm, key.public_key().bytes()));
}

void raw_ed25519_verify(benchmark::State& state) {
  std::array<std::uint8_t, crypto_sign_PUBLICKEYBYTES> public_key;
  std::array<std::uint8_t, crypto_sign_SECRETKEYBYTES> secret_key;
  std::array<std::uint8_t, crypto_sign_BYTES> signature;
  crypto_sign_keypair(public_key.data(), secret_key.data());
  crypto_sign_detached(signature.data(), nullptr, message.data(), message.size(), secret_key.data());
  for (auto _ : state) {
    benchmark::DoNotOptimize(crypto_sign_verify_detached(signature.data(), message.data(), message.size(), public_key.data()));
  }
}

void raw_x25519(benchmark::State& state) {
  std::array<std::uint8_t, 32> scalar;
  std::array<std::uint8_t, 32> point;
  std::array<std::uint8_t, 32> out;
  system_random().fill(scalar);
  crypto_scalarmult_curve25519_base(point.data(), scalar.data());
  for (auto _ : state) benchmark::DoNotOptimize(crypto_scalarmult_curve25519(out.data(), scalar.data(), point.data()));
}

void derive_key(benchmark::State& state, const CipherSuite& suite) {
  const Bytes material(suite.hash_size, 3);
  for (auto _ : state) benchmark::DoNotOptimize(KemPrivateKey::derive(suite.kem, material));
}

void seal_hpke(benchmark::State& state, const CipherSuite& suite) {
  const KemPrivateKey key = std::move(KemPrivateKey::generate(suite.kem, system_random())).value();
  const HpkeInfo info(suite, message);
  const Bytes secret(suite.hash_size, 3);
  for (auto _ : state) benchmark::DoNotOptimize(hpke_seal(info, key.public_key(), {}, secret, system_random()));
}

void open_hpke(benchmark::State& state, const CipherSuite& suite) {
  const KemPrivateKey key = std::move(KemPrivateKey::generate(suite.kem, system_random())).value();
  const HpkeCiphertext sealed = std::move(hpke_seal(HpkeInfo(suite, message), key.public_key(), {}, Bytes(suite.hash_size, 3), system_random())).value();
  for (auto _ : state) benchmark::DoNotOptimize(hpke_open(suite, key, sealed.kem_output, message, {}, sealed.ciphertext));
}

void hash_bytes(benchmark::State& state) {
  const Bytes data(static_cast<std::size_t>(state.range(0)), 5);
  for (auto _ : state) benchmark::DoNotOptimize(hash(HashAlgorithm::sha256, data));
}

void expand(benchmark::State& state) {
  const Bytes secret(32, 5);
  std::array<std::uint8_t, 32> out;
  for (auto _ : state) hkdf_expand(HashAlgorithm::sha256, secret, message, out);
}

void seal(benchmark::State& state) {
  const AeadKey key(AeadAlgorithm::aes_128_gcm, Bytes(16, 1));
  const Bytes nonce(aead_nonce_size, 2);
  const Bytes plaintext(static_cast<std::size_t>(state.range(0)), 3);
  Bytes out(plaintext.size() + aead_tag_size);
  for (auto _ : state) key.seal(nonce, {}, plaintext, out);
}

const CipherSuite& suite(std::uint16_t id) { return *find_suite(id); }

}  // namespace

BENCHMARK_CAPTURE(verify, ed25519, SignatureAlgorithm::ed25519)->Name("crypto/ed25519_verify");
BENCHMARK(raw_ed25519_verify)->Name("raw/ed25519_verify");
BENCHMARK_CAPTURE(sign, ed25519, SignatureAlgorithm::ed25519)->Name("crypto/ed25519_sign");
BENCHMARK_CAPTURE(verify, p256, SignatureAlgorithm::ecdsa_p256_sha256)->Name("crypto/ecdsa_p256_verify");
BENCHMARK_CAPTURE(sign, p256, SignatureAlgorithm::ecdsa_p256_sha256)->Name("crypto/ecdsa_p256_sign");
BENCHMARK_CAPTURE(parse_public_key, p256, SignatureAlgorithm::ecdsa_p256_sha256)->Name("crypto/ecdsa_p256_parse");
BENCHMARK_CAPTURE(verify, ed448, SignatureAlgorithm::ed448)->Name("crypto/ed448_verify");
BENCHMARK(raw_x25519)->Name("raw/x25519");
BENCHMARK_CAPTURE(derive_key, x25519, suite(1))->Name("crypto/x25519_derive_key");
BENCHMARK_CAPTURE(seal_hpke, x25519, suite(1))->Name("crypto/hpke_seal_x25519");
BENCHMARK_CAPTURE(open_hpke, x25519, suite(1))->Name("crypto/hpke_open_x25519");
BENCHMARK_CAPTURE(seal_hpke, p256, suite(2))->Name("crypto/hpke_seal_p256");
BENCHMARK_CAPTURE(open_hpke, p256, suite(2))->Name("crypto/hpke_open_p256");
BENCHMARK(hash_bytes)->Name("crypto/sha256")->Arg(64)->Arg(1000)->Arg(100000);
BENCHMARK(expand)->Name("crypto/hkdf_expand_sha256");
BENCHMARK(seal)->Name("crypto/aes_128_gcm_seal")->Arg(80)->Arg(1200);
