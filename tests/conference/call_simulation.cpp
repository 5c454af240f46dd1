#include "conference/call_simulation.h"

#include <algorithm>

#include <catch2/catch.hpp>

#include "base/bytes.h"
#include "crypto/hash.h"
#include "media/synthetic_picture.h"
#include "relay/pump.h"

namespace conclave::test {

CallSimulation::CallSimulation(SimulationConfig config)
    : config_(config), network_(config.seed), relay_random_(config.seed + 1), relay_(std::make_unique<relay::Relay>(config.limits, log_, relay_random_, store_)) {
  Link relay;
  relay.host = "relay.invalid";
  relay.port = 4433;
  add("Ada", Conference::host(member_config("Ada"), relay, {1'700'000'000}, now_));
}

ConferenceConfig CallSimulation::member_config(const std::string& name) {
  ConferenceConfig config;
  config.display_name = name;
  config.video.width = config_.width;
  config.video.height = config_.height;
  config.video.frames_per_second = config_.frames_per_second;
  config.video.bitrate = config_.bitrate;
  config.reconnect_window = config_.reconnect_window;
  config.seed = config_.seed * 1000 + parties_.size();
  config.send_audio = config.send_video = parties_.empty() || config_.guests_send;
  if (config_.prepare) config_.prepare(name, config);
  return config;
}

Party& CallSimulation::add_guest(const std::string& name) { return add_guest(name, host().conference->link()); }

Party& CallSimulation::add_guest(const std::string& name, const Link& link) {
  return add(name, Conference::join(member_config(name), link, {1'700'000'000}, now_));
}

Party& CallSimulation::add(const std::string& name, Result<Conference> conference) {
  REQUIRE(conference.ok());
  auto party = std::make_unique<Party>();
  party->name = name;
  party->transport = network_.connect(config_.path, config_.path, now_);
  party->conference = std::make_unique<Conference>(std::move(*conference));
  party->next_picture = now_;
  party->next_sound = now_;
  parties_.push_back(std::move(party));
  return *parties_.back();
}

void CallSimulation::restart_relay() {
  relay_ = std::make_unique<relay::Relay>(config_.limits, log_, relay_random_, store_);
  relay_->restore(store_.load(), now_);
  for (const auto& party : parties_) party->transport->reset(now_);
}

void CallSimulation::run_for(Duration duration) {
  const Time end = now_ + duration;
  while (now_ < end) step(end);
}

Time CallSimulation::next_time() const {
  Time next = std::min(relay_->next_deadline(), const_cast<CallSimulation*>(this)->network_.server().next_deadline());
  for (const auto& party : parties_) {
    next = std::min({next, party->transport->next_deadline(), party->conference->next_deadline()});
    if (party->in_room && !party->ended) next = std::min({next, party->next_picture, party->next_sound});
  }
  return next;
}

void CallSimulation::step(Time end) {
  now_ = std::max(now_ + Duration(1), std::min(next_time(), end));
  relay::pump(*relay_, network_.server(), now_);
  for (const auto& party : parties_) {
    for (TransportEvent& event : party->transport->poll(now_)) {
      if (!tamper || tamper(*party, event)) tell(*party, std::move(event));
    }
    if (party->in_room && !party->ended) capture(*party);
    if (party->conference->next_deadline() <= now_) tell(*party, Tick{});
  }
}

namespace {

void add_noise(VideoFrame& picture, int most, std::uint32_t seed) {
  for (std::uint8_t& sample : picture.y) {
    seed = seed * 1'664'525 + 1'013'904'223;
    const int noise = static_cast<int>(seed >> 16) % (2 * most + 1) - most;
    sample = static_cast<std::uint8_t>(std::clamp(sample + noise, 0, 255));
  }
}

}  // namespace

void CallSimulation::capture(Party& party) {
  if (now_ >= party.next_sound) {
    AudioFrame sound = party.sound.next(party.next_sound);
    party.next_sound += audio_frame_duration;
    if (party.silent) std::ranges::fill(sound.samples, std::int16_t{0});
    if (!party.muted) tell(party, std::move(sound));
  }
  if (now_ >= party.next_picture) {
    VideoFrame picture = media::synthetic_picture(config_.width, config_.height, party.pictures_sent++, party.next_picture);
    if (config_.noise > 0) add_noise(picture, config_.noise, party.pictures_sent);
    party.next_picture += Duration(1'000'000 / config_.frames_per_second);
    tell(party, std::move(picture));
  }
}

void CallSimulation::tell(Party& party, ConferenceInput input) { take(party, party.conference->handle(std::move(input), now_)); }

namespace {

/// What a member is told about others and about what it asked for.
void note(Party& party, const ConferenceOutput& output) {
  if (const auto* contact = std::get_if<ContactSeen>(&output)) party.contacts.push_back(*contact);
  if (const auto* invitation = std::get_if<InvitationMade>(&output)) party.invitations.push_back(*invitation);
  if (const auto* lost = std::get_if<LeaderLost>(&output)) party.leaders_lost.push_back(*lost);
  if (const auto* voice = std::get_if<HeirSpoke>(&output)) party.voices.push_back(*voice);
  if (const auto* kept = std::get_if<SeatKept>(&output)) party.seats_kept.push_back(*kept);
  if (const auto* refused = std::get_if<CommandRefused>(&output)) party.refusals.push_back(*refused);
}

}  // namespace

void CallSimulation::take(Party& party, ConferenceOutputs outputs) {
  for (ConferenceOutput& output : outputs) {
    note(party, output);
    if (const auto* doubted = std::get_if<SpeakerDoubted>(&output)) party.doubted.emplace_back(now_, *doubted);
    if (auto* message = std::get_if<SendMessage>(&output)) {
      if (watch) watch(message->message);
      if (keeps_back && !keeps_back(party, message->message)) continue;
      (void)party.transport->send_message(message->channel, message->message, now_);
    } else if (auto* media = std::get_if<SendMedia>(&output)) {
      if (watch) watch(media->packet.payload.bytes());
      (void)party.transport->send_media(media->packet, now_);
    } else if (auto* feedback = std::get_if<SendFeedback>(&output)) {
      if (watch) watch(feedback->feedback);
      (void)party.transport->send_feedback(feedback->feedback, now_);
    } else if (std::holds_alternative<CloseTransport>(output)) {
      party.transport->close(now_);
    } else if (std::holds_alternative<Redial>(output)) {
      ++party.dials;
      party.transport = network_.connect(config_.path, config_.path, now_);
      if (party.unreachable) party.transport->cut(now_);
    } else if (std::holds_alternative<Reconnecting>(output)) {
      ++party.times_lost;
    } else if (auto* back = std::get_if<Reconnected>(&output)) {
      party.gaps.push_back(back->gap);
    } else if (auto* chat = std::get_if<ChatReceived>(&output)) {
      party.chat.push_back(chat->text);
    } else if (auto* knock = std::get_if<KnockReceived>(&output)) {
      ++party.knocks_seen;
      party.knocks.push_back(*knock);
      if (party.admits.value_or(config_.admit)) {
        tell(party, AdmitKnock{knock->knock_id});
      } else {
        tell(party, RefuseKnocker{knock->knock_id});
      }
    } else if (std::holds_alternative<Joined>(output)) {
      party.in_room = true;
      party.next_picture = party.next_sound = now_;
    } else if (auto* joined = std::get_if<MemberJoined>(&output)) {
      party.joined.push_back(joined->display_name);
    } else if (auto* left = std::get_if<MemberLeft>(&output)) {
      party.left.push_back(left->display_name);
    } else if (auto* epoch = std::get_if<EpochChanged>(&output)) {
      party.epochs.emplace_back(epoch->epoch, epoch->authenticator);
    } else if (auto* job = std::get_if<ComputeSafetyCode>(&output)) {
      tell(party, party.out_of_memory ? SafetyCodeComputed{job->identity_keys, {}} : compute_safety_code(*job).value());
    } else if (auto* code = std::get_if<SafetyCodeChanged>(&output)) {
      party.safety_digits = code->digits;
    } else if (auto* picture = std::get_if<ShowVideo>(&output)) {
      take(party, *picture);
    } else if (auto* sound = std::get_if<PlayAudio>(&output)) {
      take(party, *sound);
    } else if (auto* ended = std::get_if<ConferenceEnded>(&output)) {
      party.ended = std::move(*ended);
    }
  }
}

void CallSimulation::take(Party& party, const ShowVideo& picture) {
  if (picture.frame.width < config_.width) {
    ++party.small_pictures;
    return;
  }
  const std::optional<media::BurntIn> content = media::read_burnt_in(picture.frame);
  const bool sent = content && std::any_of(parties_.begin(), parties_.end(), [&](const auto& other) {
                      return other.get() != &party && content->frame_number < other->pictures_sent;
                    });
  if (!sent || content->time != picture.frame.capture_time) {
    ++party.unreadable_pictures;
    return;
  }
  party.pictures_seen.push_back(content->frame_number);
  party.picture_delays.push_back(now_ - content->time);
}

void CallSimulation::take(Party& party, const PlayAudio& sound) {
  ++(sound.concealed ? party.sounds_concealed : party.sounds_heard);
  for (const std::int16_t sample : sound.frame.samples) party.loudness += static_cast<double>(sample) * sample;
}

std::string CallSimulation::fingerprint() const {
  std::string text;
  for (const auto& party : parties_) {
    const ConferenceReport report = party->conference->report();
    text += party->name + " " + to_hex(report.epoch_authenticator) + " " + party->safety_digits;
    for (const std::uint32_t number : party->pictures_seen) text += " " + std::to_string(number);
    for (const Duration delay : party->picture_delays) text += " " + std::to_string(delay.count());
    for (const ReceiveReport& received : report.received) {
      text += " " + std::to_string(received.packets_received) + "/" + std::to_string(received.packets_lost) + "/" +
              std::to_string(received.bytes_received) + "/" + std::to_string(received.frames_decoded);
    }
    text += " " + std::to_string(party->sounds_heard) + " " + std::to_string(party->sounds_concealed) + " " +
            std::to_string(party->loudness) + "\n";
  }
  return to_hex(crypto::hash(crypto::HashAlgorithm::sha256, as_bytes(text)).view());
}

}  // namespace conclave::test
