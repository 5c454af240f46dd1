// Structs of other sizes, buffers of other lengths, arguments out of range.
#include <catch2/catch.hpp>

#include <array>
#include <cstring>

#include "support.h"

using namespace conclave_abi;

// What programs were compiled with: these numbers never change within a major version, except that structs grow at their end.
static_assert(sizeof(conclave_error) == 272 && sizeof(conclave_source_config) == 56 && sizeof(conclave_picture) == 56);
static_assert(sizeof(conclave_sink_config) == 24 && sizeof(conclave_media) == 56 && sizeof(conclave_call_config) == 200);
static_assert(offsetof(conclave_call_config, relay) == 104 && offsetof(conclave_call_config, mode) == 136 && sizeof(conclave_carrier) == 32);
static_assert(offsetof(conclave_event, text) == 880 && offsetof(conclave_report, events_lost) == 464 && offsetof(conclave_member, rights) == 368);
static_assert(sizeof(conclave_event) == 6384 && sizeof(conclave_report) == 520 && sizeof(conclave_member) == 1168);
static_assert(offsetof(conclave_call_config, reconnect_window) == 152 && offsetof(conclave_event, stream) == 4984);
static_assert(offsetof(conclave_report, frames_confirmed) == 472 && offsetof(conclave_member, verified_by) == 640);
static_assert(sizeof(conclave_recognition) == 280 && sizeof(conclave_frame_doubt) == 880 && sizeof(conclave_statements) == 56);
static_assert(sizeof(conclave_transcript) == 88 && sizeof(conclave_bytes) == 16);
static_assert(offsetof(conclave_event, name) == 104 && offsetof(conclave_report, relay_address) == 400);

namespace {

/// A struct with room behind it, as a newer header would have it.
template <class T>
struct Grown {
  T value = sized<T>();
  std::array<std::uint8_t, 64> tail{};
  T* resized(std::size_t size) {
    value.struct_size = static_cast<std::uint32_t>(size);
    return &value;
  }
};

/// What `use` makes of every wrong size, of the right one, and of larger ones with and without something in them.
template <class T, class Use>
void check_sizes(Grown<T> grown, bool input, Use use) {
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{4}, sizeof(T) - 1, std::size_t{20'000}, std::size_t{0xFFFF'FFFF}}) {
    INFO("struct_size " << size);
    CHECK(use(grown.resized(size)) == CONCLAVE_INVALID_ARGUMENT);
  }
  CHECK(use(grown.resized(sizeof(T))) == CONCLAVE_OK);
  CHECK(use(grown.resized(sizeof(T) + 64)) == CONCLAVE_OK);
  grown.tail.fill(7);
  CHECK(use(grown.resized(sizeof(T) + 64)) == (input ? CONCLAVE_UNSUPPORTED : CONCLAVE_OK));
  if (!input) CHECK(grown.tail[0] == 0);
  CHECK(use(static_cast<T*>(nullptr)) == CONCLAVE_INVALID_ARGUMENT);
}

conclave_result open_and_close(conclave_result result, const conclave_handle& handle) {
  if (result == CONCLAVE_OK) CHECK(conclave_close(handle) == CONCLAVE_OK);
  return result;
}

}  // namespace

TEST_CASE("configurations of any struct_size are read as far as both sides know them", "[abi]") {
  conclave_handle handle = 0;
  Grown<conclave_source_config> source;
  source.value.kind = CONCLAVE_SOURCE_PUSHED;
  check_sizes(source, true, [&](auto* config) { return open_and_close(conclave_source_open(config, &handle, nullptr), handle); });
  Grown<conclave_sink_config> sink;
  sink.value.kind = CONCLAVE_SINK_FETCHED;
  check_sizes(sink, true, [&](auto* config) { return open_and_close(conclave_sink_open(config, &handle), handle); });
  Grown<conclave_call_config> call;
  call.value.listen = "127.0.0.1";
  check_sizes(call, true, [&](auto* config) { return open_and_close(conclave_call_host(config, &handle), handle); });
}

TEST_CASE("what comes out is cut to the struct_size of the caller, and nothing is lost when it is refused", "[abi]") {
  const auto call = open_call();
  const Closer closer(call);
  check_sizes(Grown<conclave_report>(), false, [&](auto* report) { return conclave_call_report(call, report); });
  check_sizes(Grown<conclave_event>(), false, [&](auto* event) { return conclave_call_next_event(call, 0, event); });
  check_sizes(Grown<conclave_error>(), false, [&](auto* error) { return conclave_last_error(error); });
  const auto sink = open_sink();
  const Closer sink_closer(sink);
  std::size_t size = 0;
  check_sizes(Grown<conclave_media>(), false, [&](auto* media) { return conclave_sink_next(sink, 0, media, nullptr, &size); });
}

TEST_CASE("the structs of rooms and sessions are read and filled as far as both sides know them", "[abi]") {
  const Closer call(open_call()), session(open_session());
  Grown<conclave_command> command;
  command.value.kind = CONCLAVE_COMMAND_HAND;
  check_sizes(command, true, [&](auto* asked) { return conclave_call_command(call.handle(), asked); });
  check_sizes(command, true, [&](auto* asked) { return conclave_session_command(session.handle(), asked, nullptr); });
  check_sizes(Grown<conclave_room>(), false, [&](auto* room) { return conclave_call_room(call.handle(), room); });
  check_sizes(Grown<conclave_room>(), false, [&](auto* room) { return conclave_session_room(session.handle(), room); });
  check_sizes(Grown<conclave_member>(), false, [&](auto* member) { return conclave_session_member(session.handle(), 0, member); });
  check_sizes(Grown<conclave_session_status>(), false, [&](auto* status) { return conclave_session_get_status(session.handle(), status); });
  conclave_handle handle = 0, identity = 0;
  REQUIRE(conclave_identity_generate(&identity) == CONCLAVE_OK);
  const Closer closer(identity);
  check_sizes(Grown<conclave_session_config>(), true, [&](auto* config) {
    return open_and_close(conclave_session_found(config, identity, "Alice", nullptr, &handle), handle);
  });
  REQUIRE(conclave_opener_create(&handle) == CONCLAVE_OK);
  const Closer opener(handle);
  std::size_t size = 0, metadata_size = 0;
  check_sizes(Grown<conclave_opened>(), false, [&](auto* opened) { return conclave_opener_next(handle, opened, nullptr, &size, nullptr, &metadata_size); });
}

TEST_CASE("programs of earlier versions get what their structs have room for, and not a byte more", "[abi]") {
  const Closer call(open_call()), session(open_session());
  Grown<conclave_member> member;
  std::memset(&member.value.rights, 0x5A, sizeof(conclave_member) - offsetof(conclave_member, rights));
  REQUIRE(conclave_session_member(session.handle(), 0, member.resized(368)) == CONCLAVE_OK);
  CHECK((member.value.self == 1 && member.value.rights == 0x5A5A'5A5A && member.value.invited_as[263] == 0x5A));
  CHECK(conclave_session_member(session.handle(), 0, member.resized(372)) == CONCLAVE_INVALID_ARGUMENT);  // cuts a version in two
  Grown<conclave_report> report;
  report.value.events_lost = 7;
  REQUIRE(conclave_call_report(call.handle(), report.resized(464)) == CONCLAVE_OK);
  CHECK(report.value.events_lost == 7);
  report.value.frames_confirmed = 7;
  REQUIRE(conclave_call_report(call.handle(), report.resized(472)) == CONCLAVE_OK);
  CHECK((report.value.events_lost == 0 && report.value.frames_confirmed == 7));
  member.value.verified_by[0] = 'x';
  REQUIRE(conclave_session_member(session.handle(), 0, member.resized(640)) == CONCLAVE_OK);
  CHECK((member.value.invited_as[0] == 0 && member.value.verified_by[0] == 'x'));
  Grown<conclave_event> event;
  event.value.text[0] = 'x';
  REQUIRE(conclave_call_next_event(call.handle(), 0, event.resized(880)) == CONCLAVE_OK);
  CHECK(event.value.text[0] == 'x');
  event.value.known_as[0] = 'x';
  REQUIRE(conclave_call_next_event(call.handle(), 0, event.resized(4984)) == CONCLAVE_OK);
  CHECK((event.value.text[0] == 0 && event.value.known_as[0] == 'x'));
}

TEST_CASE("a buffer that is too small is told what is needed, and takes nothing away", "[abi]") {
  const auto call = open_call();
  const Closer closer(call);
  std::size_t size = 0;
  REQUIRE(conclave_call_link(call, nullptr, &size) == CONCLAVE_BUFFER_TOO_SMALL);
  REQUIRE(size > 40);
  std::vector<char> text(size);
  size -= 1;
  CHECK(conclave_call_link(call, text.data(), &size) == CONCLAVE_BUFFER_TOO_SMALL);
  CHECK(text[0] == 0);
  CHECK(conclave_call_link(call, text.data(), &size) == CONCLAVE_OK);
  CHECK(std::strlen(text.data()) + 1 == size);
  CHECK(std::string(text.data()).starts_with("conclave://127.0.0.1:"));
  CHECK(conclave_call_link(call, nullptr, &size) == CONCLAVE_INVALID_ARGUMENT);
  CHECK(conclave_call_link(call, text.data(), nullptr) == CONCLAVE_INVALID_ARGUMENT);
}

TEST_CASE("arguments out of range are refused with a sentence", "[abi]") {
  auto config = sized<conclave_source_config>();
  conclave_handle handle = 0;
  const auto refused = [&] { return conclave_source_open(&config, &handle, &handle) == CONCLAVE_INVALID_ARGUMENT && !last_detail().empty(); };
  CHECK(refused());  // kind 0
  config.kind = 99;
  CHECK(refused());
  config.kind = CONCLAVE_SOURCE_PUSHED;
  for (auto* field : {&config.width, &config.height, &config.codec, &config.frames_per_second, &config.channels, &config.video_bitrate,
                      &config.audio_bitrate, &config.threads}) {
    *field = 0xFFFF'FFFF;
    CHECK(refused());
    *field = 0;
  }
  CHECK(conclave_source_open(&config, nullptr, nullptr) == CONCLAVE_INVALID_ARGUMENT);
  auto call = sized<conclave_call_config>();
  for (auto* field : {&call.playout_delay, &call.key_rotation, &call.join_timeout, &call.connect_timeout}) {
    *field = -1;
    CHECK(conclave_call_host(&call, &handle) == CONCLAVE_INVALID_ARGUMENT);
    *field = 0;
  }
  call.port = 65'536;
  CHECK(conclave_call_host(&call, &handle) == CONCLAVE_INVALID_ARGUMENT);
  call.port = 0;
  CHECK(conclave_call_join(&call, "conclave://nobody", &handle) == CONCLAVE_MALFORMED);
  CHECK(conclave_call_join(&call, nullptr, &handle) == CONCLAVE_INVALID_ARGUMENT);
  call.sink_count = 3;
  CHECK(conclave_call_host(&call, &handle) == CONCLAVE_INVALID_ARGUMENT);
}

TEST_CASE("pictures and sound that do not fit their source are refused", "[abi]") {
  const auto pictures = open_source(), sounds = open_sound();
  const Closer first(pictures), second(sounds);
  std::vector<std::uint8_t> plane(160 * 90);
  auto picture = sized<conclave_picture>();
  picture.width = picture.y_stride = picture.u_stride = picture.v_stride = 160;
  picture.height = 90;
  picture.y = picture.u = picture.v = plane.data();
  CHECK(conclave_source_push_picture(pictures, &picture) == CONCLAVE_OK);
  CHECK(conclave_source_push_picture(sounds, &picture) == CONCLAVE_INVALID_ARGUMENT);
  auto wrong = picture;
  wrong.width = 162;
  CHECK(conclave_source_push_picture(pictures, &wrong) == CONCLAVE_INVALID_ARGUMENT);
  wrong = picture;
  wrong.u = nullptr;
  CHECK(conclave_source_push_picture(pictures, &wrong) == CONCLAVE_INVALID_ARGUMENT);
  wrong = picture;
  wrong.v_stride = 79;
  CHECK(conclave_source_push_picture(pictures, &wrong) == CONCLAVE_INVALID_ARGUMENT);
  CHECK(conclave_source_push_picture(pictures, &picture) == CONCLAVE_OK);
  CHECK(conclave_source_push_picture(pictures, &picture) == CONCLAVE_OK);
  CHECK(conclave_source_push_picture(pictures, &picture) == CONCLAVE_LIMIT_EXCEEDED);
  const std::vector<std::int16_t> second_of_sound(48'000);
  CHECK(conclave_source_push_sound(pictures, second_of_sound.data(), 960, 0) == CONCLAVE_INVALID_ARGUMENT);
  CHECK(conclave_source_push_sound(sounds, nullptr, 960, 0) == CONCLAVE_INVALID_ARGUMENT);
  CHECK(conclave_source_push_sound(sounds, second_of_sound.data(), second_of_sound.size(), 0) == CONCLAVE_OK);
  CHECK(conclave_source_push_sound(sounds, second_of_sound.data(), 960, 0) == CONCLAVE_LIMIT_EXCEEDED);
}

TEST_CASE("codes have names, and versions are told", "[abi]") {
  CHECK(conclave_abi_version() == CONCLAVE_ABI_VERSION);
  CHECK(std::string(conclave_version()).find('.') != std::string::npos);
  CHECK(std::string(conclave_result_name(CONCLAVE_OK)) == "ok");
  CHECK(std::string(conclave_result_name(CONCLAVE_DAMAGED_STATE)) == "damaged_state");
  for (const int code : {-1, 1, 99, 105, 500, 70'000}) CHECK(conclave_result_name(code) != nullptr);
  std::size_t count = 0;
  CHECK(conclave_speak("It is ten to three.", nullptr, &count) == CONCLAVE_BUFFER_TOO_SMALL);
  CHECK(count > 24'000);
  CHECK(conclave_speak(std::string(2000, 'a').c_str(), nullptr, &count) == CONCLAVE_LIMIT_EXCEEDED);
}
