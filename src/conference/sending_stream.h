// One stream of ours: encoded frames to sealed packets, and those again that got lost.
#pragma once

#include <deque>
#include <iterator>
#include <optional>
#include <utility>
#include <vector>

#include "conclave/conference.h"
#include "conference/uplink.h"
#include "media/packetizer.h"

namespace conclave::conference {

class SendingStream {
 public:
  SendingStream(std::uint16_t id, bool video, std::size_t max_payload_size)
      : id_(id), video_(video), max_payload_size_(max_payload_size) {
    report_.video = video;
  }

  [[nodiscard]] std::uint16_t id() const { return id_; }
  /// Goes on under another id; what was sent under the old one is not sent again.
  void renumber(std::uint16_t id) {
    id_ = id;
    cache_ = media::RetransmissionCache();
  }
  /// The number of its sealer: sound has the shorter key id.
  [[nodiscard]] std::uint8_t number() const { return video_ ? 1 : 0; }

  /// New keys: what is sealed from here on belongs to the new epoch. Nothing: the room's policy does not let us send.
  void rekey(std::optional<FrameSealer> sealer) {
    if (sealer_ && sealer) return sealer_->take_up(std::move(*sealer));
    if (sealer_) unstated_.push_back(sealer_->take_statement());
    if (unstated_.size() > max_kept) unstated_.pop_front();
    sealer_ = std::move(sealer);
  }
  /// What is to be stated of the frames since the last call; each may be empty.
  void take_statements(std::vector<Bytes>& out) {
    if (sealer_) unstated_.push_back(sealer_->take_statement());
    for (Bytes& each : std::exchange(unstated_, {})) {
      if (each.empty()) continue;
      out.push_back(each);
      stated_.push_back(std::move(each));
    }
    while (stated_.size() > max_kept) stated_.pop_front();
  }
  /// What was stated of late may have been sealed in an epoch that nobody reads any more: it is stated once more.
  void state_again() { unstated_.insert(unstated_.begin(), std::move_iterator(stated_.begin()), std::move_iterator(stated_.end())), stated_.clear(); }

  /// What was sent so far was sent in another room: nothing of it is stated in the one that we are in now.
  void forget() {
    sealer_.reset();
    unstated_.clear();
    stated_.clear();
  }

  [[nodiscard]] bool may_send() const { return sealer_.has_value(); }

  Result<void> send(const EncodedAudio& frame, int channels, Uplink& uplink, Time now, ConferenceOutputs& out);
  Result<void> send(const EncodedVideo& frame, std::uint8_t spatial_layer, VideoCodec codec, Uplink& uplink, Time now, ConferenceOutputs& out);

  /// Sends again what a NACK asks for, as far as it is kept.
  void resend(const std::vector<std::uint32_t>& sequences, Uplink& uplink, Time now, ConferenceOutputs& out);

  [[nodiscard]] const SendReport& report() const { return report_; }

 private:
  Result<void> send(FrameInfo info, const Bytes& plaintext, Uplink& uplink, Time now, ConferenceOutputs& out);

  std::uint16_t id_;
  bool video_;
  std::size_t max_payload_size_;
  std::optional<FrameSealer> sealer_;
  media::Packetizer packetizer_;
  media::RetransmissionCache cache_;
  std::uint16_t next_frame_number_ = 0;
  static constexpr std::size_t max_kept = 8;  ///< statements: some seconds
  std::deque<Bytes> unstated_;  ///< of the sealers before
  std::deque<Bytes> stated_;    ///< the last
  std::optional<Time> last_picture_;  ///< when it was captured
  SendReport report_;
};

}  // namespace conclave::conference
