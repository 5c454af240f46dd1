#include "conference/media_engine.h"

#include <algorithm>

#include "base/result.h"
#include "conference/to_relay.h"

namespace conclave::conference {
namespace {

std::uint16_t random_stream_id(crypto::Random& random) {
  std::array<std::uint8_t, 2> bytes{};
  random.fill(bytes);
  return static_cast<std::uint16_t>(bytes[0] << 8 | bytes[1]);
}

bool same_medium(const ReceiveReport& a, const ReceiveReport& b) { return a.member == b.member && a.video == b.video; }

/// Frames are counted with the member's playback, packets with its stream, of which there may be several one after the other.
void add_packets(ReceiveReport& sum, const ReceiveReport& earlier) {
  sum.packets_received += earlier.packets_received;
  sum.packets_lost += earlier.packets_lost;
  sum.packets_recovered += earlier.packets_recovered;
  sum.bytes_received += earlier.bytes_received;
}

}  // namespace

Result<void> MediaEngine::begin(Session& session, Time now, ConferenceOutputs& out) {
  const ConferenceConfig& config = context_->config;
  const std::uint16_t audio_id = random_stream_id(context_->random());
  std::uint16_t video_id = random_stream_id(context_->random());
  if (video_id == audio_id) ++video_id;
  if (config.send_audio) {
    CONCLAVE_ASSIGN(encoder, media::OpusEncoder::create(config.audio));
    opus_ = std::move(encoder);
    audio_.emplace(audio_id, false, transport::fec::max_covered_payload);
  }
  if (config.send_video) {
    CONCLAVE_ASSIGN(encoder, media::SimulcastEncoder::create(config.video));
    pictures_ = std::move(encoder);
    video_.emplace(video_id, true, transport::fec::max_covered_payload);
  }
  publish(out);
  next_report_ = now + report_interval;
  return enter_epoch(session, now, out);
}

Result<void> MediaEngine::enter_epoch(Session& session, Time now, ConferenceOutputs&) {
  take_keys(session);
  for (std::optional<SendingStream>* stream : {&audio_, &video_}) {
    if (!*stream) continue;
    Result<FrameSealer> sealer = session.make_sealer((*stream)->number());
    const bool silenced = !sealer.ok() && sealer.error().code == ErrorCode::not_permitted;
    if (!sealer.ok() && !silenced) return sealer.error();
    (*stream)->rekey(sealer.ok() ? std::optional(std::move(*sealer)) : std::nullopt);
  }
  for (auto& [id, stream] : streams_) {
    while (const auto frame = stream.next_held(reception_, dropped_, now)) arrive(*frame);
    while (const auto frame = stream.next_proven(reception_, dropped_, now)) arrive(*frame);
  }
  return {};
}

void MediaEngine::start_over() {
  for (std::optional<SendingStream>* stream : {&audio_, &video_}) {
    if (*stream) (*stream)->forget();
  }
}

void MediaEngine::take_keys(const Session& session) {
  reception_.opener.update(session.frame_keys());
  for (auto& [id, stream] : streams_) reviewed_ = !stream.take_back() && reviewed_;
}

void MediaEngine::publish(ConferenceOutputs& out) {
  if (!audio_ && !video_) return;
  transport::Publish publish;
  if (audio_) publish.streams.push_back({audio_->id(), 1, 7});
  if (video_) {
    pictures_->want_all();  // until the relay says otherwise
    publish.streams.push_back({video_->id(), static_cast<std::uint8_t>(context_->config.video.temporal_layers), 3, pictures_->layers()});
  }
  conference::send(out, Channel::control, publish);
}

void MediaEngine::reconnected(ConferenceOutputs& out) {
  for (auto& [id, stream] : streams_) stream.renumbered();
  for (std::optional<SendingStream>* stream : {&audio_, &video_}) {
    if (*stream) (*stream)->state_again();
  }
  next_statement_ = std::min(next_statement_, Time{});
  path_ = {};
  uplink_ = Uplink(round_trip_);
  publish(out);
}

void MediaEngine::on_wanted(const transport::LayersWanted& wanted) {
  for (const auto& item : wanted.streams) {
    if (video_ && video_->id() == item.stream_id) pictures_->want(item.spatial_layers);
  }
}

void MediaEngine::member_joined() {
  if (pictures_) pictures_->request_keyframe();
}

void MediaEngine::member_left(MemberId member) {
  for (const ReceiveReport& each : received()) {
    if (each.member == member) remember(each);
  }
  for (Departed& each : departed_) each.gone = each.gone || each.report.member == member;
  playbacks_.erase(member);
  for (auto& [id, stream] : streams_) {
    if (stream.sender() == member) stream.unbind();
  }
}

Result<void> MediaEngine::capture(const AudioFrame& frame, Time now, ConferenceOutputs& out) {
  if (!audio_) return Error{ErrorCode::invalid_state, "this member sends no sound"};
  if (!audio_->may_send()) return {};  // the room lets others speak: nothing is encoded
  if (next_statement_ == never) next_statement_ = now + statement_interval;
  CONCLAVE_ASSIGN(encoded, opus_->encode(frame));
  return audio_->send(encoded, frame.channels, uplink_, now, out);
}

Result<void> MediaEngine::capture(const VideoFrame& frame, Time now, ConferenceOutputs& out) {
  if (!video_) return Error{ErrorCode::invalid_state, "this member sends no picture"};
  if (!video_->may_send() || uplink_.congested()) return {};
  if (next_statement_ == never) next_statement_ = now + statement_interval;
  CONCLAVE_ASSIGN(encoded, pictures_->encode(frame));
  for (const media::SimulcastFrame& each : encoded) CONCLAVE_TRY(video_->send(each.frame, each.spatial_layer, pictures_->codec(), uplink_, now, out));
  return {};
}

void MediaEngine::on_streams(const transport::StreamsAvailable& available, ConferenceOutputs& out) {
  std::map<std::uint16_t, ReceivingStream> streams;
  const std::vector<ReceiveReport> before = received();
  for (const transport::AvailableStream& offer : available.streams) {
    const std::uint16_t id = offer.stream.stream_id;
    if (SendingStream* ours = sending(id)) {  // somebody was there first: ours gets another number
      ours->renumber(random_stream_id(context_->random()));
      publish(out);
    }
    if (streams.size() >= max_streams) continue;
    const auto known = streams_.find(id);
    if (known != streams_.end()) {
      streams.insert(streams_.extract(known));
    } else {
      streams.emplace(id, ReceivingStream(id));
    }
    streams.at(id).announce(offer.stream.priority == 7);
  }
  for (const auto& [id, ended] : streams_) {
    const auto playback = ended.sender() ? playbacks_.find(*ended.sender()) : playbacks_.end();
    if (ended.video() && playback != playbacks_.end()) playback->second.missed(ended.frames_lost());
  }
  streams_ = std::move(streams);
  const std::vector<ReceiveReport> after = received();
  for (const ReceiveReport& each : before) {
    const auto same = [&](const ReceiveReport& other) { return same_medium(other, each); };
    if (std::none_of(after.begin(), after.end(), same)) remember(each);
  }
  subscribe(out);
}

void MediaEngine::subscribe(ConferenceOutputs& out) {
  transport::Subscribe wanted;
  for (const auto& [id, stream] : streams_) {
    if (stream.wanted()) wanted.streams.push_back({id, 7, 3, stream.rank()});
  }
  reviewed_ = true;
  conference::send(out, Channel::control, wanted);
}

/// Whoever publishes what nobody here can open takes from a narrow path what those who speak need.
void MediaEngine::review_streams(Time now, ConferenceOutputs& out) {
  for (auto& [id, stream] : streams_) {
    if (!stream.wanted() || !stream.nobodys(now)) continue;
    stream.set_aside();
    reviewed_ = false;
  }
  rank_sounds(now);
  if (!reviewed_) subscribe(out);
}

/// Which sounds are worth most here, where the relay cannot send all: it hears none of them. Said only where one of them does not come, or did not lately
/// (they take turns while all are silent), and then once a second, whether it has changed or not, at one length: no packet shows when somebody begins to speak.
void MediaEngine::rank_sounds(Time now) {
  if (now < next_ranking_) return;
  next_ranking_ = now + ranking_interval;
  const auto is_sound = [](const auto& entry) { return entry.second.announced_sound(); };
  const auto is_missing = [&](const auto& entry) { return is_sound(entry) && !entry.second.arrives(now); };
  if (std::ranges::any_of(streams_, is_missing)) ranks_until_ = now + ranks_for;
  if (std::ranges::count_if(streams_, is_sound) < few_sounds || now >= ranks_until_) return;
  for (auto& [id, stream] : streams_) {
    if (stream.announced_sound()) stream.set_rank(rank_of(stream, now));
  }
  reviewed_ = false;
}

/// Who speaks, then who spoke, then those of whom nothing comes, who may be speaking, and at last those who are heard to be silent. Never 0, which takes
/// no place on the wire.
std::uint8_t MediaEngine::rank_of(const ReceivingStream& stream, Time now) const {
  const auto playback = stream.sender() ? playbacks_.find(*stream.sender()) : playbacks_.end();
  const auto spoke = playback == playbacks_.end() ? std::nullopt : playback->second.spoke();
  if (spoke && now - *spoke < std::chrono::milliseconds(1500)) return 4;
  if (spoke && now - *spoke < std::chrono::seconds(8)) return 3;
  return stream.arrives(now) ? 1 : 2;
}

void MediaEngine::on_media(const MediaPacket& packet, Time now) {
  path_.note(packet.header, packet.payload.size(), now);
  hop_losses_.note(packet.header);
  const auto stream = streams_.find(packet.header.frame.stream_id);
  if (stream == streams_.end()) {
    ++dropped_.wrong_stream;
    return;
  }
  if (const auto frame = stream->second.push(packet, hop_losses_.total(), reception_, dropped_, now)) arrive(*frame);
  while (const auto frame = stream->second.next_repaired(reception_, dropped_, now)) arrive(*frame);
  while (const auto frame = stream->second.next_proven(reception_, dropped_, now)) arrive(*frame);
}

void MediaEngine::arrive(const ArrivedFrame& frame) { playback_of(frame.sender).push(frame); }

void MediaEngine::on_feedback(ByteView datagram, Time now, ConferenceOutputs& out) {
  const auto items = transport::decode_feedback(datagram);
  if (!items.ok()) {
    ++dropped_.malformed;
    return;
  }
  for (const transport::Feedback& item : *items) {
    if (const auto* nack = std::get_if<transport::Nack>(&item)) {
      if (SendingStream* stream = sending(nack->stream_id)) stream->resend(nack->sequences, uplink_, now, out);
    }
    if (const auto* path = std::get_if<transport::PathReport>(&item)) {
      uplink_.note(*path, now);
      fit_pictures(out);
    }
    if (const auto* request = std::get_if<transport::KeyframeRequest>(&item)) {
      if (video_ && request->stream_id == video_->id()) want_keyframe(request->spatial_layers);
    }
  }
}

/// Who asks for one wants that size, whatever was said of it before.
void MediaEngine::want_keyframe(std::uint8_t layers) {
  pictures_->want_also(layers);
  pictures_->request_keyframe(layers);
}

/// The sizes that our way to the relay carries, and how good they are. The relay hears which there are.
void MediaEngine::fit_pictures(ConferenceOutputs& out) {
  if (!pictures_) return;
  const std::uint8_t before = pictures_->layers();
  uplink_.want(pictures_->full_rate());
  pictures_->fit(uplink_.for_pictures());
  if (pictures_->layers() != before) publish(out);
}

void MediaEngine::expire(Time now, ConferenceOutputs& out) {
  for (auto& [id, stream] : streams_) stream.expire(dropped_, now);
  for (auto& [member, playback] : playbacks_) {
    if (playback.play(now, out)) request_keyframe(member, out);
  }
  ask_again(now, out);
  if (now >= next_report_) send_reports(now, out);
  if (now >= path_.next_report()) report_path(now, out);
  uplink_.expire(now, out);
}

std::vector<Bytes> MediaEngine::take_statements() {
  std::vector<Bytes> statements;
  next_statement_ = never;
  for (std::optional<SendingStream>* stream : {&audio_, &video_}) {
    if (*stream) (*stream)->take_statements(statements);
  }
  return statements;
}

void MediaEngine::report_path(Time now, ConferenceOutputs& out) {
  if (const auto arrivals = path_.report(now)) send({*arrivals}, out);
}

void MediaEngine::ask_again(Time now, ConferenceOutputs& out) {
  const Duration repair = repair_time();
  for (auto& [id, stream] : streams_) {
    const Duration budget = context_->config.playout_delay + (stream.video() ? repair : Duration::zero());
    std::vector<std::uint32_t> missing = stream.due_nacks(now, round_trip_, budget);
    if (!missing.empty()) send({transport::Nack{id, std::move(missing)}}, out);
  }
}

void MediaEngine::send_reports(Time now, ConferenceOutputs& out) {
  next_report_ = now + report_interval;
  review_streams(now, out);
  review_statements(now);
  std::vector<transport::Feedback> items;
  for (auto& [id, stream] : streams_) {
    if (stream.sender()) items.emplace_back(stream.report(now));
    if (items.size() == 16) send(std::exchange(items, {}), out);
  }
  if (!items.empty()) send(std::move(items), out);
}

void MediaEngine::review_statements(Time now) {
  for (FrameDoubt& doubt : reception_.opener.review_statements(now)) doubts_.push_back(std::move(doubt));
}

void MediaEngine::request_keyframe(MemberId member, ConferenceOutputs& out) {
  for (const auto& [id, stream] : streams_) {
    if (stream.sender() == member && stream.video()) send({transport::KeyframeRequest{id}}, out);
  }
}

Playback& MediaEngine::playback_of(MemberId member) {
  return playbacks_.try_emplace(member, member, context_->config.playout_delay, repair_time()).first->second;
}

void MediaEngine::remember(const ReceiveReport& report) {
  for (Departed& each : departed_) {
    if (each.gone || !same_medium(each.report, report)) continue;
    const ReceiveReport earlier = std::exchange(each.report, report);
    return add_packets(each.report, earlier);
  }
  departed_.push_back({report, false});
  if (departed_.size() > max_departed) departed_.erase(departed_.begin());
}

Duration MediaEngine::repair_time() const {
  constexpr Duration allowance = std::chrono::milliseconds(60);  // for noticing the loss twice
  return std::max(media::VideoJitterBuffer::default_repair_time, 2 * round_trip_ + allowance);
}

SendingStream* MediaEngine::sending(std::uint16_t id) {
  if (audio_ && audio_->id() == id) return &*audio_;
  if (video_ && video_->id() == id) return &*video_;
  return nullptr;
}

void MediaEngine::send(std::vector<transport::Feedback> items, ConferenceOutputs& out) {
  Result<Bytes> datagram = transport::encode_feedback(items);
  if (datagram.ok()) out.emplace_back(SendFeedback{std::move(*datagram)});
}

Time MediaEngine::next_deadline() const {
  Time next = std::min({path_.next_report(), uplink_.next_deadline(), streams_.empty() ? never : next_report_, next_statement_});
  for (const auto& [id, stream] : streams_) next = std::min(next, stream.next_deadline());
  for (const auto& [member, playback] : playbacks_) next = std::min(next, playback.next_deadline());
  return next;
}

void MediaEngine::report(ConferenceReport& report) const {
  for (const std::optional<SendingStream>* stream : {&audio_, &video_}) {
    if (*stream) report.sent.push_back((*stream)->report());
  }
  report.dropped = dropped_;
  report.statements = reception_.opener.statements();
  for (const auto& [id, stream] : streams_) report.dropped.incomplete += stream.incomplete();
  report.received = received();
  for (const Departed& each : departed_) {
    const auto back = std::ranges::find_if(report.received, [&](const ReceiveReport& now) { return !each.gone && same_medium(now, each.report); });
    if (back != report.received.end()) add_packets(*back, each.report);
    else report.received.push_back(each.report);
  }
}

std::vector<ReceiveReport> MediaEngine::received() const {
  std::vector<ReceiveReport> all;
  for (const auto& [id, stream] : streams_) {
    if (!stream.sender()) continue;
    ReceiveReport report;
    report.member = *stream.sender();
    report.video = stream.video();
    report.packets_received = stream.losses().received;
    report.packets_lost = stream.losses().lost - stream.losses().recovered;
    report.packets_recovered = stream.losses().recovered;
    report.bytes_received = stream.packets().bytes;
    if (const auto playback = playbacks_.find(report.member); playback != playbacks_.end()) playback->second.report(report);
    if (report.video) report.frames_lost += stream.frames_lost();
    all.push_back(report);
  }
  return all;
}

}  // namespace conclave::conference
