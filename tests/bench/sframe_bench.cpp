// Sealing and opening frames, beside the bare ciphers in the same run. Cases: sframe|raw|raw/evp, seal|open, suite, bytes.
// "raw" is the fastest implementation with the key set once and the additional data at hand; "raw/evp" is OpenSSL's EVP.
#include <benchmark/benchmark.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "crypto/evp_cipher.h"
#include "crypto/ipsec_mb.h"
#include "crypto/sha2.h"
#include "sframe/opener.h"
#include "sframe/sealer.h"

namespace {

using namespace conclave;
using namespace conclave::sframe;

constexpr std::array<std::uint8_t, 9> additional_data{0x90, 5};
constexpr ByteView metadata = ByteView(additional_data).subspan(3);

struct Named {
  CipherSuite suite;
  const char* name;
};
constexpr std::array<Named, 6> suites{{
    {CipherSuite::aes_128_gcm_sha256_128, "aes128gcm"},
    {CipherSuite::aes_256_gcm_sha512_128, "aes256gcm"},
    {CipherSuite::chacha20_poly1305_sha256_128, "chacha20"},
    {CipherSuite::aes_128_ctr_hmac_sha256_80, "ctr80"},
    {CipherSuite::aes_128_ctr_hmac_sha256_64, "ctr64"},
    {CipherSuite::aes_128_ctr_hmac_sha256_32, "ctr32"},
}};
constexpr std::array<std::size_t, 5> sizes{80, 160, 1'200, 10'000, 50'000};

/// What a cipher does, whoever it comes from; `tag` has 16 bytes.
struct Raw {
  virtual ~Raw() = default;
  virtual void seal(const std::uint8_t* nonce, ByteView plaintext, std::uint8_t* out, std::uint8_t* tag) = 0;
  virtual void open(const std::uint8_t* nonce, ByteView ciphertext, std::uint8_t* out, std::uint8_t* tag) = 0;
};

Bytes key_bytes(std::size_t size) { return Bytes(size, 0x42); }

struct FastAead final : Raw {
  explicit FastAead(crypto::AeadAlgorithm algorithm) : cipher(crypto::ipsec_mb::find(algorithm)) {
    if (cipher != nullptr) cipher->expand(key_bytes(crypto::aead_key_size(algorithm)), key);
  }
  void seal(const std::uint8_t* nonce, ByteView plaintext, std::uint8_t* out, std::uint8_t* tag) override {
    cipher->seal(key, nonce, additional_data, plaintext, out, tag);
  }
  void open(const std::uint8_t* nonce, ByteView ciphertext, std::uint8_t* out, std::uint8_t* tag) override {
    std::uint8_t computed[16];
    cipher->open(key, nonce, additional_data, ciphertext, out, computed);
    benchmark::DoNotOptimize(std::memcmp(computed, tag, 16));
  }
  const crypto::ipsec_mb::Cipher* cipher;
  crypto::ipsec_mb::ExpandedKey key;
};

struct EvpAead final : Raw {
  explicit EvpAead(crypto::AeadAlgorithm algorithm)
      : context(EVP_CIPHER_CTX_new()) {
    EVP_CipherInit_ex2(context, crypto::fetched_aead(algorithm), key_bytes(crypto::aead_key_size(algorithm)).data(), nullptr, 1, nullptr);
  }
  ~EvpAead() override { EVP_CIPHER_CTX_free(context); }
  EvpAead(const EvpAead&) = delete;
  EvpAead& operator=(const EvpAead&) = delete;
  void run(const std::uint8_t* nonce, ByteView in, std::uint8_t* out, int direction) const {
    int written = 0;
    EVP_CipherInit_ex2(context, nullptr, nullptr, nonce, direction, nullptr);
    EVP_CipherUpdate(context, nullptr, &written, additional_data.data(), static_cast<int>(additional_data.size()));
    EVP_CipherUpdate(context, out, &written, in.data(), static_cast<int>(in.size()));
  }
  void seal(const std::uint8_t* nonce, ByteView plaintext, std::uint8_t* out, std::uint8_t* tag) override {
    int written = 0;
    run(nonce, plaintext, out, 1);
    EVP_CipherFinal_ex(context, tag, &written);
    EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, 16, tag);
  }
  void open(const std::uint8_t* nonce, ByteView ciphertext, std::uint8_t* out, std::uint8_t* tag) override {
    int written = 0;
    run(nonce, ciphertext, out, 0);
    EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, 16, tag);
    benchmark::DoNotOptimize(EVP_CipherFinal_ex(context, tag, &written));
  }
  EVP_CIPHER_CTX* context;
};

/// Counter mode and HMAC over everything that RFC 9605 section 4.5.1 wants under the MAC, put together beforehand.
struct CtrHmac : Raw {
  virtual void apply(const std::uint8_t* start, ByteView in, std::uint8_t* out) = 0;
  virtual void tag_of(ByteView ciphertext, std::uint8_t* tag) = 0;
  void seal(const std::uint8_t* nonce, ByteView plaintext, std::uint8_t* out, std::uint8_t*) override {
    std::uint8_t full[32];
    apply(nonce, plaintext, out);
    tag_of({out, plaintext.size()}, full);
    benchmark::DoNotOptimize(full);
  }
  void open(const std::uint8_t* nonce, ByteView ciphertext, std::uint8_t* out, std::uint8_t* tag) override {
    std::uint8_t full[32];
    tag_of(ciphertext, full);
    benchmark::DoNotOptimize(std::memcmp(full, tag, 10));
    apply(nonce, ciphertext, out);
  }
  std::array<std::uint8_t, 24 + 12 + additional_data.size()> before{};
};

/// The assembler loops of two libraries, with all that can be kept from frame to frame: less than either offers by itself.
struct FastCtrHmac final : CtrHmac {
  FastCtrHmac() : mac(crypto::HashAlgorithm::sha256, key_bytes(32)) { crypto::ipsec_mb::expand(key_bytes(16), key); }
  void tag_of(ByteView ciphertext, std::uint8_t* tag) override {
    crypto::Sha2 inner = mac.start();
    inner.update(before);
    inner.update(ciphertext);
    mac.finish(inner, tag);
  }
  void apply(const std::uint8_t* start, ByteView in, std::uint8_t* out) override {
    crypto::ipsec_mb::apply(*engine, key, start, in, out);
  }
  crypto::HmacMidstates mac;
  crypto::ipsec_mb::CtrKey key;
  crypto::ipsec_mb::CtrEnginePtr engine = crypto::ipsec_mb::make_ctr_engine();
};

/// OpenSSL as its manual has it: both contexts are set up with their keys once, and started again for each frame.
struct EvpCtrHmac final : CtrHmac {
  EvpCtrHmac() : context(EVP_CIPHER_CTX_new()), algorithm(EVP_MAC_fetch(nullptr, "HMAC", nullptr)), mac(EVP_MAC_CTX_new(algorithm)) {
    EVP_CipherInit_ex2(context, crypto::fetched_aes_128_ctr(), key_bytes(16).data(), nullptr, 1, nullptr);
    char digest[] = "SHA256";
    const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string("digest", digest, 0), OSSL_PARAM_construct_end()};
    EVP_MAC_init(mac, key_bytes(32).data(), 32, parameters);
  }
  ~EvpCtrHmac() override {
    EVP_MAC_CTX_free(mac);
    EVP_MAC_free(algorithm);
    EVP_CIPHER_CTX_free(context);
  }
  EvpCtrHmac(const EvpCtrHmac&) = delete;
  EvpCtrHmac& operator=(const EvpCtrHmac&) = delete;
  void apply(const std::uint8_t* start, ByteView in, std::uint8_t* out) override {
    int written = 0;
    EVP_CipherInit_ex2(context, nullptr, nullptr, start, 1, nullptr);
    EVP_CipherUpdate(context, out, &written, in.data(), static_cast<int>(in.size()));
  }
  void tag_of(ByteView ciphertext, std::uint8_t* tag) override {
    std::size_t written = 0;
    EVP_MAC_init(mac, nullptr, 0, nullptr);
    EVP_MAC_update(mac, before.data(), before.size());
    EVP_MAC_update(mac, ciphertext.data(), ciphertext.size());
    EVP_MAC_final(mac, tag, &written, 32);
  }
  EVP_CIPHER_CTX* context;
  EVP_MAC* algorithm;
  EVP_MAC_CTX* mac;
};

std::unique_ptr<Raw> make_raw(CipherSuite suite, bool evp) {
  const auto algorithm = parameters_of(suite).aead;
  const bool fast = !evp && crypto::ipsec_mb::has_ctr();
  if (!algorithm) return fast ? std::unique_ptr<Raw>(std::make_unique<FastCtrHmac>()) : std::make_unique<EvpCtrHmac>();
  return fast ? std::unique_ptr<Raw>(std::make_unique<FastAead>(*algorithm)) : std::make_unique<EvpAead>(*algorithm);
}

NewEpoch make_epoch(CipherSuite suite, std::uint64_t epoch = 1) {
  return EpochKeys::create(suite, epoch, EpochSecret(parameters_of(suite).key_size), {4, 12}).value();
}

/// Frames per iteration: what is opened fits the second-level cache, and looking at the clock costs nothing beside it.
std::size_t batch_of(std::size_t size) { return std::max<std::size_t>(4, std::min<std::size_t>(500, 200'000 / size)); }

/// Times `frame(i)` for a batch, after `prepare()` outside the clock, and reports the time of one; `least_ns` is that of the
/// batch that other programs disturbed least.
template <class Prepare, class Frame>
void measure(benchmark::State& state, std::size_t size, const Prepare& prepare, const Frame& frame) {
  const std::size_t batch = batch_of(size);
  double least = 1;
  for (auto _ : state) {
    prepare(batch);
    const auto start = std::chrono::steady_clock::now();
    for (std::size_t i = 0; i < batch; ++i) frame(i);
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
    const double one = elapsed.count() / static_cast<double>(batch);
    state.SetIterationTime(one);
    least = std::min(least, one);
  }
  state.counters["least_ns"] = least * 1e9;
}

/// A batch of places for sealed frames.
struct Places {
  explicit Places(std::size_t frame_size) : stride(max_sealed_size(frame_size)), bytes(stride * batch_of(frame_size)) {}
  [[nodiscard]] ByteSpan at(std::size_t i) { return ByteSpan(bytes).subspan(i * stride, stride); }
  std::size_t stride;
  Bytes bytes;
};

void raw_seal(benchmark::State& state, CipherSuite suite, bool evp, std::size_t size) {
  const auto raw = make_raw(suite, evp);
  const Bytes frame(size, 7);
  Places places(size);
  std::uint64_t counter = 0;
  std::array<std::uint8_t, 16> nonce{};
  measure(state, size, [](std::size_t) {}, [&](std::size_t i) {
    std::memcpy(&nonce[4], &++counter, 8);
    raw->seal(nonce.data(), frame, places.at(i).data(), places.at(i).data() + size);
  });
}

void raw_open(benchmark::State& state, CipherSuite suite, bool evp, std::size_t size) {
  const auto raw = make_raw(suite, evp);
  Places places(size);
  Bytes out(size);
  std::uint64_t counter = 0;
  std::array<std::uint8_t, 16> nonce{};
  measure(state, size, [](std::size_t) {}, [&](std::size_t i) {
    std::memcpy(&nonce[4], &++counter, 8);
    raw->open(nonce.data(), ByteView(places.at(i)).first(size), out.data(), places.at(i).data() + size);
  });
}

void sframe_seal(benchmark::State& state, CipherSuite suite, std::size_t size) {
  NewEpoch epoch = make_epoch(suite);
  Sealer sealer = epoch.sealing.make_sealer(5, 0, 1000).value();
  const Bytes frame(size, 7);
  Places places(size);
  measure(state, size, [](std::size_t) {}, [&](std::size_t i) {
    if (!sealer.seal(frame, metadata, places.at(i)).ok()) state.SkipWithError("not sealed");
  });
}

void sframe_open(benchmark::State& state, CipherSuite suite, std::size_t size) {
  NewEpoch epoch = make_epoch(suite);
  Sealer sealer = epoch.sealing.make_sealer(5, 0, 1000).value();
  Opener opener;
  if (!opener.add_epoch(epoch.keys).ok() || !opener.allow(1, 5).ok()) return;
  const Bytes frame(size, 7);
  Places places(size);
  std::vector<std::size_t> sealed_sizes(batch_of(size));
  Bytes out(size);
  const auto refill = [&](std::size_t batch) {
    for (std::size_t i = 0; i < batch; ++i) sealed_sizes[i] = sealer.seal(frame, metadata, places.at(i)).value();
  };
  measure(state, size, refill, [&](std::size_t i) {
    if (!opener.open(ByteView(places.at(i)).first(sealed_sizes[i]), metadata, out).opened()) state.SkipWithError("not opened");
  });
}

/// Frames of 1,000 senders in 3 live epochs, a different one each time, beside the bare cipher over as many keys.
void open_from_many(benchmark::State& state, std::uint32_t senders, std::uint64_t epochs, std::size_t size) {
  Opener opener(OpenerLimits{});
  std::vector<Sealer> sealers;
  for (std::uint64_t number = 1; number <= epochs; ++number) {
    NewEpoch epoch = make_epoch(default_cipher_suite, number);
    if (!opener.add_epoch(epoch.keys).ok()) return;
    for (std::uint32_t sender = 0; sender < senders; ++sender) {
      if (!opener.allow(number, sender).ok()) return;
      sealers.push_back(epoch.sealing.make_sealer(sender, 0, 1000).value());
    }
  }
  const Bytes frame(size, 7);
  Places places(size);
  std::vector<std::size_t> sealed_sizes(batch_of(size));
  Bytes out(size);
  std::size_t turn = 0;
  const auto refill = [&](std::size_t batch) {
    for (std::size_t i = 0; i < batch; ++i) {
      sealed_sizes[i] = sealers[turn++ * 1237 % sealers.size()].seal(frame, metadata, places.at(i)).value();
    }
  };
  measure(state, size, refill, [&](std::size_t i) {
    if (!opener.open(ByteView(places.at(i)).first(sealed_sizes[i]), metadata, out).opened()) state.SkipWithError("not opened");
  });
}

/// Forged frames of a member: of a stream that was heard, of one that never was, or of as many as a roster of 1,000 has, in turn.
void open_forged(benchmark::State& state, std::uint32_t senders, bool heard, std::size_t size) {
  NewEpoch epoch = make_epoch(default_cipher_suite);
  Opener opener;
  if (!opener.add_epoch(epoch.keys).ok()) return;
  std::vector<Sealer> sealers;
  for (std::uint32_t sender = 0; sender < senders; ++sender) {
    if (!opener.allow(1, sender).ok()) return;
    sealers.push_back(epoch.sealing.make_sealer(sender, 0, 1000).value());
  }
  const Bytes frame(size, 7);
  Places places(size);
  std::vector<std::size_t> sealed_sizes(batch_of(size));
  Bytes out(size);
  if (heard && !opener.open(ByteView(places.at(0)).first(sealers[0].seal(frame, metadata, places.at(0)).value()), metadata, out).opened()) return;
  std::size_t turn = 0;
  const auto refill = [&](std::size_t batch) {
    for (std::size_t i = 0; i < batch; ++i) {
      sealed_sizes[i] = sealers[turn++ * 37 % sealers.size()].seal(frame, metadata, places.at(i)).value();
      places.at(i)[sealed_sizes[i] - 1] ^= 1;
    }
  };
  measure(state, size, refill, [&](std::size_t i) {
    if (opener.open(ByteView(places.at(i)).first(sealed_sizes[i]), metadata, out).status != OpenStatus::forged) state.SkipWithError("not forged");
  });
}

/// The bare cipher under as many keys as `open_from_many` has, in the same order: what the caches cost by themselves.
void raw_open_from_many(benchmark::State& state, std::size_t keys, std::size_t size) {
  std::vector<std::unique_ptr<Raw>> raw;
  for (std::size_t i = 0; i < keys; ++i) raw.push_back(make_raw(default_cipher_suite, false));
  Places places(size);
  Bytes out(size);
  std::array<std::uint8_t, 16> nonce{};
  std::size_t turn = 0;
  const auto refill = [&](std::size_t batch) {
    for (std::size_t i = 0; i < batch; ++i) places.at(i)[0] = static_cast<std::uint8_t>(i);
  };
  measure(state, size, refill, [&](std::size_t i) {
    raw[turn++ * 1237 % keys]->open(nonce.data(), ByteView(places.at(i)).first(size), out.data(), places.at(i).data() + size);
  });
}

/// Two threads, two streams: the time of one frame must not change.
void seal_on_threads(benchmark::State& state, CipherSuite suite, std::size_t size) {
  NewEpoch epoch = make_epoch(suite);
  Sealer sealer = epoch.sealing.make_sealer(5, static_cast<std::uint64_t>(state.thread_index()), 1000).value();
  const Bytes frame(size, 7);
  Bytes out(max_sealed_size(size));
  for (auto _ : state) benchmark::DoNotOptimize(sealer.seal(frame, metadata, out).ok());
  state.SetItemsProcessed(state.iterations());
}

/// The bare cipher on as many threads, each with its own key: what the machine gives.
void raw_seal_on_threads(benchmark::State& state, CipherSuite suite, std::size_t size) {
  const auto raw = make_raw(suite, false);
  const Bytes frame(size, 7);
  Bytes out(max_sealed_size(size));
  std::array<std::uint8_t, 16> nonce{};
  std::uint64_t counter = 0;
  for (auto _ : state) {
    std::memcpy(&nonce[4], &++counter, 8);
    raw->seal(nonce.data(), frame, out.data(), out.data() + size);
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(state.iterations());
}

void register_on_threads(CipherSuite suite, const std::string& name) {
  using benchmark::RegisterBenchmark;
  const auto ours = [suite](benchmark::State& state) { seal_on_threads(state, suite, 1'200); };
  const auto limit = [suite](benchmark::State& state) { raw_seal_on_threads(state, suite, 1'200); };
  RegisterBenchmark(("sframe/seal_on_threads/" + name + "/1200").c_str(), ours)->ThreadRange(1, 2)->UseRealTime();
  RegisterBenchmark(("raw/seal_on_threads/" + name + "/1200").c_str(), limit)->ThreadRange(1, 2)->UseRealTime();
}

const bool registered = [] {
  const auto add = [](const std::string& name, auto run) { benchmark::RegisterBenchmark(name.c_str(), run)->UseManualTime()->Iterations(100); };
  for (const auto& [suite, name] : suites) {
    for (const std::size_t size : sizes) {
      const std::string end = std::string("/") + name + "/" + std::to_string(size);
      add("raw/seal" + end, [suite, size](benchmark::State& state) { raw_seal(state, suite, false, size); });
      add("raw/evp_seal" + end, [suite, size](benchmark::State& state) { raw_seal(state, suite, true, size); });
      add("sframe/seal" + end, [suite, size](benchmark::State& state) { sframe_seal(state, suite, size); });
      add("raw/open" + end, [suite, size](benchmark::State& state) { raw_open(state, suite, false, size); });
      add("raw/evp_open" + end, [suite, size](benchmark::State& state) { raw_open(state, suite, true, size); });
      add("sframe/open" + end, [suite, size](benchmark::State& state) { sframe_open(state, suite, size); });
    }
    register_on_threads(suite, name);
  }
  for (const std::size_t size : {std::size_t{80}, std::size_t{1'200}}) {
    add("sframe/open_from/1x1/" + std::to_string(size), [size](benchmark::State& state) { open_from_many(state, 1, 1, size); });
    add("raw/open_from/1/" + std::to_string(size), [size](benchmark::State& state) { raw_open_from_many(state, 1, size); });
    add("raw/open_from/3000/" + std::to_string(size), [size](benchmark::State& state) { raw_open_from_many(state, 3000, size); });
    add("sframe/open_from/1000x1/" + std::to_string(size), [size](benchmark::State& state) { open_from_many(state, 1000, 1, size); });
    add("sframe/open_forged/heard/" + std::to_string(size), [size](benchmark::State& state) { open_forged(state, 1, true, size); });
    add("sframe/open_forged/unheard/" + std::to_string(size), [size](benchmark::State& state) { open_forged(state, 1, false, size); });
    add("sframe/open_forged/any_of_1000/" + std::to_string(size), [size](benchmark::State& state) { open_forged(state, 1000, false, size); });
    add("sframe/open_from/1000x3/" + std::to_string(size), [size](benchmark::State& state) { open_from_many(state, 1000, 3, size); });
  }
  return true;
}();

}  // namespace
