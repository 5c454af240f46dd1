#include <algorithm>

#include "base/result.h"
#include "base/secret_buffer.h"
#include "session/codec_frame.h"
#include "session/frame_metadata.h"
#include "session/sealer_state.h"

namespace conclave {

FrameSealer::FrameSealer(std::unique_ptr<State> state) : state_(std::move(state)) {}
FrameSealer::FrameSealer(FrameSealer&&) noexcept = default;
FrameSealer& FrameSealer::operator=(FrameSealer&&) noexcept = default;
FrameSealer::~FrameSealer() = default;

static_assert(max_sealed_size(0) >= sframe::max_sealed_size(session::frame_signature_size), "a signed frame fits");

namespace {

Error refusal(const session::EpochGate& gate) {
  if (gate.suspended()) return {ErrorCode::diverged, "the session has failed closed"};
  return {ErrorCode::wrong_epoch, "the epoch is over: take the next sealer"};
}

}  // namespace

Result<std::size_t> FrameSealer::seal(ByteView frame, ByteView metadata, ByteSpan out) {
  if (!state_) return Error{ErrorCode::invalid_state, "this sealer was moved from"};
  State& state = *state_;
  if (!state.gate->may_seal()) [[unlikely]] {
    ++state.counters.refused;
    return refusal(*state.gate);
  }
  Result<std::size_t> sealed = state.seal(frame, metadata, out);
  ++(sealed.ok() ? state.counters.sealed : state.counters.refused);
  return sealed;
}

Result<std::size_t> FrameSealer::State::seal(ByteView frame, ByteView metadata, ByteSpan out) {
  if (signing) return sign_and_seal(frame, metadata, out);
  if (mode == FrameMode::whole) [[likely]] return sealer.seal(frame, metadata, out);
  return session::seal_codec_frame(sealer, mode, frame, metadata, out);
}

Result<std::size_t> FrameSealer::State::sign_and_seal(ByteView frame, ByteView metadata, ByteSpan out) {
  const session::FramePlace place{epoch, signing->self, session::kid_context(stream, mode), sealer.next_counter(), signing->history};
  if (signing->batches) return seal_in_batch(place, frame, metadata, out);
  SecretBuffer signed_frame(frame.size() + session::frame_signature_size);
  const ByteSpan bytes = signed_frame.expose_mutable();
  std::ranges::copy(frame, bytes.begin());
  CONCLAVE_ASSIGN(digest, session::sign_frame(signing->room_id, *signing->key, place, metadata, bytes));
  Result<std::size_t> sealed = sealer.seal(bytes, metadata, out);
  if (sealed.ok()) signing->statement.add(place, place.counter, digest);
  return sealed;
}

Result<std::size_t> FrameSealer::State::seal_in_batch(const session::FramePlace& place, ByteView frame, ByteView metadata, ByteSpan out) {
  Bytes signed_frame;
  signed_frame.reserve(frame.size() + session::frame_signature_size);
  signed_frame.assign(frame.begin(), frame.end());
  const Result<void> made = signing->batches->sign(*signing->key, place, metadata, signed_frame);
  const Result<std::size_t> sealed = made.ok() ? sealer.seal(signed_frame, metadata, out) : Result<std::size_t>(made.error());
  wipe(signed_frame);
  const auto& digest = signing->batches->signed_now();
  if (sealed.ok() && digest) signing->statement.add(place, place.counter / session::frames_per_batch, *digest);
  return sealed;
}

Result<SealedFrame> FrameSealer::seal(const FrameInfo& info, ByteView plaintext) {
  if (!state_) return Error{ErrorCode::invalid_state, "this sealer was moved from"};
  Bytes sealed(max_sealed_size(plaintext.size(), state_->mode));
  CONCLAVE_ASSIGN(size, seal(plaintext, session::frame_metadata(info), sealed));
  sealed.resize(size);
  return SealedFrame(info, std::move(sealed));
}

void FrameSealer::take_up(FrameSealer next) {
  if (state_ && next.state_) {
    next.state_->counters = state_->counters;
    const bool goes_on = next.state_->epoch > state_->epoch;  // else we were led into a fork before: nobody in this room heard what was signed there
    if (goes_on && state_->signing && next.state_->signing) {
      state_->signing->statement.append(std::move(next.state_->signing->statement));
      next.state_->signing->statement = std::move(state_->signing->statement);
    }
  }
  state_ = std::move(next.state_);
}

Bytes FrameSealer::take_statement() {
  if (!state_ || !state_->signing || state_->signing->statement.runs.empty()) return {};
  return wire::encode(std::exchange(state_->signing->statement, {}));
}

std::uint64_t FrameSealer::epoch() const { return state_->epoch; }
std::uint8_t FrameSealer::stream() const { return state_->stream; }
FrameMode FrameSealer::mode() const { return state_->mode; }
std::size_t FrameSealer::header_size() const { return state_->sealer.header_size(); }
const SealCounters& FrameSealer::counters() const { return state_->counters; }

}  // namespace conclave
