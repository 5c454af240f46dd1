// What speakers of a stage state of their signed frames, and what listeners make of it, through the C interface.
#include <catch2/catch.hpp>

#include <cstring>

#include "hall.h"

using namespace conclave_abi;

namespace {

/// Ada speaks on a stage, Bob listens, Cleo is there; each frame is signed.
struct Speech {
  Hall hall{CONCLAVE_ROOM_STAGE};
  std::unique_ptr<Closer> sealer, opener;
  std::size_t heard_outputs = 0;

  Speech() {
    REQUIRE(hall.enter("Bob") == CONCLAVE_OK);
    REQUIRE(hall.enter("Cleo") == CONCLAVE_OK);
    REQUIRE(hall.room(1).signing == 1);
    sealer = make_sealer();
    conclave_handle made = 0;
    REQUIRE(conclave_opener_create(&made) == CONCLAVE_OK);
    opener = std::make_unique<Closer>(made);
    update();
  }
  [[nodiscard]] std::unique_ptr<Closer> make_sealer() {
    conclave_handle made = 0;
    REQUIRE(conclave_session_make_sealer(hall[0].handle(), 0, CONCLAVE_FRAME_WHOLE, &made) == CONCLAVE_OK);
    return std::make_unique<Closer>(made);
  }
  void update() { REQUIRE(conclave_opener_update(opener->handle(), hall[1].handle()) == CONCLAVE_OK); }
  /// Frames that Ada seals and Bob opens.
  void speak(int frames) const {
    const std::array<std::uint8_t, 80> frame{1};
    std::array<std::uint8_t, 400> sealed{}, out{};
    for (int i = 0; i < frames; ++i) {
      std::size_t size = sealed.size();
      auto opened = sized<conclave_opened>();
      REQUIRE(conclave_sealer_seal(sealer->handle(), frame.data(), frame.size(), nullptr, 0, sealed.data(), &size) == CONCLAVE_OK);
      REQUIRE(conclave_opener_open(opener->handle(), -1, sealed.data(), size, nullptr, 0, 0, out.data(), out.size(), &opened) == CONCLAVE_OK);
      REQUIRE(opened.status == CONCLAVE_OPENED);
    }
  }
  [[nodiscard]] Bytes take() const {
    Bytes statement(33'000);
    std::size_t size = statement.size();
    REQUIRE(conclave_sealer_take_statement(sealer->handle(), statement.data(), &size) == CONCLAVE_OK);
    statement.resize(size);
    return statement;
  }
  conclave_result state(const Bytes& statement) {
    const conclave_bytes given{statement.data(), statement.size()};
    const auto result = conclave_session_state_frames(hall[0].handle(), &given, 1);
    hall.settle();
    return result;
  }
  /// Bob's opener hears what Bob was told since the last time.
  void hear() {
    const auto stated = hall[1].all(CONCLAVE_OUTPUT_FRAMES_STATED);
    for (; heard_outputs < stated.size(); ++heard_outputs) {
      const Bytes& bytes = stated[heard_outputs].bytes;
      REQUIRE(conclave_opener_hear(opener->handle(), bytes.data(), bytes.size()) == CONCLAVE_OK);
    }
  }
  [[nodiscard]] std::vector<conclave_frame_doubt> review() const {
    std::vector<conclave_frame_doubt> doubts;
    for (auto doubt = sized<conclave_frame_doubt>();;) {
      REQUIRE(conclave_opener_review(opener->handle(), &hall.at(), &doubt) == CONCLAVE_OK);
      if (doubt.kind == 0) return doubts;
      doubts.push_back(doubt);
    }
  }
  /// Seconds in which everybody says what is due, and Bob reviews.
  std::vector<conclave_frame_doubt> listen(int seconds) {
    std::vector<conclave_frame_doubt> doubts;
    for (int i = 0; i < seconds; ++i) {
      hall.pass(1);
      hear();
      for (const auto& doubt : review()) doubts.push_back(doubt);
    }
    return doubts;
  }
  [[nodiscard]] conclave_statements counts() const {
    auto counted = sized<conclave_statements>();
    REQUIRE(conclave_opener_statements(opener->handle(), &counted) == CONCLAVE_OK);
    return counted;
  }
};

}  // namespace

TEST_CASE("frames that are stated through C are confirmed by who listens, and nobody is doubted", "[abi]") {
  Speech speech;
  speech.speak(6);
  CHECK(speech.state(speech.take()) == CONCLAVE_OK);
  CHECK(speech.take().empty());
  const auto stated = speech.hall[1].all(CONCLAVE_OUTPUT_FRAMES_STATED);
  CHECK(std::any_of(stated.begin(), stated.end(), [&](const Told& each) { return each.about.member == speech.hall.id(0) && each.bytes.size() > 100; }));
  CHECK(speech.listen(12).empty());
  CHECK((speech.counts().confirmed == 6 && speech.counts().unstated == 0 && speech.counts().missed == 0));
}

TEST_CASE("who seals through C and states nothing is told of as unstated, and who states otherwise with evidence", "[abi]") {
  Speech speech;
  speech.speak(3);
  const auto unstated = speech.listen(14);
  REQUIRE(unstated.size() == 1);
  CHECK((unstated[0].kind == CONCLAVE_FRAMES_UNSTATED && unstated[0].member == speech.hall.id(0) && unstated[0].evidence_size == 0));
  CHECK(std::string(unstated[0].name) == "Ada");
  static_cast<void>(speech.take());
  speech.speak(3);
  Bytes lie = speech.take();
  lie.back() ^= 1;  // of the last digest
  CHECK(speech.state(lie) == CONCLAVE_OK);
  const auto doubts = speech.listen(1);
  REQUIRE(doubts.size() == 1);
  CHECK((doubts[0].kind == CONCLAVE_FRAMES_EQUIVOCATED && doubts[0].identity_key_size == 32 && doubts[0].stream == 0));
  CHECK((speech.counts().confirmed == 2 && speech.counts().equivocated == 1 && speech.counts().unstated == 3));

  std::uint32_t member = 99;
  const auto cleo = speech.hall[2].handle();
  Bytes evidence(doubts[0].evidence, doubts[0].evidence + doubts[0].evidence_size);
  CHECK((conclave_session_check_evidence(cleo, evidence.data(), evidence.size(), &member) == CONCLAVE_OK && member == speech.hall.id(0)));
  evidence[0] ^= 1;
  CHECK(conclave_session_check_evidence(cleo, evidence.data(), evidence.size(), &member) == CONCLAVE_NOT_AUTHENTIC);
  CHECK(conclave_session_check_evidence(cleo, evidence.data(), 5, &member) == CONCLAVE_MALFORMED);
  CHECK(conclave_session_check_evidence(cleo, evidence.data(), evidence.size(), nullptr) == CONCLAVE_INVALID_ARGUMENT);
}

TEST_CASE("a doubt stands in the record of who noticed it, and one without its evidence does not", "[abi]") {
  Speech speech;
  speech.speak(1);
  Bytes lie = speech.take();
  lie.back() ^= 1;
  REQUIRE(speech.state(lie) == CONCLAVE_OK);
  const auto doubts = speech.listen(1);
  REQUIRE(doubts.size() == 1);
  const auto bob = speech.hall[1].handle();
  const auto told = [&] {
    Bytes record(1 << 16);
    std::vector<char> lines(1 << 16);
    std::size_t size = record.size(), lines_size = lines.size();
    auto transcript = sized<conclave_transcript>();
    REQUIRE(conclave_session_record(bob, speech.hall[1].identity->handle(), record.data(), &size) == CONCLAVE_OK);
    REQUIRE(conclave_transcript_read(record.data(), size, &transcript, lines.data(), &lines_size) == CONCLAVE_OK);
    return std::string(lines.data());
  };
  auto doubt = doubts[0];
  doubt.evidence_size = 0;
  CHECK(conclave_session_record_doubt(bob, &doubt, &speech.hall.at()) == CONCLAVE_OK);
  CHECK(told().find("signed other frames") == std::string::npos);
  CHECK(conclave_session_record_doubt(bob, &doubts[0], &speech.hall.at()) == CONCLAVE_OK);
  CHECK(told().find("signed other frames than it stated") != std::string::npos);
  doubt.evidence_size = 513;
  CHECK(conclave_session_record_doubt(bob, &doubt, nullptr) == CONCLAVE_INVALID_ARGUMENT);
  doubt = doubts[0];
  for (const std::uint32_t kind : {0U, 3U}) {
    doubt.kind = kind;
    CHECK(conclave_session_record_doubt(bob, &doubt, nullptr) == CONCLAVE_INVALID_ARGUMENT);
  }
}

TEST_CASE("no statement is lost: to a small buffer, to what is sealed meanwhile, or to an epoch that ends", "[abi]") {
  Speech speech;
  speech.speak(2);
  std::size_t size = 0;
  REQUIRE(conclave_sealer_take_statement(speech.sealer->handle(), nullptr, &size) == CONCLAVE_BUFFER_TOO_SMALL);
  const std::size_t needed = size;
  speech.speak(1);
  Bytes first = speech.take();
  CHECK(first.size() == needed);
  const Bytes second = speech.take();
  CHECK(!second.empty());
  speech.speak(1);
  REQUIRE(conclave_session_rotate(speech.hall[0].handle(), &speech.hall.at()) == CONCLAVE_OK);
  speech.hall.settle();
  const auto next = speech.make_sealer();
  REQUIRE(conclave_sealer_take_up(speech.sealer->handle(), next->handle()) == CONCLAVE_OK);
  speech.update();
  speech.speak(1);
  const Bytes third = speech.take();
  const conclave_bytes all[] = {{first.data(), first.size()}, {nullptr, 0}, {second.data(), second.size()}, {third.data(), third.size()}};
  REQUIRE(conclave_session_state_frames(speech.hall[0].handle(), all, 4) == CONCLAVE_OK);
  speech.hall.settle();
  CHECK(speech.listen(12).empty());
  CHECK((speech.counts().confirmed == 5 && speech.counts().unstated == 0));
}

TEST_CASE("statements that are none are refused, and nothing at all is nothing", "[abi]") {
  Speech speech;
  speech.speak(1);
  Bytes statement = speech.take();
  const auto session = speech.hall[0].handle();
  const conclave_bytes good{statement.data(), statement.size()}, cut{statement.data(), statement.size() - 1}, null{nullptr, 5}, empty{nullptr, 0};
  CHECK(conclave_session_state_frames(session, &cut, 1) == CONCLAVE_MALFORMED);
  CHECK(conclave_session_state_frames(session, &null, 1) == CONCLAVE_INVALID_ARGUMENT);
  CHECK(conclave_session_state_frames(session, nullptr, 1) == CONCLAVE_INVALID_ARGUMENT);
  const std::vector<conclave_bytes> many(65, good);
  CHECK(conclave_session_state_frames(session, many.data(), many.size()) == CONCLAVE_LIMIT_EXCEEDED);
  CHECK(conclave_session_state_frames(session, nullptr, 0) == CONCLAVE_OK);
  CHECK(conclave_session_state_frames(session, &empty, 1) == CONCLAVE_OK);
  CHECK(next_output(session).about.kind == CONCLAVE_OUTPUT_NONE);
  const auto opener = speech.opener->handle();
  const std::array<std::uint8_t, 13> short_of_its_key{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
  CHECK(conclave_opener_hear(opener, short_of_its_key.data(), short_of_its_key.size()) == CONCLAVE_MALFORMED);
  for (std::size_t size = 0; size < 13; ++size) CHECK(conclave_opener_hear(opener, short_of_its_key.data(), size) == CONCLAVE_MALFORMED);
  CHECK(conclave_opener_review(opener, nullptr, nullptr) == CONCLAVE_INVALID_ARGUMENT);
}
