// The session level through the C interface: what the C++ tests show of it holds here too.
#include <catch2/catch.hpp>

#include <array>
#include <cstring>

#include "hall.h"

using namespace conclave_abi;

static_assert(sizeof(conclave_moment) == 16 && offsetof(conclave_session_config, mode) == 72 && offsetof(conclave_session_config, organisation) == 104 && sizeof(conclave_session_config) == 136 && sizeof(conclave_output) == 560);
static_assert(sizeof(conclave_session_status) == 112 && sizeof(conclave_opened) == 32);

namespace {

/// Hands what the session has for the log back to it.
void read_own_log(conclave_handle session) {
  for (auto taken = next_output(session); taken.about.kind != CONCLAVE_OUTPUT_NONE; taken = next_output(session)) {
    if (taken.about.kind == CONCLAVE_OUTPUT_LOG) REQUIRE(conclave_session_handle(session, taken.bytes.data(), taken.bytes.size(), nullptr) == CONCLAVE_OK);
  }
}

std::uint64_t epoch_of(conclave_handle session) {
  auto status = sized<conclave_session_status>();
  REQUIRE(conclave_session_get_status(session, &status) == CONCLAVE_OK);
  return status.epoch;
}

}  // namespace

TEST_CASE("a session is saved under a key and a counter, and comes back under the same ones alone", "[abi]") {
  const Closer session(open_session());
  const std::array<std::uint8_t, 32> key{7};
  std::size_t size = 0;
  REQUIRE(conclave_session_save(session.handle(), key.data(), key.size(), 5, nullptr, &size) == CONCLAVE_BUFFER_TOO_SMALL);
  Bytes state(size);
  REQUIRE(conclave_session_save(session.handle(), key.data(), key.size(), 5, state.data(), &size) == CONCLAVE_OK);
  const auto config = sized<conclave_session_config>();
  const auto restore = [&](const std::array<std::uint8_t, 32>& with, std::uint64_t counter, conclave_handle& out) {
    return conclave_session_restore(&config, state.data(), size, with.data(), with.size(), counter, nullptr, &out);
  };
  conclave_handle restored = 0;
  CHECK(restore({8}, 5, restored) == CONCLAVE_DAMAGED_STATE);
  CHECK(restore(key, 6, restored) == CONCLAVE_DAMAGED_STATE);
  REQUIRE(restore(key, 5, restored) == CONCLAVE_OK);
  const Closer closer(restored);
  CHECK(epoch_of(restored) == epoch_of(session.handle()));
}

TEST_CASE("new keys come as outputs, and an output waits until there is room for it", "[abi]") {
  const Closer session(open_session());
  read_own_log(session.handle());
  const auto before = epoch_of(session.handle());
  REQUIRE(conclave_session_rotate(session.handle(), nullptr) == CONCLAVE_OK);
  auto output = sized<conclave_output>();
  std::size_t size = 0;
  REQUIRE(conclave_session_next_output(session.handle(), &output, nullptr, &size) == CONCLAVE_BUFFER_TOO_SMALL);
  CHECK(size > 0);
  read_own_log(session.handle());
  CHECK(epoch_of(session.handle()) == before + 1);
}

TEST_CASE("a stream's sealer is made once, and what it sealed for nobody is not opened", "[abi]") {
  const Closer session(open_session());
  conclave_handle sealer = 0, again = 0, opener = 0;
  REQUIRE(conclave_session_make_sealer(session.handle(), 3, CONCLAVE_FRAME_WHOLE, &sealer) == CONCLAVE_OK);
  const Closer first(sealer);
  CHECK(conclave_session_make_sealer(session.handle(), 3, CONCLAVE_FRAME_WHOLE, &again) == CONCLAVE_INVALID_STATE);
  CHECK(conclave_session_make_sealer(session.handle(), 16, CONCLAVE_FRAME_WHOLE, &again) == CONCLAVE_INVALID_ARGUMENT);
  CHECK(conclave_session_make_sealer(session.handle(), 4, 99, &again) == CONCLAVE_INVALID_ARGUMENT);
  const std::string frame = "a frame";
  Bytes sealed(conclave_max_sealed_size(frame.size(), CONCLAVE_FRAME_WHOLE));
  std::size_t size = 3;
  const auto* data = reinterpret_cast<const std::uint8_t*>(frame.data());
  CHECK(conclave_sealer_seal(sealer, data, frame.size(), nullptr, 0, sealed.data(), &size) == CONCLAVE_BUFFER_TOO_SMALL);
  CHECK(size == sealed.size());
  REQUIRE(conclave_sealer_seal(sealer, data, frame.size(), nullptr, 0, sealed.data(), &size) == CONCLAVE_OK);
  REQUIRE(conclave_opener_create(&opener) == CONCLAVE_OK);
  const Closer second(opener);
  auto opened = sized<conclave_opened>();
  Bytes out(64);
  REQUIRE(conclave_opener_open(opener, -1, sealed.data(), size, nullptr, 0, 0, out.data(), out.size(), &opened) == CONCLAVE_OK);
  CHECK(opened.status == CONCLAVE_DROPPED_UNKNOWN_EPOCH);
  CHECK(conclave_opener_open(opener, -7, sealed.data(), size, nullptr, 0, 0, out.data(), out.size(), &opened) == CONCLAVE_INVALID_ARGUMENT);
  CHECK(conclave_sealer_take_up(sealer, sealer) == CONCLAVE_INVALID_STATE);
}
