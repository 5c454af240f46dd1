// All media of one member: what we send, and what we hear and see of the others.
#pragma once

#include <map>

#include "conference/context.h"
#include "conference/playback.h"
#include "conference/sending_stream.h"
#include "transport/path_meter.h"
#include "media/hop_losses.h"
#include "media/simulcast_encoder.h"
#include "transport/messages.h"

namespace conclave::conference {

class MediaEngine {
 public:
  /// `round_trip` to the relay, as the door measured it.
  MediaEngine(const Context& context, Duration round_trip) : context_(&context), round_trip_(round_trip), uplink_(round_trip) {}

  /// Makes encoders, chooses stream ids and publishes. `invalid_argument` for a configuration that an encoder refuses.
  Result<void> begin(Session& session, Time now, ConferenceOutputs& out);

  /// New keys for our streams; frames of others that waited for the epoch are played.
  Result<void> enter_epoch(Session& session, Time now, ConferenceOutputs& out);
  /// The room that we were in was none: the keys of another one follow.
  void start_over();
  /// Who may be heard has changed, within the epoch.
  void take_keys(const Session& session);
  void member_joined();
  void member_left(MemberId member);

  Result<void> capture(const AudioFrame& frame, Time now, ConferenceOutputs& out);
  Result<void> capture(const VideoFrame& frame, Time now, ConferenceOutputs& out);

  void on_streams(const transport::StreamsAvailable& streams, ConferenceOutputs& out);
  /// Tells the relay which streams we send.
  void publish(ConferenceOutputs& out);
  /// Over another connection, to a relay that may have forgotten how it numbered what we received.
  void reconnected(ConferenceOutputs& out);
  /// What of our picture anybody takes.
  void on_wanted(const transport::LayersWanted& wanted);
  void on_media(const MediaPacket& packet, Time now);
  void on_feedback(ByteView datagram, Time now, ConferenceOutputs& out);

  // ---- signed frames ----
  /// What is to be stated of ours now; empty: nothing.
  std::vector<Bytes> due_statements(Time now) { return now < next_statement_ ? std::vector<Bytes>() : take_statements(); }
  /// Nothing that is said now would be read: later.
  void postpone_statements(Time now) {
    if (next_statement_ != never) next_statement_ = std::max(next_statement_, now + statement_interval);
  }
  /// The same before its time: nothing more will be sent.
  std::vector<Bytes> take_statements();
  /// What a member stated of its own.
  void hear_statement(const FramesStated& stated) { reception_.opener.hear_statement(stated); }
  /// Whose were not as stated.
  std::vector<FrameDoubt> take_doubts() { return std::exchange(doubts_, {}); }
  /// Looks for them: often, and before somebody goes or keys change.
  void review_statements(Time now);

  void expire(Time now, ConferenceOutputs& out);
  [[nodiscard]] Time next_deadline() const;
  void report(ConferenceReport& report) const;
  [[nodiscard]] DropReport& dropped() { return dropped_; }

 private:
  static constexpr std::size_t max_streams = 256;
  static constexpr std::size_t max_departed = 64;
  static constexpr Duration report_interval = std::chrono::milliseconds(250);
  static constexpr Duration ranking_interval = std::chrono::seconds(1);
  static constexpr Duration ranks_for = std::chrono::seconds(10);  ///< after a sound did not come
  static constexpr std::ptrdiff_t few_sounds = 3;  ///< less fit nearly any path
  static constexpr Duration statement_interval = std::chrono::seconds(1);

  void arrive(const ArrivedFrame& frame);
  void subscribe(ConferenceOutputs& out);
  void review_streams(Time now, ConferenceOutputs& out);
  void rank_sounds(Time now);
  [[nodiscard]] std::uint8_t rank_of(const ReceivingStream& stream, Time now) const;
  void ask_again(Time now, ConferenceOutputs& out);
  void send_reports(Time now, ConferenceOutputs& out);
  void report_path(Time now, ConferenceOutputs& out);
  void want_keyframe(std::uint8_t layers);
  void fit_pictures(ConferenceOutputs& out);
  void request_keyframe(MemberId member, ConferenceOutputs& out);
  Playback& playback_of(MemberId member);
  /// How long a picture may wait for two rounds of retransmission.
  [[nodiscard]] Duration repair_time() const;
  [[nodiscard]] std::vector<ReceiveReport> received() const;
  void remember(const ReceiveReport& report);
  [[nodiscard]] SendingStream* sending(std::uint16_t id);
  static void send(std::vector<transport::Feedback> items, ConferenceOutputs& out);

  const Context* context_;
  Duration round_trip_;
  std::optional<media::OpusEncoder> opus_;
  std::optional<media::SimulcastEncoder> pictures_;
  std::optional<SendingStream> audio_;
  std::optional<SendingStream> video_;
  Reception reception_;
  std::map<std::uint16_t, ReceivingStream> streams_;
  std::map<MemberId, Playback> playbacks_;
  struct Departed {
    ReceiveReport report;
    bool gone = false;  ///< the member has left; else only its stream has ended, and may come back
  };
  std::vector<Departed> departed_;  ///< for the closing report
  bool reviewed_ = true;  ///< false: streams that were set aside are wanted again, and the relay has not heard of it
  Time next_report_{};
  Time next_ranking_{};
  Time ranks_until_{};
  transport::PathMeter path_;
  media::HopLosses hop_losses_;
  Uplink uplink_;
  Time next_statement_ = never;  ///< set by the first frame that is sent
  std::vector<FrameDoubt> doubts_;
  DropReport dropped_;
};

}  // namespace conclave::conference
