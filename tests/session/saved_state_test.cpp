#include <catch2/catch.hpp>

#include "session/meeting.h"

using namespace conclave;
using namespace conclave::test;
using namespace std::chrono_literals;

namespace {

const Bytes app_key(32, 0x77);

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
  SECTION("it went out, and is handed out once more: the log has it twice") {
    for (ToLog& entry : under_way.send) meeting.append(entry);
    meeting.settle();
    check_going_on(before + 2);
    CHECK_FALSE(ada.saw<MessageRefused>());
    CHECK_FALSE(meeting.parties[1].saw<MessageRefused>());
  }
  SECTION("another one won") {
    meeting.take(1, meeting.parties[1].session.rotate(meeting.at()));
    meeting.settle();
    check_going_on(before + 2);
    CHECK(ada.session.roster().size() == 2);
  }
}

TEST_CASE("a session that was restored from a save before its commit went out ends, and says why, when that commit won", "[session][attack]") {
  Meeting meeting;
  meeting.enter("Bob");
  Party& ada = meeting.parties[0];
  const Bytes saved = *ada.session.save(app_key, 1);
  meeting.take(0, ada.session.rotate(meeting.at()));
  ada.session = *Session::restore(saved, app_key, 1, meeting.seeded(), meeting.at());
  meeting.settle();
  REQUIRE(ada.saw<SessionEnded>());
  CHECK(ada.all<SessionEnded>()[0].error.code == ErrorCode::diverged);
  CHECK_FALSE(ada.session.make_sealer(0).ok());
}

TEST_CASE("a restored session signs its frames where a room wants that", "[session]") {
  SessionConfig config;
  config.mode = RoomMode::stage;
  Meeting meeting(config);
  const std::size_t bob = meeting.enter("Bob");
  Party& ada = meeting.parties[0];
  const Bytes saved = *ada.session.save(app_key, 9);
  ada.session = *Session::restore(saved, app_key, 9, meeting.seeded(), meeting.at());
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
