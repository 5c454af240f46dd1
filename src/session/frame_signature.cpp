#include "session/frame_signature.h"

#include <algorithm>
#include <string_view>

#include "base/bytes.h"
#include "crypto/hash.h"
#include "session/stream_rights.h"

namespace conclave::session {
namespace {

constexpr std::string_view frame_label = "conclave frame v1";
constexpr std::string_view single_label = "conclave signed frame v1";
constexpr std::string_view batch_label = "conclave signed batch v1";
constexpr std::uint8_t zero = 0;
constexpr std::uint64_t patience = 2 * frames_per_batch;  // how far behind a proven batch others may lag

Bytes hash_of(const room::RoomId& room_id, const FramePlace& place, ByteView metadata, ByteView plaintext) {
  const Bytes head = wire::encode(room_id, place.epoch, place.sender, place.context, place.counter, wire::Opaque{metadata});
  return to_bytes(crypto::hash(crypto::HashAlgorithm::sha256, {as_bytes(frame_label), ByteView(&zero, 1), head, plaintext}).view());
}

Bytes statement(std::string_view label, ByteView hashes) {
  Bytes out = to_bytes(as_bytes(label));
  out.push_back(zero);
  out.insert(out.end(), hashes.begin(), hashes.end());
  return out;
}

bool ends_batch(std::uint64_t counter) { return counter % frames_per_batch == frames_per_batch - 1; }

}  // namespace

std::size_t signature_overhead(FrameSigning signing, std::uint64_t counter) {
  const bool carries = signing == FrameSigning::per_frame || (signing == FrameSigning::batched && ends_batch(counter));
  return carries ? frame_signature_size : 0;
}

Result<void> sign_frame(const room::RoomId& room_id, const crypto::SignaturePrivateKey& key, const FramePlace& place, ByteView metadata, ByteSpan frame) {
  const ByteView plaintext = frame.first(frame.size() - frame_signature_size);
  CONCLAVE_ASSIGN(signature, key.sign(statement(single_label, hash_of(room_id, place, metadata, plaintext))));
  std::ranges::copy(signature, frame.last(frame_signature_size).begin());
  return {};
}

bool verify_frame(const room::RoomId& room_id, const crypto::SignaturePublicKey& key, const FramePlace& place, ByteView metadata, ByteView opened) {
  if (opened.size() < frame_signature_size) return false;
  const ByteView plaintext = opened.first(opened.size() - frame_signature_size);
  return key.verify(statement(single_label, hash_of(room_id, place, metadata, plaintext)), opened.last(frame_signature_size));
}

FrameSigning SigningRule::of(std::uint64_t context) const {
  const auto stream = static_cast<unsigned>(context / 2);
  const Right right = right_of_stream(stream);
  const bool sound = right == Right::publish_audio || (right == Right::publish_screen && stream % 4 == 3);
  return signing == FrameSigning::batched && !sound ? FrameSigning::per_frame : signing;
}

Result<void> FrameSigner::sign(const crypto::SignaturePrivateKey& key, const FramePlace& place, ByteView metadata, Bytes& plaintext) {
  if (signing_ == FrameSigning::none) return {};
  const Bytes hash = hash_of(room_id_, place, metadata, plaintext);
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
  return {};
}

std::vector<FrameVerifier::Verified> FrameVerifier::push(const FramePlace& place, ByteView metadata, ByteView opened, std::uint64_t tag) {
  const std::size_t overhead = signature_overhead(signing_, place.counter);
  const bool fits = opened.size() >= overhead && (signing_ != FrameSigning::batched || opened.size() <= max_batched_frame + overhead);
  if (!fits) {
    ++unsigned_;
    return {};
  }
  const ByteView plaintext = opened.first(opened.size() - overhead);
  Bytes hash = signing_ == FrameSigning::none ? Bytes() : hash_of(room_id_, place, metadata, plaintext);
  const ByteView signature = opened.last(overhead);
  Verified frame{place.counter, tag, to_bytes(metadata), SecretBuffer::copy_of(plaintext)};
  if (signing_ == FrameSigning::batched) return push_batched(std::move(frame), std::move(hash), signature);
  return push_single(std::move(frame), hash, signature);
}

std::vector<FrameVerifier::Verified> FrameVerifier::push_single(Verified frame, ByteView hash, ByteView signature) {
  std::vector<Verified> out;
  const bool proven = signing_ == FrameSigning::none || key_.verify(statement(single_label, hash), signature);
  if (proven) out.push_back(std::move(frame));
  if (!proven) ++unsigned_, ++forged_;
  return out;
}

std::vector<FrameVerifier::Verified> FrameVerifier::push_batched(Verified frame, Bytes hash, ByteView signature) {
  Batch& batch = batch_of(frame.counter);
  const auto at = std::find_if(batch.frames.begin(), batch.frames.end(), [&](const Held& held) { return held.frame.counter >= frame.counter; });
  if (at != batch.frames.end() && at->frame.counter == frame.counter) return {};  // a copy, or a forgery of the one or the other
  if (!signature.empty()) batch.signature = to_bytes(signature);
  batch.frames.insert(at, {std::move(frame), std::move(hash)});
  return batch.frames.size() == frames_per_batch ? settle(batch) : std::vector<Verified>();
}

/// The batch that a counter belongs to; for a new one the oldest is given up.
FrameVerifier::Batch& FrameVerifier::batch_of(std::uint64_t counter) {
  const std::uint64_t first = counter - counter % frames_per_batch;
  for (Batch& batch : batches_) {
    if (batch.first == first) return batch;
  }
  if (batches_.size() == max_batches) {
    unsigned_ += batches_.front().frames.size();
    batches_.pop_front();
  }
  return batches_.emplace_back(Batch{first, {}, {}});
}

std::vector<FrameVerifier::Verified> FrameVerifier::settle(Batch& batch) {
  Bytes hashes;
  for (const Held& held : batch.frames) hashes.insert(hashes.end(), held.hash.begin(), held.hash.end());
  std::vector<Verified> proven;
  const std::uint64_t first = batch.first;
  if (key_.verify(statement(batch_label, hashes), batch.signature)) {
    for (Held& held : batch.frames) proven.push_back(std::move(held.frame));
    batch.frames.clear();
  }
  forged_ += batch.frames.size();
  // What a proven batch has left behind for long does not become whole any more.
  const std::uint64_t oldest = proven.empty() || first < patience ? 0 : first - patience;
  std::erase_if(batches_, [&](const Batch& each) {
    const bool over = each.first == first || each.first < oldest;
    if (over) unsigned_ += each.frames.size();
    return over;
  });
  return proven;
}

}  // namespace conclave::session
