#include "crypto/aes_ctr.h"

#include <cassert>
#include <new>

#include "crypto/evp_cipher.h"
#include "crypto/ipsec_mb.h"
#include "crypto/libsodium.h"

namespace conclave::crypto {

namespace {

using Engines = Pool<ipsec_mb::CtrEngine, ipsec_mb::FreeCtrEngine, 16, 64>;

Engines& engines() {
  static Engines pool;
  return pool;
}

}  // namespace

struct AesCtrKey::State {
  explicit State(ByteView key) : slow(fetched_aes_128_ctr(), key), is_fast(ipsec_mb::has_ctr()), idle_engines(engines()) {
    if (is_fast) ipsec_mb::expand(key, fast);
  }
  ~State() { sodium_memzero(&fast, sizeof fast); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  ipsec_mb::CtrKey fast;
  EvpCipher slow;
  bool is_fast;
  Engines& idle_engines;
};

AesCtrKey::AesCtrKey(ByteView key) {
  assert(key.size() == aes_ctr_key_size);
  state_ = std::make_unique<State>(key);
}
AesCtrKey::AesCtrKey(AesCtrKey&&) noexcept = default;
AesCtrKey& AesCtrKey::operator=(AesCtrKey&&) noexcept = default;
AesCtrKey::~AesCtrKey() = default;

void AesCtrKey::apply(ByteView start, ByteView in, ByteSpan out) const {
  assert(start.size() == aes_ctr_block_size && out.size() == in.size());
  if (!state_->is_fast) return state_->slow.apply_keystream(start.data(), in, out.data());
  const auto engine = state_->idle_engines.take([] {
    auto made = ipsec_mb::make_ctr_engine();
    if (!made) throw std::bad_alloc();
    return made;
  });
  ipsec_mb::apply(*engine.get(), state_->fast, start.data(), in, out.data());
}

}  // namespace conclave::crypto
