// Any bytes as a sealed frame: never opened, never stored, never written past the buffer. The first two bytes choose the
// metadata's size and the buffer's; so that the fuzzer gets past authentication, a genuine frame is opened beside it.
#include <algorithm>
#include <array>
#include <cstdlib>
#include <vector>

#include "sframe/opener.h"

using namespace conclave;
using namespace conclave::sframe;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

struct Call {
  explicit Call(CipherSuite suite) : epoch(EpochKeys::create(suite, 3, EpochSecret(parameters_of(suite).key_size), {4, 6}).value()) {
    require(opener.add_epoch(epoch.keys).ok());
    for (std::uint32_t sender = 0; sender < 64; ++sender) require(opener.allow(3, sender).ok());
  }
  NewEpoch epoch;
  Opener opener;
};

void open_hostile(Call& call, ByteView sealed, ByteView metadata, std::size_t room) {
  std::vector<std::uint8_t> out(room, 0xEE);
  const OpenResult result = call.opener.open(sealed, metadata, out);
  require(!result.opened());
  if (result.status == OpenStatus::buffer_too_small) {
    require(result.size > room && std::ranges::count(out, 0xEE) == static_cast<std::ptrdiff_t>(room));
  }
  require(call.opener.held_streams() == 0);
}

void open_honest(CipherSuite suite, ByteView frame, ByteView metadata) {
  Call call(suite);
  Sealer sealer = call.epoch.sealing.make_sealer(5, 0, frame.size()).value();
  std::vector<std::uint8_t> buffer(max_sealed_size(frame.size()));
  const std::size_t size = sealer.seal(frame, metadata, buffer).value();
  const OpenResult result = call.opener.open(ByteView(buffer).first(size), metadata, buffer);
  require(result.opened() && result.size == frame.size() && std::equal(frame.begin(), frame.end(), buffer.begin()));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static std::vector<Call> calls = [] {
    std::vector<Call> made;
    for (const SuiteParameters& suite : all_cipher_suites()) made.emplace_back(suite.id);
    return made;
  }();
  if (size < 3) return 0;
  const CipherSuite suite = all_cipher_suites()[data[0] % calls.size()].id;
  const ByteView input(data + 3, size - 3);
  const ByteView metadata = input.first(std::min<std::size_t>(data[1], input.size()));
  const ByteView rest = input.subspan(metadata.size());
  // A tag of four bytes would be guessed by a patient fuzzer: the short one is opened as honest frames alone.
  if (suite != CipherSuite::aes_128_ctr_hmac_sha256_32) open_hostile(calls[data[0] % calls.size()], rest, metadata, data[2]);
  open_honest(suite, rest, metadata);
  return 0;
}
