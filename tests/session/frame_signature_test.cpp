#include "session/frame_signature.h"

#include <catch2/catch.hpp>

#include "base/bytes.h"

using namespace conclave;
using namespace conclave::session;

namespace {

const room::RoomId room_id{4, 2};

struct Stage {
  crypto::SeededRandom random{31};
  crypto::SignaturePrivateKey speaker = *crypto::SignaturePrivateKey::generate(crypto::SignatureAlgorithm::ed25519, random);
  crypto::SignaturePrivateKey listener = *crypto::SignaturePrivateKey::generate(crypto::SignatureAlgorithm::ed25519, random);
  FrameSigning signing;
  FrameSigner signer{room_id, signing};
  FrameVerifier verifier{room_id, speaker.public_key(), signing};

  explicit Stage(FrameSigning how) : signing(how) {}

  static FramePlace place(std::uint64_t counter) { return {7, 3, 0, counter}; }
  static Bytes metadata(std::uint64_t counter) { return {0, 1, static_cast<std::uint8_t>(counter)}; }
  static Bytes content(std::uint64_t counter) { return Bytes(80, static_cast<std::uint8_t>(counter + 1)); }

  Bytes signed_by(const crypto::SignaturePrivateKey& key, FrameSigner& by, std::uint64_t counter) {
    Bytes frame = content(counter);
    REQUIRE(by.sign(key, place(counter), metadata(counter), frame).ok());
    return frame;
  }
  Bytes frame(std::uint64_t counter) { return signed_by(speaker, signer, counter); }
  std::size_t push(const Bytes& frame, std::uint64_t counter) { return verifier.push(place(counter), metadata(counter), frame, counter).size(); }
};

}  // namespace

TEST_CASE("a signed frame comes out as it went in, at once, for 64 bytes", "[session]") {
  Stage stage(FrameSigning::per_frame);
  for (std::uint64_t counter = 0; counter < 5; ++counter) {
    const Bytes frame = stage.frame(counter);
    CHECK(frame.size() == 80 + 64);
    const auto verified = stage.verifier.push(Stage::place(counter), Stage::metadata(counter), frame, 9);
    REQUIRE(verified.size() == 1);
    CHECK(equal(verified[0].plaintext.expose(), Stage::content(counter)));
    CHECK(verified[0].tag == 9);
  }
}

TEST_CASE("a batch comes out in order with its third frame, whatever the order in which it came", "[session]") {
  Stage stage(FrameSigning::batched);
  std::vector<Bytes> frames;
  for (std::uint64_t counter = 0; counter < 6; ++counter) frames.push_back(stage.frame(counter));
  std::size_t overhead = 0;
  for (const Bytes& frame : frames) overhead += frame.size() - 80;
  CHECK(overhead == 2 * 64);  // 8.5 kbit/s with frames of 20 ms
  CHECK(stage.push(frames[0], 0) == 0);
  CHECK(stage.push(frames[1], 1) == 0);
  CHECK(stage.push(frames[2], 2) == 3);
  CHECK(stage.push(frames[5], 5) == 0);
  CHECK(stage.push(frames[3], 3) == 0);
  const auto late = stage.verifier.push(Stage::place(4), Stage::metadata(4), frames[4], 0);
  REQUIRE(late.size() == 3);
  for (std::uint64_t i = 0; i < 3; ++i) CHECK(equal(late[i].plaintext.expose(), Stage::content(3 + i)));
}

TEST_CASE("a lost frame costs its batch and no other", "[session]") {
  Stage stage(FrameSigning::batched);
  std::size_t heard = 0;
  for (std::uint64_t counter = 0; counter < 60; ++counter) {
    const Bytes frame = stage.frame(counter);
    if (counter == 31) continue;
    heard += stage.push(frame, counter);
  }
  CHECK(heard == 57);
  CHECK(stage.verifier.unsigned_frames() == 2);
}

TEST_CASE("a listener who holds the media keys, with the relay, cannot speak as the speaker", "[session][attack]") {
  for (const FrameSigning signing : {FrameSigning::per_frame, FrameSigning::batched}) {
    Stage stage(signing);
    FrameSigner forger(room_id, signing);
    std::size_t heard = 0;
    for (std::uint64_t counter = 0; counter < 30; ++counter) heard += stage.push(stage.signed_by(stage.listener, forger, counter), counter);
    for (std::uint64_t counter = 30; counter < 60; ++counter) heard += stage.push(Stage::content(counter), counter);
    CHECK(heard == 0);
    CHECK(stage.verifier.unsigned_frames() >= 45);
  }
}

TEST_CASE("a forged frame within a batch spoils the batch, and is not heard", "[session][attack]") {
  Stage stage(FrameSigning::batched);
  for (std::uint64_t counter = 0; counter < 2; ++counter) CHECK(stage.push(counter == 1 ? Bytes(80, 0xEE) : stage.frame(counter), counter) == 0);
  (void)stage.frame(1);
  CHECK(stage.push(stage.frame(2), 2) == 0);
}

TEST_CASE("a signature holds for one frame, at its place, under its header", "[session][attack]") {
  Stage stage(FrameSigning::per_frame);
  const Bytes frame = stage.frame(4);
  const auto heard = [&](FramePlace place, const Bytes& metadata, const Bytes& bytes) { return stage.verifier.push(place, metadata, bytes, 0).size(); };
  CHECK(heard({8, 3, 0, 4}, Stage::metadata(4), frame) == 0);
  CHECK(heard({7, 2, 0, 4}, Stage::metadata(4), frame) == 0);
  CHECK(heard({7, 3, 1, 4}, Stage::metadata(4), frame) == 0);
  CHECK(heard({7, 3, 0, 5}, Stage::metadata(4), frame) == 0);
  CHECK(heard(Stage::place(4), Stage::metadata(5), frame) == 0);
  for (std::size_t at = 0; at < frame.size(); ++at) {
    Bytes changed = frame;
    changed[at] ^= 1;
    CHECK(heard(Stage::place(4), Stage::metadata(4), changed) == 0);
    CHECK(heard(Stage::place(4), Stage::metadata(4), Bytes(frame.begin(), frame.begin() + static_cast<std::ptrdiff_t>(at))) == 0);
  }
  CHECK(heard(Stage::place(4), Stage::metadata(4), frame) == 1);
  FrameVerifier elsewhere(room::RoomId{1}, stage.speaker.public_key(), FrameSigning::per_frame);
  CHECK(elsewhere.push(Stage::place(4), Stage::metadata(4), frame, 0).empty());
}

TEST_CASE("equivocation: two contents under one number are the speaker's own doing, and proof of it", "[session][attack]") {
  Stage stage(FrameSigning::per_frame);
  Bytes one(80, 1), other(80, 2), forged(80, 3);
  FrameSigner second(room_id, FrameSigning::per_frame);
  REQUIRE(stage.signer.sign(stage.speaker, Stage::place(4), Stage::metadata(4), one).ok());
  REQUIRE(second.sign(stage.speaker, Stage::place(4), Stage::metadata(4), other).ok());
  REQUIRE(second.sign(stage.listener, Stage::place(4), Stage::metadata(4), forged).ok());  // a listener who holds the media keys
  const auto heard_by_one = [&](const Bytes& frame) {
    FrameVerifier verifier(room_id, stage.speaker.public_key(), FrameSigning::per_frame);
    return verifier.push(Stage::place(4), Stage::metadata(4), frame, 0).size();
  };
  CHECK(heard_by_one(forged) == 0);
  CHECK((heard_by_one(one) == 1 && heard_by_one(other) == 1));  // to different listeners: docs/decisions/014-equivocation.md
  for (const Bytes* content : {&one, &other}) {                 // neither's signature can be moved to the other's words
    Bytes mixed = content == &one ? other : one;
    std::copy(content->end() - 64, content->end(), mixed.end() - 64);
    CHECK(heard_by_one(mixed) == 0);
  }
}

TEST_CASE("batches that never become whole are bounded", "[session][attack]") {
  Stage stage(FrameSigning::batched);
  for (std::uint64_t counter = 0; counter < 30'000; counter += 3) CHECK(stage.push(stage.frame(counter), counter) == 0);
  CHECK(stage.verifier.unsigned_frames() >= 10'000 - 4);
  CHECK(stage.verifier.forged_frames() == 0);
  std::vector<Bytes> honest;  // what was given up can still be said
  for (std::uint64_t counter = 0; counter < 3; ++counter) honest.push_back(stage.frame(counter));
  CHECK(stage.push(honest[0], 0) + stage.push(honest[1], 1) + stage.push(honest[2], 2) == 3);
}

TEST_CASE("a signer whose frame was not sealed after all signs it again, and the batch holds", "[session]") {
  Stage stage(FrameSigning::batched);
  std::vector<Bytes> frames;
  for (std::uint64_t counter = 0; counter < 3; ++counter) {
    (void)stage.frame(counter);
    frames.push_back(stage.frame(counter));
  }
  CHECK(stage.push(frames[0], 0) + stage.push(frames[1], 1) + stage.push(frames[2], 2) == 3);
}

TEST_CASE("pictures are signed one by one where sound is signed in batches, and long frames fit in no batch", "[session]") {
  const SigningRule rule{room_id, FrameSigning::batched};
  CHECK(rule.of(0) == FrameSigning::batched);
  CHECK(rule.of(2) == FrameSigning::per_frame);
  CHECK(rule.of(4) == FrameSigning::per_frame);
  CHECK(rule.of(6) == FrameSigning::batched);
  CHECK(SigningRule{room_id, FrameSigning::none}.of(2) == FrameSigning::none);
  Stage stage(FrameSigning::batched);
  Bytes frame(max_batched_frame + 1, 1);
  CHECK(stage.signer.sign(stage.speaker, Stage::place(0), {}, frame).error().code == ErrorCode::limit_exceeded);
  CHECK(stage.push(Bytes(max_batched_frame + 1, 1), 0) == 0);
  CHECK(stage.verifier.unsigned_frames() == 1);
}
