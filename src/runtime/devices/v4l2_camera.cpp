// Cameras by Video4Linux 2: memory-mapped buffers, raw pictures.
#include <fcntl.h>
#include <linux/videodev2.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <vector>

#include "base/result.h"
#include "conclave/devices.h"
#include "runtime/devices/descriptor.h"
#include "runtime/devices/pixel_formats.h"
#include "runtime/steady_time.h"
#include "runtime/stop_signal.h"

namespace conclave {
namespace runtime {
namespace {

constexpr unsigned buffers_wanted = 4;
constexpr Duration silence_tolerated = std::chrono::seconds(5);
constexpr int devices_looked_at = 64;

/// ioctl(2), again when a signal came in between; zero or -1 with errno.
int control(int camera, unsigned long request, void* argument) {
  int result = -1;
  do {
    result = ::ioctl(camera, request, argument);
  } while (result < 0 && errno == EINTR);
  return result;
}

/// One driver buffer, mapped.
class Mapping {
 public:
  Mapping(int camera, const v4l2_buffer& buffer)
      : size_(buffer.length), start_(::mmap(nullptr, size_, PROT_READ, MAP_SHARED, camera, buffer.m.offset)) {}
  Mapping(Mapping&& other) noexcept : size_(other.size_), start_(std::exchange(other.start_, MAP_FAILED)) {}
  Mapping& operator=(Mapping&&) = delete;
  ~Mapping() {
    if (mapped()) ::munmap(start_, size_);
  }
  [[nodiscard]] bool mapped() const { return start_ != MAP_FAILED; }
  [[nodiscard]] ByteView first(std::size_t size) const {
    return {static_cast<const std::uint8_t*>(start_), std::min(size, size_)};
  }

 private:
  std::size_t size_;
  void* start_;
};

struct PixelFormat {
  std::uint32_t name;
  std::optional<VideoFrame> (*convert)(ByteView, const CameraPicture&);
};

constexpr std::array<PixelFormat, 3> formats{
    {{V4L2_PIX_FMT_YUV420, from_i420}, {V4L2_PIX_FMT_NV12, from_nv12}, {V4L2_PIX_FMT_YUYV, from_yuyv}}};

Error missing(std::string detail) { return {ErrorCode::device_missing, std::move(detail)}; }

Result<Descriptor> open_device(const std::string& path) {
  Descriptor camera(::open(path.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC));
  if (!camera) return missing(path + ": " + std::strerror(errno));
  v4l2_capability capability{};
  if (control(camera.get(), VIDIOC_QUERYCAP, &capability) != 0) return missing(path + ": not a Video4Linux device");
  const auto can =
      (capability.capabilities & V4L2_CAP_DEVICE_CAPS) != 0 ? capability.device_caps : capability.capabilities;
  if ((can & V4L2_CAP_VIDEO_CAPTURE) == 0 || (can & V4L2_CAP_STREAMING) == 0)
    return missing(path + ": does not capture pictures");
  return camera;
}

class Camera final : public VideoSource {
 public:
  Camera(Descriptor device, const VideoConfig& config) : device_(std::move(device)), config_(config) {}
  ~Camera() override {
    int kind = V4L2_BUF_TYPE_VIDEO_CAPTURE;
    if (streaming_) control(device_.get(), VIDIOC_STREAMOFF, &kind);
  }

  /// Agrees with the driver on a format and maps its buffers; captures nothing yet.
  Result<void> prepare();
  Result<std::optional<VideoFrame>> next() override;
  void stop() override { stop_.raise(); }

 private:
  bool agree_on(const PixelFormat& format);
  void ask_for_rate();
  Result<void> map_buffers();
  Result<void> start();
  /// The picture of the next filled buffer; nothing when it was damaged or comes too soon for the frame rate.
  Result<std::optional<VideoFrame>> take();
  bool too_soon(Time captured);

  Descriptor device_;
  VideoConfig config_;
  PixelFormat format_{};
  CameraPicture shape_;
  std::vector<Mapping> buffers_;
  StopSignal stop_;
  Time next_wanted_{};
  bool streaming_ = false;
};

Result<void> Camera::prepare() {
  if (std::none_of(formats.begin(), formats.end(), [this](const PixelFormat& format) { return agree_on(format); })) {
    return missing("none of its picture formats is I420, NV12 or YUYV");
  }
  ask_for_rate();
  return map_buffers();
}

bool Camera::agree_on(const PixelFormat& format) {
  v4l2_format wanted{};
  wanted.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
  wanted.fmt.pix.width = static_cast<std::uint32_t>(config_.width);
  wanted.fmt.pix.height = static_cast<std::uint32_t>(config_.height);
  wanted.fmt.pix.pixelformat = format.name;
  wanted.fmt.pix.field = V4L2_FIELD_NONE;
  if (control(device_.get(), VIDIOC_S_FMT, &wanted) != 0 || wanted.fmt.pix.pixelformat != format.name) return false;
  format_ = format;
  shape_ = {static_cast<int>(wanted.fmt.pix.width), static_cast<int>(wanted.fmt.pix.height),
            wanted.fmt.pix.bytesperline};
  return shape_.width % 2 == 0 && shape_.height % 2 == 0;
}

void Camera::ask_for_rate() {
  v4l2_streamparm wanted{};
  wanted.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
  wanted.parm.capture.timeperframe = {1, static_cast<std::uint32_t>(config_.frames_per_second)};
  control(device_.get(), VIDIOC_S_PARM, &wanted);  // many drivers cannot: then pictures are left out
}

Result<void> Camera::map_buffers() {
  v4l2_requestbuffers request{};
  request.count = buffers_wanted;
  request.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
  request.memory = V4L2_MEMORY_MMAP;
  if (control(device_.get(), VIDIOC_REQBUFS, &request) != 0) return missing(std::strerror(errno));
  for (std::uint32_t index = 0; index < request.count; ++index) {
    v4l2_buffer buffer{};
    buffer.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
    buffer.memory = V4L2_MEMORY_MMAP;
    buffer.index = index;
    if (control(device_.get(), VIDIOC_QUERYBUF, &buffer) != 0) return missing(std::strerror(errno));
    buffers_.emplace_back(device_.get(), buffer);
    if (!buffers_.back().mapped()) return missing(std::strerror(errno));
    if (control(device_.get(), VIDIOC_QBUF, &buffer) != 0) return missing(std::strerror(errno));
  }
  if (buffers_.empty()) return missing("it lends no buffers");
  return {};
}

Result<void> Camera::start() {
  int kind = V4L2_BUF_TYPE_VIDEO_CAPTURE;
  if (control(device_.get(), VIDIOC_STREAMON, &kind) != 0)
    return missing(std::string("the camera does not start: ") + std::strerror(errno));
  streaming_ = true;
  return {};
}

Result<std::optional<VideoFrame>> Camera::next() {
  if (!streaming_) CONCLAVE_TRY(start());
  for (;;) {
    const auto woken = stop_.wait_readable(device_.get(), steady_now() + silence_tolerated);
    if (woken == StopSignal::Woken::stopped) return std::optional<VideoFrame>();
    if (woken == StopSignal::Woken::timeout) return missing("the camera delivers no pictures any more");
    CONCLAVE_ASSIGN(picture, take());
    if (picture) return picture;
  }
}

Result<std::optional<VideoFrame>> Camera::take() {
  v4l2_buffer buffer{};
  buffer.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
  buffer.memory = V4L2_MEMORY_MMAP;
  if (control(device_.get(), VIDIOC_DQBUF, &buffer) != 0) {
    if (errno == EAGAIN) return std::optional<VideoFrame>();
    return missing(std::string("the camera is gone: ") + std::strerror(errno));
  }
  const bool monotonic = (buffer.flags & V4L2_BUF_FLAG_TIMESTAMP_MASK) == V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC;
  const auto stamp = std::chrono::seconds(buffer.timestamp.tv_sec) + Duration(buffer.timestamp.tv_usec);
  const Time captured = monotonic ? Time(stamp) : steady_now();
  std::optional<VideoFrame> picture;
  if ((buffer.flags & V4L2_BUF_FLAG_ERROR) == 0 && buffer.index < buffers_.size() && !too_soon(captured)) {
    picture = format_.convert(buffers_[buffer.index].first(buffer.bytesused), shape_);
  }
  control(device_.get(), VIDIOC_QBUF, &buffer);
  if (!picture) return picture;
  auto fitted = fit(*picture, config_.width, config_.height);
  fitted.capture_time = captured;
  return std::optional(std::move(fitted));
}

bool Camera::too_soon(Time captured) {
  const Duration period = std::chrono::microseconds(1'000'000 / config_.frames_per_second);
  if (captured + period / 4 < next_wanted_) return true;
  next_wanted_ = next_wanted_ + period < captured ? captured + period : next_wanted_ + period;
  return false;
}

Result<std::unique_ptr<VideoSource>> open_one(const std::string& path, const VideoConfig& config) {
  CONCLAVE_ASSIGN(device, open_device(path));
  auto camera = std::make_unique<Camera>(std::move(device), config);
  const auto prepared = camera->prepare();
  if (!prepared.ok()) return missing(path + ": " + prepared.error().detail);
  return std::unique_ptr<VideoSource>(std::move(camera));
}

}  // namespace
}  // namespace runtime

Result<std::unique_ptr<VideoSource>> open_camera(const std::string& device, const VideoConfig& config) {
  if (!device.empty()) {
    auto opened = runtime::open_one(device, config);
    return opened.ok() ? std::move(opened) : runtime::missing("the camera cannot be used: " + opened.error().detail);
  }
  std::string tried;
  for (int number = 0; number < runtime::devices_looked_at; ++number) {
    const auto path = "/dev/video" + std::to_string(number);
    if (::access(path.c_str(), F_OK) != 0) continue;
    auto opened = runtime::open_one(path, config);
    if (opened.ok()) return opened;
    tried += (tried.empty() ? "" : "; ") + opened.error().detail;
  }
  if (tried.empty()) return runtime::missing("no camera: there is none of /dev/video0 to /dev/video63");
  return runtime::missing("no usable camera: " + tried);
}

}  // namespace conclave
