// One member's media into a file.
#include "conclave/devices.h"
#include "media/webm_writer.h"

namespace conclave {
namespace runtime {
namespace {

class WebmRecorder final : public MediaSink {
 public:
  explicit WebmRecorder(media::WebmWriter writer) : writer_(std::move(writer)) {}

  void record(const RecordVideo& video) override {
    if (is_ours(video.member)) keep(writer_.write(video.frame, video.codec));
  }
  void record(const RecordAudio& audio) override {
    if (is_ours(audio.member)) keep(writer_.write(audio.frame, audio.channels));
  }
  Result<void> finish() override {
    keep(writer_.finish());
    return outcome_;
  }

 private:
  bool is_ours(MemberId member) {
    if (!member_) member_ = member;
    return outcome_.ok() && member_ == member;
  }
  void keep(Result<void> result) {
    if (outcome_.ok()) outcome_ = std::move(result);
  }

  media::WebmWriter writer_;
  std::optional<MemberId> member_;
  Result<void> outcome_;  ///< the first failure: the rest is not written
};

}  // namespace
}  // namespace runtime

Result<std::shared_ptr<MediaSink>> record_webm(const std::filesystem::path& path) {
  auto writer = media::WebmWriter::create(path.string());
  if (!writer.ok()) return std::move(writer).error();
  return std::shared_ptr<MediaSink>(std::make_shared<runtime::WebmRecorder>(std::move(writer).value()));
}

}  // namespace conclave
