#include "sframe/opener.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "sframe/overlap.h"

namespace conclave::sframe {

namespace {

/// Where header and tag go when moving the ciphertext would overwrite them.
struct Saved {
  std::array<std::uint8_t, max_header_size> header;
  std::array<std::uint8_t, max_tag_size> tag;
};

template <std::size_t size>
ByteView save(ByteView bytes, std::array<std::uint8_t, size>& place) {
  std::ranges::copy(bytes, place.begin());
  return ByteView(place).first(bytes.size());
}

}  // namespace

const char* name_of(OpenStatus status) {
  switch (status) {
    case OpenStatus::opened: return "opened";
    case OpenStatus::malformed: return "malformed";
    case OpenStatus::unknown_epoch: return "unknown_epoch";
    case OpenStatus::unknown_sender: return "unknown_sender";
    case OpenStatus::unknown_stream: return "unknown_stream";
    case OpenStatus::no_right: return "no_right";
    case OpenStatus::wrong_sender: return "wrong_sender";
    case OpenStatus::replayed: return "replayed";
    case OpenStatus::too_old: return "too_old";
    case OpenStatus::forged: return "forged";
    case OpenStatus::buffer_too_small: return "buffer_too_small";
  }
  return "";
}

Opener::Opener(OpenerLimits limits) : limits_(limits) { limits_.streams = std::min<std::size_t>(limits_.streams, 32); }

Result<void> Opener::add_epoch(std::shared_ptr<const EpochKeys> keys, Spending spending) {
  if (find(keys->epoch()) != nullptr) return Error{ErrorCode::invalid_argument, "this epoch lives already"};
  const auto collides = [&keys](const Epoch& old) {
    return old.layout.epoch_bits(keys->epoch()) == old.low_bits ||
           keys->layout().epoch_bits(keys->epoch()) == keys->layout().epoch_bits(old.keys->epoch());
  };
  std::erase_if(epochs_, collides);
  if (epochs_.size() >= std::max<std::size_t>(limits_.epochs, 1)) epochs_.erase(epochs_.begin());
  forget_unheard();
  const KidLayout layout = keys->layout();
  const std::uint64_t low_bits = layout.epoch_bits(keys->epoch());
  const std::size_t tag_size = keys->suite().tag_size;
  epochs_.push_back({std::move(keys), layout, low_bits, tag_size, spending, {}, {}});
  return {};
}

Result<void> Opener::allow(std::uint64_t epoch, std::uint32_t sender, StreamSet streams) {
  Epoch* found = find(epoch);
  if (found == nullptr) return Error{ErrorCode::unknown_key, "this epoch does not live"};
  if (sender >= limits_.senders || !found->keys->layout().fits(sender, 0)) {
    return Error{ErrorCode::invalid_argument, "this index is above the limit"};
  }
  if (sender >= found->roster.size()) found->roster.resize(sender + std::size_t{1});
  found->roster[sender] = seated | streams;
  return {};
}

void Opener::disallow(std::uint64_t epoch, std::uint32_t sender) {
  Epoch* found = find(epoch);
  if (found != nullptr && sender < found->roster.size()) found->roster[sender] = 0;
}

void Opener::disallow_all(std::uint64_t epoch) {
  if (Epoch* found = find(epoch)) std::ranges::fill(found->roster, std::uint64_t{0});
}

void Opener::retire_epoch(std::uint64_t epoch) {
  std::erase_if(epochs_, [epoch](const Epoch& live) { return live.keys->epoch() == epoch; });
  forget_unheard();
}

/// Of epochs that live no more.
void Opener::forget_unheard() {
  for (Unheard& each : unheard_) {
    if (find(each.epoch) == nullptr) each.stream.reset();
  }
}

OpenResult Opener::open(ByteView sealed, ByteView metadata, ByteSpan out, std::uint64_t expected) {
  OpenResult result;
  const std::optional<ReadHeader> read = read_header(sealed);
  if (!read) return result;
  const Place place = locate(read->header.kid);
  result.counter = read->header.counter;
  result.status = admit(place, {*read, sealed.size(), out.size(), expected}, result);
  if (result.status != OpenStatus::opened) return result;

  SealedParts parts{sealed.first(read->size), sealed.subspan(read->size, result.size), sealed.subspan(read->size + result.size)};
  const ByteSpan body = out.first(result.size);
  Saved saved;
  if (body.data() != parts.ciphertext.data() && overlap(sealed, body)) {
    parts.header = save(parts.header, saved.header);
    parts.tag = save(parts.tag, saved.tag);
    std::memmove(body.data(), parts.ciphertext.data(), body.size());
    parts.ciphertext = body;
  }
  result.status = open_parts(place, read->header, parts, metadata, body);
  return result;
}

OpenResult Opener::open_apart(const SealedParts& parts, ByteView metadata, ByteSpan out, std::uint64_t expected) {
  OpenResult result;
  const std::optional<ReadHeader> read = read_header(parts.header);
  if (!read || read->size != parts.header.size() || out.size() < parts.ciphertext.size()) return result;
  const Place place = locate(read->header.kid);
  result.counter = read->header.counter;
  const std::size_t sealed_size = parts.header.size() + parts.ciphertext.size() + parts.tag.size();
  result.status = admit(place, {*read, sealed_size, sealed_size, expected}, result);
  if (result.status != OpenStatus::opened) return result;
  if (parts.tag.size() != place.epoch->tag_size) {
    result.status = OpenStatus::malformed;
    return result;
  }
  result.status = open_parts(place, read->header, parts, metadata, out.first(result.size));
  return result;
}

OpenStatus Opener::admit(const Place& place, const Claim& claim, OpenResult& result) const {
  const Epoch* epoch = place.epoch;
  const KidParts& parts = place.parts;
  if (epoch == nullptr) return OpenStatus::unknown_epoch;
  const std::size_t overhead = claim.read.size + epoch->tag_size;
  if (claim.sealed_size < overhead || claim.sealed_size - overhead > max_frame_size) return OpenStatus::malformed;
  const std::uint64_t seat = parts.sender < epoch->roster.size() ? epoch->roster[parts.sender] : 0;
  if (seat == 0) return OpenStatus::unknown_sender;
  result.sender = parts.sender;
  result.epoch = epoch->keys->epoch();
  result.context = parts.context;
  if (parts.context >= limits_.streams) return OpenStatus::unknown_stream;
  if ((seat >> parts.context & 1) == 0) return OpenStatus::no_right;
  if (claim.expected != anybody && claim.expected != parts.sender) return OpenStatus::wrong_sender;
  result.size = claim.sealed_size - overhead;
  return claim.room < result.size ? OpenStatus::buffer_too_small : OpenStatus::opened;
}

OpenStatus Opener::open_parts(const Place& place, const Header& header, const SealedParts& parts, ByteView metadata, ByteSpan out) {
  if (metadata.size() > max_metadata_size) return OpenStatus::forged;  // no sealer takes it
  Epoch& epoch = *place.epoch;
  Stream* stream = place.stream;
  Unheard* first = stream == nullptr ? &unheard(epoch, header.kid) : nullptr;  // derive, authenticate, then store
  if (first != nullptr) stream = first->stream.get();
  if (!stream->key.open(header.counter, parts.header, metadata, parts.ciphertext, parts.tag, out)) return OpenStatus::forged;
  if (first != nullptr) store(epoch, place.parts.context, place.parts.sender, std::move(first->stream));
  const ReplayWindow::Verdict verdict = epoch.spending == Spending::at_once ? stream->window.take(header.counter) : stream->window.look(header.counter);
  if (verdict == ReplayWindow::Verdict::fresh) return OpenStatus::opened;
  std::ranges::fill(out, std::uint8_t{0});
  return verdict == ReplayWindow::Verdict::replayed ? OpenStatus::replayed : OpenStatus::too_old;
}

void Opener::spend(const OpenResult& opened) {
  const Epoch* epoch = find(opened.epoch);
  Stream* stream = epoch != nullptr ? find_stream(*epoch, opened.context, opened.sender) : nullptr;
  if (stream != nullptr) static_cast<void>(stream->window.take(opened.counter));
}

std::size_t Opener::held_streams() const {
  std::size_t held = 0;
  for (const Epoch& epoch : epochs_) {
    for (const Streams& streams : epoch.streams) {
      held += static_cast<std::size_t>(std::ranges::count_if(streams, [](const auto& stream) { return stream != nullptr; }));
    }
  }
  return held;
}

Opener::Unheard& Opener::unheard(const Epoch& epoch, std::uint64_t kid) {
  for (Unheard& each : unheard_) {
    if (each.stream != nullptr && each.kid == kid && each.epoch == epoch.keys->epoch()) return each;
  }
  Unheard& place = unheard_[next_unheard_++ % unheard_.size()];
  place.stream.reset();  // first: the new keys take the place of the old ones
  place = {epoch.keys->epoch(), kid, std::make_unique<Stream>(epoch.keys->derive(kid))};
  return place;
}

Opener::Stream* Opener::find_stream(const Epoch& epoch, std::uint64_t context, std::uint32_t sender) {
  if (context >= epoch.streams.size() || sender >= epoch.streams[context].size()) return nullptr;
  return epoch.streams[context][sender].get();
}

Opener::Place Opener::locate(std::uint64_t kid) {
  Place place;
  place.epoch = find_by_kid(kid);
  if (place.epoch == nullptr) return place;
  place.parts = place.epoch->layout.split(kid);
  place.stream = find_stream(*place.epoch, place.parts.context, place.parts.sender);
  return place;
}

void Opener::store(Epoch& epoch, std::uint64_t context, std::uint32_t sender, std::unique_ptr<Stream> stream) {
  if (context >= epoch.streams.size()) epoch.streams.resize(context + 1);
  Streams& streams = epoch.streams[context];
  if (sender >= streams.size()) streams.resize(epoch.roster.size());
  streams[sender] = std::move(stream);
}

Opener::Epoch* Opener::find(std::uint64_t epoch) {
  const auto found = std::ranges::find_if(epochs_, [epoch](const Epoch& live) { return live.keys->epoch() == epoch; });
  return found == epochs_.end() ? nullptr : &*found;
}

Opener::Epoch* Opener::find_by_kid(std::uint64_t kid) {
  for (Epoch& live : epochs_) {
    if (live.layout.epoch_bits(kid) == live.low_bits) return &live;
  }
  return nullptr;
}

}  // namespace conclave::sframe
