// The newest picture, as a still.
#include "conclave/devices.h"
#include "media/png_writer.h"
#include "runtime/devices/sentence.h"

namespace conclave {
namespace runtime {
namespace {

class StillKeeper final : public MediaSink {
 public:
  explicit StillKeeper(std::filesystem::path path) : path_(std::move(path)) {}

  void show(MemberId, const VideoFrame& picture, Time) override { newest_ = picture; }
  Result<void> finish() override { return newest_ ? media::write_png(path_.string(), *newest_) : Result<void>(); }

 private:
  std::filesystem::path path_;
  std::optional<VideoFrame> newest_;
};

}  // namespace
}  // namespace runtime

Result<std::shared_ptr<MediaSink>> keep_still(const std::filesystem::path& path) {
  const auto folder = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
  std::error_code failed;
  if (!std::filesystem::is_directory(folder, failed)) {
    return Error{ErrorCode::io_error, "there is no folder " + runtime::in_quotes(folder) + " for the still"};
  }
  return std::shared_ptr<MediaSink>(std::make_shared<runtime::StillKeeper>(path));
}

}  // namespace conclave
