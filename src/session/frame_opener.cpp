#include <algorithm>
#include <deque>
#include <map>

#include "base/bytes.h"
#include "base/result.h"
#include "base/secret.h"
#include "conclave/session.h"
#include "session/codec_frame.h"
#include "session/frame_keys.h"
#include "session/frame_metadata.h"
#include "session/frame_statement.h"

namespace conclave {

namespace {

constexpr sframe::OpenerLimits limits{.epochs = 8, .senders = std::size_t{1} << 16, .streams = session::max_contexts};

constexpr std::size_t max_proven = 32;  // that nobody has taken
constexpr std::size_t max_early = 64;   // statements

FrameStatus status_of(sframe::OpenStatus status) {
  switch (status) {
    case sframe::OpenStatus::opened: return FrameStatus::opened;
    case sframe::OpenStatus::malformed: return FrameStatus::malformed;
    case sframe::OpenStatus::unknown_epoch: return FrameStatus::unknown_epoch;
    case sframe::OpenStatus::unknown_sender: return FrameStatus::not_in_roster;
    case sframe::OpenStatus::unknown_stream: return FrameStatus::unknown_stream;
    case sframe::OpenStatus::no_right: return FrameStatus::no_right;
    case sframe::OpenStatus::wrong_sender: return FrameStatus::wrong_sender;
    case sframe::OpenStatus::replayed: return FrameStatus::replayed;
    case sframe::OpenStatus::too_old: return FrameStatus::too_old;
    case sframe::OpenStatus::forged: return FrameStatus::forged;
    case sframe::OpenStatus::buffer_too_small: return FrameStatus::buffer_too_small;
  }
  return FrameStatus::malformed;
}

}  // namespace

struct FrameOpener::State {
  /// Of one stream number, by member: what is opened lies close together, the rest apart.
  struct StreamCounters {
    std::vector<std::uint64_t> opened;
    std::vector<std::array<std::uint32_t, frame_status_count>> dropped;
  };
  struct Epoch {
    std::uint64_t number;
    std::shared_ptr<const session::EpochGate> gate;
    session::SigningRule rule;
    std::map<MemberId, FrameKeys::State::Seat> seats;  ///< of who may send, where frames are signed
    std::map<std::pair<MemberId, std::uint64_t>, session::FrameVerifier> batches;  ///< by member and context
    std::shared_ptr<const session::SeatOwners> owners;

    /// What was signed, where an opened frame bears the signature of whom it claims to be from.
    [[nodiscard]] std::optional<session::SignedUnit> signed_by(const sframe::OpenResult& result, ByteView metadata, ByteView opened) const;
  };

  /// Where frames are signed: takes the signature off an opened frame and spends its counter; wipes it, as forged, when it is not its
  /// sender's, or of a codec-aware mode, in which nobody signs.
  /// True when it waits for its batch.
  bool verify(sframe::OpenResult& result, FrameMode mode, ByteView metadata, ByteSpan out);

  /// Puts an opened frame into its batch, and what that proves into `proven`. True when the frame waits, or was the last to be waited for.
  bool hold(Epoch& epoch, const sframe::OpenResult& result, ByteView metadata, ByteView opened);

  /// A frame whose signature holds, until the caller takes it.
  struct Proven {
    OpenedFrame frame;
    session::FrameVerifier::Verified content;
  };

  sframe::Opener opener{limits};
  std::deque<Proven> proven;
  std::optional<Proven> taken;  ///< whose bytes the caller is looking at
  std::vector<Epoch> epochs;
  session::FrameWitness witness;
  /// Sealed in an epoch whose keys have not come: what it says of the epochs before `from` was taken.
  struct Early {
    FramesStated stated;
    std::uint64_t from = 0;
  };
  std::deque<Early> early;
  std::array<StreamCounters, max_streams> counters;
  FrameCounters totals;

  void add(const FrameKeys::State::Epoch& epoch);
  void make_counters(const FrameKeys::State::Epoch& newest);
  [[nodiscard]] bool suspended();
  void count(const OpenedFrame& frame, std::uint32_t times = 1);
  /// Whose number it is or was, as far as epochs are held.
  [[nodiscard]] session::FrameWitness::Seat seat_of(std::uint64_t epoch, MemberId sender, const session::Speaker& who) const;
  /// Takes what it says of epochs whose keys have come; the rest waits.
  void hear_when_known(Early each);
  void hear(const FramesStated& stated, std::uint64_t from, std::uint64_t before);
  /// Whose seat it is, whether or not it may send.
  [[nodiscard]] static bool owns(const Epoch& epoch, MemberId sender, ByteView identity_key);
  void excuse(const std::vector<MemberId>& silent);
};

FrameOpener::FrameOpener() : state_(std::make_unique<State>()) {}
FrameOpener::FrameOpener(FrameOpener&&) noexcept = default;
FrameOpener& FrameOpener::operator=(FrameOpener&&) noexcept = default;
FrameOpener::~FrameOpener() = default;

void FrameOpener::update(const FrameKeys& keys) {
  State& state = *state_;
  static const std::vector<FrameKeys::State::Epoch> none;
  const auto& epochs = keys.state() != nullptr ? keys.state()->epochs : none;
  std::erase_if(state.epochs, [&](const State::Epoch& held) {
    const bool lives = std::ranges::any_of(epochs, [&](const auto& epoch) { return epoch.gate == held.gate; });
    if (!lives) state.opener.retire_epoch(held.number);
    return !lives;
  });
  state.proven.clear();  // of who may have lost the right since
  for (const auto& epoch : epochs) state.add(epoch);
  if (keys.state() != nullptr) state.excuse(keys.state()->silent);
  if (!epochs.empty()) state.make_counters(epochs.back());
  state.witness.retain([&](std::uint64_t epoch, MemberId sender, const session::Speaker& who) { return state.seat_of(epoch, sender, who); });
  for (State::Early& each : std::exchange(state.early, {})) state.hear_when_known(std::move(each));
}

/// All members were told that they are not heard: what came of them before is not asked for any more.
void FrameOpener::State::excuse(const std::vector<MemberId>& silent) {
  if (epochs.empty() || epochs.back().owners == nullptr) return;
  for (const auto& [member, identity_key] : *epochs.back().owners) {
    if (std::ranges::find(silent, member) != silent.end()) witness.excuse({identity_key, {}});
  }
}

bool FrameOpener::State::owns(const Epoch& epoch, MemberId sender, ByteView identity_key) {
  if (epoch.owners == nullptr) return false;
  const auto owner = std::ranges::lower_bound(*epoch.owners, sender, {}, &session::SeatOwners::value_type::first);
  return owner != epoch.owners->end() && owner->first == sender && equal(owner->second, identity_key);
}

session::FrameWitness::Seat FrameOpener::State::seat_of(std::uint64_t number, MemberId sender, const session::Speaker& who) const {
  using enum session::FrameWitness::Seat;
  const auto has_it = [&](const Epoch& epoch) {
    const auto seat = epoch.seats.find(sender);
    return seat != epoch.seats.end() && seat->second.speaker->identity_key == who.identity_key;
  };
  const auto epoch = std::ranges::find(epochs, number, &Epoch::number);
  if (epoch != epochs.end()) return has_it(*epoch) ? held : gone;
  return !epochs.empty() && owns(epochs.back(), sender, who.identity_key) ? ended : gone;  // also who gave up the floor: it is asked for what it said
}

void FrameOpener::State::add(const FrameKeys::State::Epoch& epoch) {
  const std::uint64_t number = epoch.keys->epoch();
  if (std::ranges::none_of(epochs, [&](const Epoch& held) { return held.gate == epoch.gate; })) {
    opener.retire_epoch(number);  // of the same number in another history
    using enum session::FrameWitness::Seat;
    witness.retain([number](std::uint64_t each, MemberId, const session::Speaker&) { return each == number ? gone : held; });
    const auto spending = epoch.rule.signs() ? sframe::Spending::later : sframe::Spending::at_once;
    if (!opener.add_epoch(epoch.keys, spending).ok()) return;
    epochs.push_back({number, epoch.gate, epoch.rule, {}, {}, epoch.owners});
  }
  Epoch& held = *std::ranges::find(epochs, epoch.gate, &Epoch::gate);
  held.seats.clear();
  for (const auto& seat : epoch.seats) {
    if (seat.key) held.seats.emplace(seat.member, seat);
  }
  std::erase_if(held.batches, [&](const auto& each) {
    return std::ranges::none_of(epoch.seats, [&](const auto& seat) { return seat.member == each.first.first && (seat.streams >> each.first.second & 1U) != 0; });
  });
  opener.disallow_all(number);
  for (const auto& seat : epoch.seats) static_cast<void>(opener.allow(number, seat.member, seat.streams));
}

bool FrameOpener::State::verify(sframe::OpenResult& result, FrameMode mode, ByteView metadata, ByteSpan out) {
  const auto epoch = std::ranges::find(epochs, result.epoch, &Epoch::number);
  if (epoch != epochs.end() && !epoch->rule.signs()) [[likely]] return false;
  const ByteSpan opened = out.first(result.size);
  const bool batched = mode == FrameMode::whole && epoch != epochs.end() && epoch->rule.of(result.context) == FrameSigning::batched;
  if (batched && hold(*epoch, result, metadata, opened)) {
    wipe(opened);
    return true;
  }
  if (!batched && mode == FrameMode::whole && epoch != epochs.end()) {
    if (auto unit = epoch->signed_by(result, metadata, opened)) {
      opener.spend(result);
      witness.hear(epoch->rule.room_id, std::move(*unit), epoch->seats.at(result.sender).speaker);
      result.size -= session::frame_signature_size;
      return false;
    }
  }
  wipe(opened);
  result.status = sframe::OpenStatus::forged;
  return false;
}

bool FrameOpener::State::hold(Epoch& epoch, const sframe::OpenResult& result, ByteView metadata, ByteView opened) {
  const auto seat = epoch.seats.find(result.sender);
  if (seat == epoch.seats.end()) return false;
  session::FrameVerifier& batch =
      epoch.batches.try_emplace({result.sender, result.context}, epoch.rule.room_id, *seat->second.key, FrameSigning::batched).first->second;
  const std::uint64_t forged_before = batch.forged_frames();
  auto proven_now = batch.push({result.epoch, result.sender, result.context, result.counter, epoch.rule.history}, metadata, opened, 0);
  if (batch.proof()) witness.hear(epoch.rule.room_id, *batch.proof(), seat->second.speaker);
  const auto stream = static_cast<std::uint8_t>(result.context / 2 % max_streams);
  count({FrameStatus::forged, result.sender, stream, result.epoch, 0}, static_cast<std::uint32_t>(batch.forged_frames() - forged_before));
  for (auto& verified : proven_now) {
    sframe::OpenResult proof = result;
    proof.counter = verified.counter;
    opener.spend(proof);
    const OpenedFrame frame{FrameStatus::opened, result.sender, stream, result.epoch, verified.plaintext.size()};
    if (proven.size() == max_proven) proven.pop_front();
    proven.push_back({frame, std::move(verified)});
  }
  return true;
}

std::optional<session::SignedUnit> FrameOpener::State::Epoch::signed_by(const sframe::OpenResult& result, ByteView metadata, ByteView opened) const {
  const auto seat = seats.find(result.sender);
  const session::FramePlace place{result.epoch, result.sender, result.context, result.counter, rule.history};
  return seat == seats.end() ? std::nullopt : session::verify_frame(rule.room_id, *seat->second.key, place, metadata, opened);
}

/// Makes room for everybody who can be counted, outside of the path of frames; who has left is forgotten.
void FrameOpener::State::make_counters(const FrameKeys::State::Epoch& newest) {
  std::size_t size = 0;
  for (const auto& seat : newest.seats) size = std::max<std::size_t>(size, seat.member + std::size_t{1});
  for (StreamCounters& stream : counters) {
    std::vector<std::uint8_t> seated(size);
    for (const auto& seat : newest.seats) seated[seat.member] = 1;
    stream.opened.resize(size);
    stream.dropped.resize(size);
    for (std::size_t member = 0; member < size; ++member) {
      if (seated[member] == 0) stream.opened[member] = 0, stream.dropped[member] = {};
    }
  }
}

/// Erases epochs that are over, and says whether the session has failed closed.
bool FrameOpener::State::suspended() {
  bool closed = false;
  for (std::size_t i = epochs.size(); i-- > 0;) {
    if (epochs[i].gate->may_open()) [[likely]] continue;
    if (epochs[i].gate->suspended()) {
      closed = true;
      continue;
    }
    opener.retire_epoch(epochs[i].number);
    epochs.erase(epochs.begin() + static_cast<std::ptrdiff_t>(i));
  }
  return closed;
}

void FrameOpener::State::count(const OpenedFrame& frame, std::uint32_t times) {
  const auto status = static_cast<std::size_t>(frame.status);
  totals.by_status[status] += times;
  StreamCounters& stream = counters[frame.stream];
  if (frame.sender >= stream.opened.size()) return;
  if (frame.opened()) {
    stream.opened[frame.sender] += times;
  } else if (frame.status >= FrameStatus::unknown_stream && frame.status != FrameStatus::suspended) {
    stream.dropped[frame.sender][status] += times;
  }
}

OpenedFrame FrameOpener::open(std::optional<MemberId> sender, ByteView sealed, ByteView metadata, ByteSpan out, FrameMode mode) {
  State& state = *state_;
  OpenedFrame frame;
  if (state.suspended()) [[unlikely]] {
    frame.status = FrameStatus::suspended;
    state.count(frame);
    return frame;
  }
  const std::uint64_t expected = sender ? *sender : sframe::Opener::anybody;
  sframe::OpenResult result = mode == FrameMode::whole ? state.opener.open(sealed, metadata, out, expected)
                                                       : session::open_codec_frame(state.opener, mode, sealed, metadata, out, expected);
  const bool other_mode = (result.context & 1) != (mode == FrameMode::whole ? 0U : 1U);
  if (result.opened() && other_mode) [[unlikely]] {
    wipe(out.first(result.size));
    result.status = sframe::OpenStatus::malformed;
  }
  const bool held = result.opened() && state.verify(result, mode, metadata, out);
  frame = {status_of(result.status), result.sender, static_cast<std::uint8_t>(result.context / 2 % max_streams), result.epoch, result.size};
  if (held) frame.status = FrameStatus::held, frame.size = 0;
  state.count(frame);
  return frame;
}

std::optional<ProvenFrame> FrameOpener::next_proven() {
  State& state = *state_;
  state.taken.reset();
  if (state.suspended()) state.proven.clear();
  while (!state.proven.empty()) {
    state.taken = std::move(state.proven.front());
    state.proven.pop_front();
    const bool lives = std::ranges::any_of(state.epochs, [&](const State::Epoch& each) { return each.number == state.taken->frame.epoch; });
    if (!lives) continue;
    state.count(state.taken->frame);
    return ProvenFrame{state.taken->frame, state.taken->content.plaintext.expose(), state.taken->content.metadata};
  }
  state.taken.reset();
  return std::nullopt;
}

OpenedFrame FrameOpener::open(const FrameInfo& info, ByteView sealed, ByteSpan out) {
  return open(std::nullopt, sealed, session::frame_metadata(info), out);
}

void FrameOpener::hear_statement(const FramesStated& stated) {
  if (stated.statement.empty()) return state_->witness.note_word({stated.identity_key, {}});
  state_->hear_when_known({stated});
}

void FrameOpener::State::hear_when_known(Early each) {
  const std::uint64_t all = each.stated.epoch + 1;  // nobody states frames of later ones
  const std::uint64_t known = epochs.empty() ? 0 : epochs.back().number + 1;
  const std::uint64_t before = early.size() < max_early ? std::min(known, all) : all;
  if (before > each.from) hear(each.stated, each.from, before);
  each.from = std::max(each.from, before);
  if (before < all) early.push_back(std::move(each));
}

void FrameOpener::State::hear(const FramesStated& stated, std::uint64_t from, std::uint64_t before) {
  auto parsed = session::FrameStatement::parse(stated.statement);
  if (!parsed.ok()) return;
  std::erase_if(parsed->runs, [&](const session::StatedFrames& run) { return run.epoch < from || run.epoch >= before; });
  const session::Speaker who{stated.identity_key, {}};
  std::shared_ptr<const session::Speaker> speaker = std::make_shared<const session::Speaker>(who);
  for (const Epoch& epoch : epochs) {
    const auto seat = epoch.seats.find(stated.sender);
    if (seat != epoch.seats.end() && seat->second.speaker->identity_key == stated.identity_key) speaker = seat->second.speaker;
  }
  witness.state({stated.sender, speaker, before - 1, std::move(*parsed)}, [&](const session::StatedFrames& run) {
    const auto epoch = std::ranges::find(epochs, run.epoch, &Epoch::number);
    const bool held = epoch != epochs.end() && epoch->rule.history == run.history && seat_of(run.epoch, stated.sender, who) == session::FrameWitness::Seat::held;
    return held && (epoch->seats.at(stated.sender).entitled >> run.context & 1U) != 0;
  });
}

std::vector<FrameDoubt> FrameOpener::review_statements(Time now) { return state_->witness.review(now); }
const StatementCounters& FrameOpener::statements() const { return state_->witness.counters(); }

FrameCounters FrameOpener::counters(MemberId member, std::uint8_t stream) const {
  FrameCounters copy;
  if (stream >= max_streams || member >= state_->counters[stream].opened.size()) return copy;
  const auto& dropped = state_->counters[stream].dropped[member];
  std::copy(dropped.begin(), dropped.end(), copy.by_status.begin());
  copy.by_status[0] = state_->counters[stream].opened[member];
  return copy;
}

const FrameCounters& FrameOpener::totals() const { return state_->totals; }

}  // namespace conclave
