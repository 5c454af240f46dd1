#include "session/key_ring.h"

#include <algorithm>

#include "session/sealer_state.h"

namespace conclave::session {

namespace {

constexpr std::size_t max_epochs = 4;  // more than an overlap holds, unless commits rain

}  // namespace

void KeyRing::enter(Entry entry) {
  if (!epochs_.empty()) {
    Epoch& before = epochs_.back();
    before.retire_at = entry.retire_before;
    if (entry.end_sealing_before) before.gate->end_sealing();
  }
  if (epochs_.size() >= max_epochs) {
    epochs_.front().gate->end();
    epochs_.erase(epochs_.begin());
  }
  epochs_.push_back({entry.epoch.keys, std::make_shared<EpochGate>(), std::move(entry.seats), entry.rule, std::move(entry.owners), never});
  sealing_.reset();
  if (entry.may_seal) sealing_ = std::move(entry.epoch.sealing);
}

void KeyRing::restrict(MemberId member, sframe::StreamSet contexts) {
  for (Epoch& epoch : epochs_) {
    for (auto& seat : epoch.seats) {
      if (seat.member != member) continue;
      seat.streams &= contexts;
      seat.entitled &= contexts;
    }
  }
}

void KeyRing::end_old_sealing() {
  for (std::size_t i = 0; i + 1 < epochs_.size(); ++i) epochs_[i].gate->end_sealing();
}

void KeyRing::expel(MemberId member) {
  for (Epoch& epoch : epochs_) {
    std::erase_if(epoch.seats, [member](const auto& seat) { return seat.member == member; });
  }
  limits_.erase(member);
}

bool KeyRing::limit(MemberId member, std::uint16_t streams) { return std::exchange(limits_[member].streams, streams) != streams; }
bool KeyRing::doubt(MemberId member, bool doubted, bool silent) {
  Limit& limit = limits_[member];
  const bool fell_silent = silent && !limit.silent;
  limit.silent = silent;
  return std::exchange(limit.doubted, doubted) != doubted || fell_silent;
}

void KeyRing::suspend(bool suspended) {
  for (Epoch& epoch : epochs_) {
    if (suspended) {
      epoch.gate->suspend();
    } else {
      epoch.gate->resume();
    }
  }
}

void KeyRing::close() {
  for (Epoch& epoch : epochs_) epoch.gate->end();
  epochs_.clear();
  sealing_.reset();
}

bool KeyRing::expire(Time now) {
  return std::erase_if(epochs_, [now](const Epoch& epoch) {
           if (now < epoch.retire_at) return false;
           epoch.gate->end();
           return true;
         }) > 0;
}

Time KeyRing::next_deadline() const {
  Time next = never;
  for (const Epoch& epoch : epochs_) next = std::min(next, epoch.retire_at);
  return next;
}

FrameKeys KeyRing::snapshot() const {
  auto state = std::make_shared<FrameKeys::State>();
  for (const Epoch& epoch : epochs_) {
    auto& copy = state->epochs.emplace_back(FrameKeys::State::Epoch{epoch.keys, epoch.gate, epoch.seats, epoch.rule, epoch.owners});
    for (auto& seat : copy.seats) {
      const auto limit = limits_.find(seat.member);
      if (limit != limits_.end()) seat.streams &= limit->second.doubted ? 0 : contexts_of(limit->second.streams);
    }
  }
  for (const auto& [member, limit] : limits_) {
    if (limit.silent) state->silent.push_back(member);
  }
  return FrameKeys(std::move(state));
}

Result<FrameSealer> KeyRing::make_sealer(MemberId self, std::uint8_t stream, FrameMode mode,
                                         std::shared_ptr<const crypto::SignaturePrivateKey> signer) {
  if (stream >= max_streams) return Error{ErrorCode::invalid_argument, "a stream's number is below 16"};
  if (!sealing_) return Error{ErrorCode::invalid_state, "there is no epoch to seal in"};
  const SigningRule& rule = epochs_.back().rule;
  if (rule.signs() && mode != FrameMode::whole) return Error{ErrorCode::not_permitted, "where frames are signed they are sealed whole"};
  CONCLAVE_ASSIGN(sealer, sealing_->make_sealer(self, kid_context(stream, mode)));
  auto state = std::make_unique<FrameSealer::State>(std::move(sealer), epochs_.back().gate, epochs_.back().keys->epoch(), stream, mode);
  const FrameSigning signing = rule.of(kid_context(stream, mode));
  if (rule.signs()) state->signing.emplace(FrameSealer::State::Signing{rule.room_id, std::move(signer), self, {}, {}, rule.history});
  if (signing == FrameSigning::batched) state->signing->batches.emplace(rule.room_id, signing);
  return FrameSealer(std::move(state));
}

}  // namespace conclave::session
