#include "session/frame_signature.h"

#include <algorithm>
#include <string_view>

#include "base/bytes.h"
#include "crypto/hash.h"
#include "session/stream_rights.h"

namespace conclave::session {
namespace {

constexpr std::string_view content_label = "conclave frame content v1";
constexpr std::string_view frame_label = "conclave frame v3";
constexpr std::string_view unit_label = "conclave stated frames v1";
constexpr std::string_view single_label = "conclave signed frame v1";
constexpr std::string_view batch_label = "conclave signed batch v1";
constexpr std::uint8_t zero = 0;
constexpr std::size_t content_hash_size = 32;
constexpr std::uint64_t patience = 2 * frames_per_batch;  // how far behind a proven batch others may lag

crypto::Digest labelled_hash(std::string_view label, ByteView first, ByteView second = {}) {
  return crypto::hash(crypto::HashAlgorithm::sha256, {as_bytes(label), ByteView(&zero, 1), first, second});
}

Bytes content_hash(ByteView metadata, ByteView plaintext) { return to_bytes(labelled_hash(content_label, wire::encode(wire::Opaque{metadata}), plaintext).view()); }

Bytes frame_hash(const room::RoomId& room_id, const FramePlace& place, ByteView content) {
  return to_bytes(labelled_hash(frame_label, wire::encode(room_id, place.history, place.epoch, place.sender, place.context, place.counter), content).view());
}

Bytes statement(std::string_view label, ByteView hashes) {
  Bytes out = to_bytes(as_bytes(label));
  out.push_back(zero);
  out.insert(out.end(), hashes.begin(), hashes.end());
  return out;
}

UnitDigest unit_digest(ByteView frame_hashes) {
  const crypto::Digest digest = labelled_hash(unit_label, frame_hashes);
  UnitDigest out{};
  std::copy_n(digest.view().begin(), out.size(), out.begin());
  return out;
}

/// Of all frames of a unit, in order.
Bytes frame_hashes(const room::RoomId& room_id, const SignedUnit& unit) {
  Bytes hashes;
  FramePlace place = unit.place;
  for (std::size_t at = 0; at + content_hash_size <= unit.contents.size(); at += content_hash_size, ++place.counter) {
    const Bytes hash = frame_hash(room_id, place, ByteView(unit.contents).subspan(at, content_hash_size));
    hashes.insert(hashes.end(), hash.begin(), hash.end());
  }
  return hashes;
}

bool ends_batch(std::uint64_t counter) { return counter % frames_per_batch == frames_per_batch - 1; }

}  // namespace

std::size_t signature_overhead(FrameSigning signing, std::uint64_t counter) {
  const bool carries = signing == FrameSigning::per_frame || (signing == FrameSigning::batched && ends_batch(counter));
  return carries ? frame_signature_size : 0;
}

bool SignedUnit::batch() const { return contents.size() == frames_per_batch * content_hash_size; }
std::uint64_t SignedUnit::number() const { return batch() ? place.counter / frames_per_batch : place.counter; }
UnitDigest SignedUnit::digest(const room::RoomId& room_id) const { return unit_digest(frame_hashes(room_id, *this)); }

bool SignedUnit::verify(const room::RoomId& room_id, const crypto::SignaturePublicKey& key) const {
  const bool sound = contents.size() == content_hash_size || (batch() && place.counter % frames_per_batch == 0);
  return sound && key.verify(statement(batch() ? batch_label : single_label, frame_hashes(room_id, *this)), signature);
}

Result<UnitDigest> sign_frame(const room::RoomId& room_id, const crypto::SignaturePrivateKey& key, const FramePlace& place, ByteView metadata, ByteSpan frame) {
  const ByteView plaintext = frame.first(frame.size() - frame_signature_size);
  const Bytes hash = frame_hash(room_id, place, content_hash(metadata, plaintext));
  CONCLAVE_ASSIGN(signature, key.sign(statement(single_label, hash)));
  std::ranges::copy(signature, frame.last(frame_signature_size).begin());
  return unit_digest(hash);
}

std::optional<SignedUnit> verify_frame(const room::RoomId& room_id, const crypto::SignaturePublicKey& key, const FramePlace& place, ByteView metadata, ByteView opened) {
  if (opened.size() < frame_signature_size) return std::nullopt;
  const ByteView plaintext = opened.first(opened.size() - frame_signature_size);
  SignedUnit unit{place, content_hash(metadata, plaintext), to_bytes(opened.last(frame_signature_size))};
  if (!unit.verify(room_id, key)) return std::nullopt;
  return unit;
}

FrameSigning SigningRule::of(std::uint64_t context) const {
  const auto stream = static_cast<unsigned>(context / 2);
  const Right right = right_of_stream(stream);
  const bool sound = right == Right::publish_audio || (right == Right::publish_screen && stream % 4 == 3);
  return signing == FrameSigning::batched && !sound ? FrameSigning::per_frame : signing;
}

Result<void> FrameSigner::sign(const crypto::SignaturePrivateKey& key, const FramePlace& place, ByteView metadata, Bytes& plaintext) {
  signed_now_.reset();
  if (signing_ == FrameSigning::none) return {};
  const Bytes hash = frame_hash(room_id_, place, content_hash(metadata, plaintext));
  Bytes statement_of_it = statement(single_label, hash);
  if (signing_ == FrameSigning::batched) {
    if (plaintext.size() > max_batched_frame) return Error{ErrorCode::limit_exceeded, "a frame is too long for a batch"};
    const std::uint64_t place_in_batch = place.counter % frames_per_batch;
    if (place.counter - place_in_batch != first_) batch_.clear();
    first_ = place.counter - place_in_batch;
    batch_.resize(std::min<std::size_t>(batch_.size(), place_in_batch * hash.size()));
    batch_.insert(batch_.end(), hash.begin(), hash.end());
    if (!ends_batch(place.counter)) return {};
    statement_of_it = statement(batch_label, batch_);
  }
  CONCLAVE_ASSIGN(signature, key.sign(statement_of_it));
  plaintext.insert(plaintext.end(), signature.begin(), signature.end());
  signed_now_ = unit_digest(signing_ == FrameSigning::batched ? ByteView(batch_) : ByteView(hash));
  return {};
}

std::vector<FrameVerifier::Verified> FrameVerifier::push(const FramePlace& place, ByteView metadata, ByteView opened, std::uint64_t tag) {
  proof_.reset();
  const std::size_t overhead = signature_overhead(signing_, place.counter);
  const bool fits = opened.size() >= overhead && (signing_ != FrameSigning::batched || opened.size() <= max_batched_frame + overhead);
  if (!fits) {
    ++unsigned_;
    return {};
  }
  const ByteView plaintext = opened.first(opened.size() - overhead);
  Held frame{{place.counter, tag, to_bytes(metadata), SecretBuffer::copy_of(plaintext)}, {}};
  if (signing_ != FrameSigning::none) frame.content = content_hash(metadata, plaintext);
  const ByteView signature = opened.last(overhead);
  if (signing_ == FrameSigning::batched) return push_batched(place, std::move(frame), signature);
  return push_single(place, std::move(frame), signature);
}

std::vector<FrameVerifier::Verified> FrameVerifier::push_single(const FramePlace& place, Held frame, ByteView signature) {
  std::vector<Verified> out;
  if (signing_ != FrameSigning::none) {
    SignedUnit unit{place, std::move(frame.content), to_bytes(signature)};
    if (!unit.verify(room_id_, key_)) {
      ++unsigned_, ++forged_;
      return out;
    }
    proof_ = std::move(unit);
  }
  out.push_back(std::move(frame.frame));
  return out;
}

std::vector<FrameVerifier::Verified> FrameVerifier::push_batched(const FramePlace& place, Held frame, ByteView signature) {
  Batch& batch = batch_of(place);
  const auto at = std::find_if(batch.frames.begin(), batch.frames.end(), [&](const Held& held) { return held.frame.counter >= place.counter; });
  if (at != batch.frames.end() && at->frame.counter == place.counter) return {};  // a copy, or a forgery of the one or the other
  if (!signature.empty()) batch.signature = to_bytes(signature);
  batch.frames.insert(at, std::move(frame));
  return batch.frames.size() == frames_per_batch ? settle(batch) : std::vector<Verified>();
}

/// The batch that a frame belongs to; for a new one the oldest is given up.
FrameVerifier::Batch& FrameVerifier::batch_of(const FramePlace& place) {
  const std::uint64_t first = place.counter - place.counter % frames_per_batch;
  for (Batch& batch : batches_) {
    if (batch.place.counter == first) return batch;
  }
  if (batches_.size() == max_batches) {
    unsigned_ += batches_.front().frames.size();
    batches_.pop_front();
  }
  return batches_.emplace_back(Batch{{place.epoch, place.sender, place.context, first, place.history}, {}, {}});
}

std::vector<FrameVerifier::Verified> FrameVerifier::settle(Batch& batch) {
  SignedUnit unit{batch.place, {}, batch.signature};
  for (const Held& held : batch.frames) unit.contents.insert(unit.contents.end(), held.content.begin(), held.content.end());
  std::vector<Verified> proven;
  const std::uint64_t first = batch.place.counter;
  if (unit.verify(room_id_, key_)) {
    for (Held& held : batch.frames) proven.push_back(std::move(held.frame));
    batch.frames.clear();
    proof_ = std::move(unit);
  }
  forged_ += batch.frames.size();
  // What a proven batch has left behind for long does not become whole any more.
  const std::uint64_t oldest = proven.empty() || first < patience ? 0 : first - patience;
  std::erase_if(batches_, [&](const Batch& each) {
    const bool over = each.place.counter == first || each.place.counter < oldest;
    if (over) unsigned_ += each.frames.size();
    return over;
  });
  return proven;
}

}  // namespace conclave::session
