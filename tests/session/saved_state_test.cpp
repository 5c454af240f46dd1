#include <catch2/catch.hpp>

#include "conclave/room.h"
#include "session/meeting.h"

using namespace conclave;
using namespace conclave::test;
using namespace std::chrono_literals;

namespace {

const Bytes app_key(32, 0x77);

Bytes save(const Party& party) { return *party.session.save(app_key, 1); }
/// The app was killed, and begins again with what it saved.
void start_again(Meeting& meeting, Party& party, const Bytes& saved) {
  party.session = *Session::restore(saved, app_key, 1, meeting.seeded(), meeting.at());
}

/// A stage on which Ada speaks and Bob listens.
struct SavedStage {
  Meeting meeting{config()};
  std::size_t bob = meeting.enter("Bob");
  Party& ada = meeting.parties[0];

  static SessionConfig config() {
    SessionConfig stage;
    stage.mode = RoomMode::stage;
    return stage;
  }
};

}  // namespace

TEST_CASE("a restored session seals nothing before a new epoch, and goes on in it", "[session]") {
  Meeting meeting;
  const std::size_t bob = meeting.enter("Bob");
  Party& party = meeting.parties[bob];
  party.session.set_verified(meeting.parties[0].session.self(), true);
  const std::uint64_t before = party.session.epoch();
  const Bytes saved = *party.session.save(app_key, 4);

  auto restored = Session::restore(saved, app_key, 4, meeting.seeded(), meeting.at());
  REQUIRE(restored.ok());
  CHECK(restored->roster()[0].verified);
  CHECK(restored->epoch() == before);
  CHECK(restored->make_sealer(0).error().code == ErrorCode::invalid_state);
  party.session = std::move(*restored);
  meeting.settle();
  CHECK(party.session.epoch() == before + 1);
  CHECK(party.session.epoch_authenticator() == meeting.parties[0].session.epoch_authenticator());
  CHECK(party.session.make_sealer(0).ok());
  meeting.pass(30s);
  CHECK_FALSE(party.session.suspended());
  CHECK_FALSE(meeting.parties[0].session.suspended());
}

TEST_CASE("a restored session seals and says nothing in an epoch that it was in before it was killed", "[session][attack]") {
  Meeting meeting;
  const std::size_t bob = meeting.enter("Bob");
  Party& party = meeting.parties[bob];
  const Bytes saved = *party.session.save(app_key, 1);
  const std::size_t read_by_then = party.read;
  meeting.take(0, meeting.parties[0].session.rotate(meeting.at()));
  meeting.settle();
  const std::uint64_t reached = party.session.epoch();
  const auto used = party.session.make_sealer(0);
  REQUIRE(used.ok());  // counters of that epoch are used

  party.session = *Session::restore(saved, app_key, 1, meeting.seeded(), meeting.at());
  SessionStep step;
  for (std::size_t at = read_by_then; at < party.read; ++at) {
    step = party.session.handle(meeting.log[at].message, meeting.at());
    for (const ToLog& out : step.send) CHECK(out.commit);
    REQUIRE_FALSE(party.session.make_sealer(0).ok());
    REQUIRE_FALSE(party.session.say({}).ok());
  }
  meeting.take(bob, step);
  CHECK(party.session.epoch() == reached);
  meeting.settle();
  CHECK(party.session.epoch() == reached + 1);
  CHECK(party.session.make_sealer(0).ok());
  CHECK(party.session.say({}).ok());
}

TEST_CASE("a commit that was under way when the app was killed is followed when it won, and handed out again when nobody got it", "[session][attack]") {
  Meeting meeting;
  meeting.enter("Bob");
  Party& ada = meeting.parties[0];
  auto joining = Joining::begin(meeting.seeded(), meeting.identity(), "Cleo", meeting.at());
  SessionStep under_way = *ada.session.admit(77, joining->key_package(), meeting.at());
  REQUIRE(under_way.send.size() == 1);
  const std::uint64_t before = ada.session.epoch();
  const Bytes saved = *ada.session.save(app_key, 1);
  ada.session = *Session::restore(saved, app_key, 1, meeting.seeded(), meeting.at());
  const auto check_going_on = [&](std::uint64_t epoch) {
    CHECK(ada.session.epoch() == epoch);
    CHECK(ada.session.epoch_authenticator() == meeting.parties[1].session.epoch_authenticator());
    CHECK(ada.session.make_sealer(0).ok());
    CHECK_FALSE(ada.saw<SessionEnded>());
    meeting.pass(30s);
    CHECK_FALSE(ada.session.suspended());
  };

  SECTION("it won, and the session seals nothing in the epoch that it began") {
    for (ToLog& entry : under_way.send) meeting.append(std::move(entry));
    const SessionStep step = ada.session.handle(meeting.log[ada.read].message, meeting.at());
    CHECK(ada.session.epoch() == before + 1);
    CHECK_FALSE(ada.session.make_sealer(0).ok());
    meeting.take(0, step);
    ++ada.read;
    meeting.settle();
    check_going_on(before + 2);
    CHECK(ada.session.roster().size() == 3);
  }
  SECTION("it never went out: the joiner gets its Welcome all the same") {
    meeting.settle();
    REQUIRE(meeting.admissions.contains(77));
    auto cleo = joining->complete(meeting.admissions.at(77).welcome, meeting.owner_hash, meeting.at());
    REQUIRE(cleo.ok());
    CHECK(cleo->epoch() == before + 1);
    check_going_on(before + 2);
  }
  SECTION("it went out, another one followed, and it is handed out once more: the log has it twice, and the joiner reads behind the first") {
    for (ToLog& entry : under_way.send) meeting.append(entry);
    ada.gone = true;
    meeting.settle();
    meeting.take(1, meeting.parties[1].session.rotate(meeting.at()));
    const std::size_t logged = meeting.log.size();
    meeting.take(0, ada.session.tick(meeting.at()));
    REQUIRE(meeting.log.size() > logged);
    const auto& admission = meeting.admissions.at(77);
    Party cleo{*joining->complete(admission.welcome, meeting.owner_hash, meeting.at())};
    cleo.read = admission.behind;
    meeting.parties.push_back(std::move(cleo));
    meeting.parties[0].gone = false;
    meeting.settle();
    for (const Party& party : meeting.parties) {
      CHECK(party.session.epoch_authenticator() == meeting.parties[1].session.epoch_authenticator());
      CHECK_FALSE(party.saw<MessageRefused>());
    }
    CHECK(meeting.parties[1].session.epoch() == before + 3);
    CHECK(meeting.parties[0].session.make_sealer(0).ok());
  }
  SECTION("another one won: it is said, and not tried again") {
    meeting.take(1, meeting.parties[1].session.rotate(meeting.at()));
    meeting.settle();
    check_going_on(before + 2);
    CHECK(ada.session.roster().size() == 2);
    REQUIRE(ada.all<AdmissionFailed>().size() == 1);
    CHECK(ada.all<AdmissionFailed>()[0].request == 77);
    CHECK_FALSE(ada.saw<ChangeFailed>());
  }
}

TEST_CASE("a right that is being given when the app is killed can be taken back after it", "[session][attack]") {
  SavedStage stage;
  auto& [meeting, bob, ada] = stage;
  const MemberId bobs = meeting.parties[bob].session.self();
  const SessionStep giving = *Room(ada.session).give(bobs, Right::publish_audio, meeting.at());
  start_again(meeting, ada, save(ada));
  SECTION("it is given first, and then taken") {
    for (const ToLog& entry : giving.send) meeting.append(entry);
    meeting.take(0, *Room(ada.session).take(bobs, Right::publish_audio, meeting.at()));
    meeting.settle();
    CHECK_FALSE(meeting.parties[bob].session.roster()[1].rights.has(Right::publish_audio));
    CHECK_FALSE(ada.saw<ChangeFailed>());
  }
  SECTION("it came to nothing, and that is said") {
    meeting.take(bob, meeting.parties[bob].session.rotate(meeting.at()));
    meeting.settle();
    CHECK_FALSE(meeting.parties[bob].session.roster()[1].rights.has(Right::publish_audio));
    CHECK(ada.saw<ChangeFailed>());
  }
}

TEST_CASE("a session that was restored from a save before its commit went out ends, and says why, when that commit won", "[session][attack]") {
  Meeting meeting;
  meeting.enter("Bob");
  Party& ada = meeting.parties[0];
  const Bytes saved = save(ada);
  meeting.take(0, ada.session.rotate(meeting.at()));
  start_again(meeting, ada, saved);
  meeting.settle();
  REQUIRE(ada.saw<SessionEnded>());
  CHECK(ada.all<SessionEnded>()[0].error.code == ErrorCode::diverged);
  CHECK_FALSE(ada.session.make_sealer(0).ok());
}

TEST_CASE("a restored session signs its frames where a room wants that", "[session]") {
  SavedStage stage;
  auto& [meeting, bob, ada] = stage;
  start_again(meeting, ada, save(ada));
  meeting.settle();
  auto sealer = ada.session.make_sealer(0);
  REQUIRE(sealer.ok());
  Bytes sealed(300);
  sealed.resize(*sealer->seal(as_bytes("audible"), {}, sealed));
  Bytes out(sealed.size());
  const OpenedFrame opened = meeting.parties[bob].opener.open(std::nullopt, sealed, {}, out);
  CHECK(opened.opened());
}

TEST_CASE("an old, damaged, cut or foreign state is refused", "[session][attack]") {
  Meeting meeting;
  meeting.enter("Bob");
  const Bytes old = *meeting.parties[0].session.save(app_key, 1);
  const Bytes saved = *meeting.parties[0].session.save(app_key, 2);
  const auto code = [&](ByteView state, ByteView key, std::uint64_t counter) {
    const auto restored = Session::restore(state, key, counter, meeting.config, meeting.at());
    return restored.ok() ? ErrorCode::internal : restored.error().code;
  };
  CHECK(code(old, app_key, 2) == ErrorCode::damaged_state);
  CHECK(code(saved, Bytes(32, 1), 2) == ErrorCode::damaged_state);
  CHECK(code(saved, Bytes(31, 0x77), 2) == ErrorCode::invalid_argument);
  for (std::size_t size = 0; size < saved.size(); size += 1 + size / 16) CHECK(code(ByteView(saved).first(size), app_key, 2) == ErrorCode::damaged_state);
  for (std::size_t at = 0; at < saved.size(); at += 7) {
    Bytes damaged = saved;
    damaged[at] ^= 0x20;
    CHECK(code(damaged, app_key, 2) != ErrorCode::internal);
  }
  SessionConfig elsewhere = meeting.config;
  elsewhere.room_id[0] ^= 1;
  CHECK(Session::restore(saved, app_key, 2, elsewhere, meeting.at()).error().code == ErrorCode::wrong_group);
  CHECK(Session::restore(saved, app_key, 2, meeting.config, meeting.at()).ok());
}
