// One member's media into a file.
#include <mutex>

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
    const std::scoped_lock lock(mutex_);
    return failure_ ? Result<void>(*failure_) : Result<void>();
  }
  [[nodiscard]] std::optional<Error> failure() const override {
    const std::scoped_lock lock(mutex_);
    return failure_;
  }

 private:
  bool is_ours(MemberId member) {
    if (!member_) member_ = member;
    return !failure() && member_ == member;
  }
  void keep(Result<void> result) {
    const std::scoped_lock lock(mutex_);
    if (!result.ok() && !failure_) failure_ = std::move(result).error();
  }

  media::WebmWriter writer_;
  std::optional<MemberId> member_;
  mutable std::mutex mutex_;  ///< of what is below
  std::optional<Error> failure_;  ///< the first: the rest is not written
};

}  // namespace
}  // namespace runtime

Result<std::shared_ptr<MediaSink>> record_webm(const std::filesystem::path& path) {
  auto writer = media::WebmWriter::create(path.string());
  if (!writer.ok()) return std::move(writer).error();
  return std::shared_ptr<MediaSink>(std::make_shared<runtime::WebmRecorder>(std::move(writer).value()));
}

}  // namespace conclave
