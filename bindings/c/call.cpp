#include "call.h"

#include "carrier.h"
#include "media.h"
#include "report.h"
#include "rooms.h"
#include "session.h"
#include "structs.h"

namespace conclave::c {

Result<void> Call::finish() {
  auto expected = Stage::running;
  if (stage_.compare_exchange_strong(expected, Stage::finishing)) {
    outcome_ = client.finish();
    stage_.store(Stage::finished);
  } else if (expected == Stage::finishing) {
    return wrong_state("another thread is finishing the call");
  }
  return outcome_;
}

namespace {

/// Lends a source to a client, which wants one of its own.
template <class Interface, class Frame>
class Lent final : public Interface {
 public:
  explicit Lent(std::shared_ptr<Interface> source) : source_(std::move(source)) {}
  Result<std::optional<Frame>> next() override { return source_->next(); }
  void stop() override { source_->stop(); }

 private:
  std::shared_ptr<Interface> source_;
};

using LentVideo = Lent<VideoSource, VideoFrame>;
using LentAudio = Lent<AudioSource, AudioFrame>;

constexpr std::uint32_t most_sinks = 64;

Result<void> take_durations(const conclave_call_config& given, ClientConfig& config) {
  CONCLAVE_C_TRY(take_duration(given.playout_delay, config.conference.playout_delay));
  CONCLAVE_C_TRY(take_duration(given.key_rotation, config.conference.key_rotation));
  CONCLAVE_C_TRY(take_duration(given.join_timeout, config.conference.join_timeout));
  return take_duration(given.connect_timeout, config.connect_timeout);
}

/// An identity outlives the call that it serves, and may serve others.
Result<void> take_identity(conclave_handle handle, ConferenceConfig& config) {
  if (handle == 0) return {};
  CONCLAVE_C_ASSIGN(who, use<IdentityObject>(handle));
  config.identity = who->value;
  return {};
}

Result<void> take_video(conclave_handle handle, ClientConfig& config) {
  if (handle == 0) return {};
  CONCLAVE_C_ASSIGN(source, use<Source>(handle));
  if (!source->video_source) return invalid("the video source is one of sound");
  if (!source->claim()) return wrong_state("the source has served a call already");
  config.conference.video = source->video;
  config.video = std::make_unique<LentVideo>(source->video_source);
  return {};
}

Result<void> take_audio(conclave_handle handle, ClientConfig& config) {
  if (handle == 0) return {};
  CONCLAVE_C_ASSIGN(source, use<Source>(handle));
  if (!source->audio_source) return invalid("the audio source is one of pictures");
  if (!source->claim()) return wrong_state("the source has served a call already");
  config.conference.audio = source->audio;
  config.audio = std::make_unique<LentAudio>(source->audio_source);
  return {};
}

Result<void> take_sinks(const conclave_call_config& given, ClientConfig& config) {
  if (given.sink_count > most_sinks) return Error{ErrorCode::limit_exceeded, "too many sinks"};
  if (given.sinks == nullptr && given.sink_count != 0) return invalid("the sinks are NULL");
  for (std::uint32_t i = 0; i < given.sink_count; ++i) {
    CONCLAVE_C_ASSIGN(sink, use<Sink>(given.sinks[i]));
    if (!sink->claim()) return wrong_state("a sink has served a call already");
    config.sinks.push_back(sink->media_sink);
  }
  return {};
}

/// Whom we have met, and whose word counts.
Result<void> take_acquaintances(const conclave_call_config& given, ConferenceConfig& config) {
  if (given.contacts != 0) {
    CONCLAVE_C_ASSIGN(book, use<ContactsObject>(given.contacts));
    config.contacts = book->value;
  }
  CONCLAVE_C_ASSIGN(organisation, bytes_of(given.organisation, given.organisation_size));
  config.organisation.assign(organisation.begin(), organisation.end());
  return take_trusted(given.trusted, given.trusted_count, config.trusted);
}

Result<void> take_path(const conclave_call_config& given, ClientConfig& config) {
  if (given.full_hop > 1) return invalid("full_hop is 0 or 1");
  config.full_hop = given.full_hop == 1;
  if (given.reconnect_window != -1) return take_duration(given.reconnect_window, config.conference.reconnect_window);
  config.conference.reconnect_window = Duration::zero();
  return {};
}

/// By what a host opens its room at a relay that asks.
Result<void> take_permit(const conclave_call_config& given, RoomPermit& permit) {
  permit.token = text_or(given.room_token, "");
  if (permit.token.size() > 128) return invalid("a room's token has at most 128 bytes");
  if (given.room_key_seed != nullptr) std::copy_n(given.room_key_seed, 32, permit.key_seed.emplace().begin());
  return {};
}

Result<ClientConfig> client_config(const conclave_call_config& given, const Debt& owed) {
  ClientConfig config;
  CONCLAVE_C_ASSIGN(carrier, carrier_of(given.carrier, owed));
  config.carrier = std::move(carrier);
  config.conference.display_name = text_or(given.display_name, "somebody");
  if (given.mode > CONCLAVE_ROOM_STAGE) return invalid("there is no such mode of a room");
  if (given.mode != 0) config.conference.mode = static_cast<RoomMode>(given.mode);
  CONCLAVE_C_TRY(take_identity(given.identity, config.conference));
  CONCLAVE_C_TRY(take_durations(given, config));
  CONCLAVE_C_TRY(take_path(given, config));
  CONCLAVE_C_TRY(take_acquaintances(given, config.conference));
  CONCLAVE_C_TRY(take_video(given.video_source, config));
  CONCLAVE_C_TRY(take_audio(given.audio_source, config));
  CONCLAVE_C_TRY(take_sinks(given, config));
  return config;
}

Result<HostConfig> host_config(const conclave_call_config& given) {
  if (given.port > 65535) return invalid("there is no such port");
  HostConfig host;
  host.listen = text_or(given.listen, "::");
  host.port = static_cast<std::uint16_t>(given.port);
  host.advertise = text_or(given.advertise, "");
  host.relay_key_file = text_or(given.relay_key_file, "");
  if (given.relay != nullptr) {
    CONCLAVE_C_ASSIGN(place, RelayPlace::parse(given.relay));
    host.relay = place;
  }
  return host;
}

Result<void> hand_out_call(Result<Client> client, conclave_handle* call, const Debt& owed) {
  if (!client.ok()) return std::move(client).error();
  CONCLAVE_C_TRY(hand_out(std::make_unique<Call>(std::move(client).value()), call));
  owed->store(true);
  return {};
}

Result<void> taken(bool in_queue) { return in_queue ? Result<void>() : Error{ErrorCode::limit_exceeded, "too many commands wait"}; }

/// Runs a command of the client, which says whether there was room for it.
template <class Command>
conclave_result tell(conclave_handle handle, Command command) {
  return with<Call>(handle, [&](Call& call) { return taken(command(call.client)); });
}

}  // namespace
}  // namespace conclave::c

using namespace conclave;
using namespace conclave::c;

conclave_result conclave_call_host(const conclave_call_config* given, conclave_handle* call) {
  return guarded([&]() -> Result<void> {
    if (call == nullptr) return invalid("the place for the handle is NULL");
    CONCLAVE_C_ASSIGN(said, read_struct(given));
    CONCLAVE_C_ASSIGN(host, host_config(said));
    const auto owed = std::make_shared<std::atomic<bool>>(false);
    CONCLAVE_C_ASSIGN(config, client_config(said, owed));
    CONCLAVE_C_TRY(take_permit(said, config.conference.room_permit));
    return hand_out_call(Client::host(std::move(config), std::move(host)), call, owed);
  });
}

conclave_result conclave_call_join(const conclave_call_config* given, const char* text, conclave_handle* call) {
  return guarded([&]() -> Result<void> {
    if (call == nullptr || text == nullptr) return invalid("the link or the place for the handle is NULL");
    CONCLAVE_C_ASSIGN(said, read_struct(given));
    CONCLAVE_C_ASSIGN(link, Link::parse(text));
    const auto owed = std::make_shared<std::atomic<bool>>(false);
    CONCLAVE_C_ASSIGN(config, client_config(said, owed));
    return hand_out_call(Client::join(std::move(config), link), call, owed);
  });
}

conclave_result conclave_call_receive(conclave_handle handle, const uint8_t* datagram, size_t size) {
  return with<Call>(handle, [&](Call& call) -> Result<void> {
    CONCLAVE_C_ASSIGN(bytes, bytes_of(datagram, size));
    return call.client.receive(bytes);
  });
}

conclave_result conclave_call_link(conclave_handle handle, char* text, size_t* size) {
  return with<Call>(handle, [&](Call& call) { return write_text(call.client.link().text(), text, size); });
}

conclave_result conclave_call_next_event(conclave_handle handle, int64_t timeout, conclave_event* event) {
  return with<Call>(handle, [&](Call& call) -> Result<void> {
    CONCLAVE_C_TRY(size_of_struct(event));
    const auto happened = call.client.wait(timeout_of(timeout));
    if (!happened && call.told_end.load()) return wrong_state("the call is over, and its end was told");
    if (happened && std::holds_alternative<ConferenceEnded>(*happened)) call.told_end.store(true);
    return write_struct(event, happened ? event_of(*happened) : conclave_event{});
  });
}

conclave_result conclave_call_admit(conclave_handle call, uint64_t knock) {
  return tell(call, [&](Client& client) { return client.admit(knock); });
}
conclave_result conclave_call_refuse(conclave_handle call, uint64_t knock) {
  return tell(call, [&](Client& client) { return client.refuse(knock); });
}
conclave_result conclave_call_remove(conclave_handle call, uint32_t member) {
  return tell(call, [&](Client& client) { return client.remove(member); });
}

conclave_result conclave_call_command(conclave_handle handle, const conclave_command* command) {
  return with<Call>(handle, [&](Call& call) -> Result<void> {
    CONCLAVE_C_ASSIGN(said, read_struct(command));
    if (said.kind == CONCLAVE_COMMAND_REMOVE) return taken(call.client.remove(said.member));
    CONCLAVE_C_ASSIGN(asked, room_command(said));
    return taken(call.client.command(std::move(asked)));
  });
}

conclave_result conclave_call_room(conclave_handle handle, conclave_room* room) {
  return with<Call>(handle, [&](Call& call) { return write_struct(room, room_of(call.client.report().conference.room)); });
}

conclave_result conclave_call_rotate_keys(conclave_handle call) {
  return tell(call, [](Client& client) { return client.rotate_keys(); });
}
conclave_result conclave_call_leave(conclave_handle call) {
  return with<Call>(call, [](Call& each) -> Result<void> {
    each.client.leave();
    return {};
  });
}

conclave_result conclave_call_finish(conclave_handle handle) {
  return with<Call>(handle, [](Call& call) { return call.finish(); });
}

conclave_result conclave_call_report(conclave_handle handle, conclave_report* report) {
  return with<Call>(handle, [&](Call& call) { return write_struct(report, report_of(call.client.report())); });
}

conclave_result conclave_call_record(conclave_handle handle, uint8_t* record, size_t* size) {
  return with<Call>(handle, [&](Call& call) -> Result<void> {
    const auto written = call.client.report().conference.record;
    if (written.empty()) return wrong_state("a record is there once the call has ended");
    return write_bytes(written, record, size);
  });
}

conclave_result conclave_call_contacts(conclave_handle handle, conclave_handle* contacts) {
  return with<Call>(handle, [&](Call& call) -> Result<void> {
    auto book = call.client.report().conference.contacts;
    if (!book) return wrong_state("contacts are there once a call that was given some has ended");
    return hand_out(std::make_unique<ContactsObject>(std::move(*book)), contacts);
  });
}

conclave_result conclave_call_member(conclave_handle handle, uint32_t index, conclave_member* member) {
  return with<Call>(handle, [&](Call& call) -> Result<void> {
    const auto roster = call.client.report().conference.roster;
    if (index >= roster.size()) return invalid("there is no member of this index");
    return write_struct(member, member_of(roster[index]));
  });
}
