#include "media/vpx_encoder.h"

#include <vpx/vp8cx.h>
#include <vpx/vpx_encoder.h>

#include <algorithm>

#include "media/picture.h"
#include "media/scene_change.h"
#include "media/temporal_layers.h"
#include "media/vpx_settings.h"

namespace conclave::media {

namespace {
constexpr std::int64_t rest = 3;  // frame intervals without a picture

constexpr int min_side = 16;

bool allowed_bitrate(int bitrate) { return bitrate >= 30'000 && bitrate <= 50'000'000; }

bool allowed(const VideoConfig& config) {
  return allowed_size(config.width, config.height) && std::min(config.width, config.height) >= min_side &&
         config.frames_per_second >= 1 && config.frames_per_second <= 120 && allowed_bitrate(config.bitrate) &&
         config.temporal_layers >= 1 && config.temporal_layers <= 3 && config.threads >= 1 && config.threads <= 16;
}

struct Destroy {
  void operator()(vpx_codec_ctx_t* codec) const {
    vpx_codec_destroy(codec);
    delete codec;
  }
};
using Codec = std::unique_ptr<vpx_codec_ctx_t, Destroy>;

/// A view of the upper left of the picture for libvpx, which only reads it.
vpx_image_t wrap(const VideoFrame& picture, unsigned width, unsigned height) {
  vpx_image_t image{};
  auto* y = const_cast<std::uint8_t*>(picture.y.data());
  vpx_img_wrap(&image, VPX_IMG_FMT_I420, width, height, 1, y);
  image.planes[VPX_PLANE_Y] = y;
  image.planes[VPX_PLANE_U] = const_cast<std::uint8_t*>(picture.u.data());
  image.planes[VPX_PLANE_V] = const_cast<std::uint8_t*>(picture.v.data());
  image.stride[VPX_PLANE_Y] = picture.width;
  image.stride[VPX_PLANE_U] = image.stride[VPX_PLANE_V] = chroma_side(picture.width);
  return image;
}

}  // namespace

class VpxEncoder::Impl {
 public:
  explicit Impl(const VideoConfig& config) : config_(config), layers_(config.temporal_layers) {}

  Result<void> start();
  Result<std::optional<EncodedVideo>> encode(const VideoFrame& picture);
  Result<void> set_bitrate(int bits_per_second);

  VideoConfig config_;
  bool keyframe_wanted_ = true;
  std::uint64_t keyframes_ = 0;

 private:
  Result<void> configure();
  Result<void> limit_quality(bool keyframe);
  [[nodiscard]] bool keyframe_due(Time capture_time) const;
  Result<void> submit(const VideoFrame& picture, const LayerStep& step, bool keyframe);
  std::int64_t place_in_time(Time capture_time);
  std::optional<EncodedVideo> collect(Time capture_time);
  void label(EncodedVideo& frame, const LayerStep& step);

  TemporalLayers layers_;
  SceneChange scenes_;
  Codec codec_;
  vpx_codec_enc_cfg_t settings_{};
  std::optional<Time> first_;
  std::int64_t last_place_ = -1;
  std::optional<Time> last_keyframe_;
  std::uint8_t base_layer_index_ = 0;
  int aftermath_ = 0;
};

Result<void> VpxEncoder::Impl::start() {
  settings_ = vpx_configuration(config_, layers_);
  auto* codec = new vpx_codec_ctx_t{};
  const auto* interface = config_.codec == VideoCodec::vp8 ? vpx_codec_vp8_cx() : vpx_codec_vp9_cx();
  if (vpx_codec_enc_init(codec, interface, &settings_, 0) != VPX_CODEC_OK) {
    delete codec;
    return Error{ErrorCode::out_of_resources, "libvpx encoder"};
  }
  codec_.reset(codec);
  keyframe_wanted_ = true;
  first_.reset();
  last_place_ = -1;
  last_keyframe_.reset();
  return apply_controls(*codec_, config_.codec, settings_);
}

Result<std::optional<EncodedVideo>> VpxEncoder::Impl::encode(const VideoFrame& picture) {
  if (!is_well_formed(picture) || std::min(picture.width, picture.height) < min_side) {
    return Error{ErrorCode::invalid_argument, "malformed picture"};
  }
  if (picture.width != config_.width || picture.height != config_.height) {
    config_.width = picture.width;
    config_.height = picture.height;
    CONCLAVE_TRY(start());
  }
  if (scenes_.push(picture)) keyframe_wanted_ = true;
  const bool keyframe = keyframe_due(picture.capture_time);
  if (keyframe) layers_.restart();
  const auto step = layers_.current();
  CONCLAVE_TRY(limit_quality(keyframe));
  CONCLAVE_TRY(submit(picture, step, keyframe));
  auto frame = collect(picture.capture_time);
  if (frame) label(*frame, step);
  return frame;
}

bool VpxEncoder::Impl::keyframe_due(Time capture_time) const {
  if (!last_keyframe_) return true;
  const auto since = capture_time - *last_keyframe_;
  return (keyframe_wanted_ && since >= keyframe_spacing) || since >= config_.keyframe_interval;
}

Result<void> VpxEncoder::Impl::submit(const VideoFrame& picture, const LayerStep& step, bool keyframe) {
  if (layers_.layers() > 1 && config_.codec == VideoCodec::vp8) {
    vpx_codec_control(codec_.get(), VP8E_SET_TEMPORAL_LAYER_ID, static_cast<int>(step.layer));
  } else if (layers_.layers() > 1) {
    vpx_svc_layer_id_t id{};
    id.temporal_layer_id = step.layer;
    id.temporal_layer_id_per_spatial[0] = step.layer;
    vpx_codec_control(codec_.get(), VP9E_SET_SVC_LAYER_ID, &id);
  }
  const auto image = wrap(picture, settings_.g_w, settings_.g_h);
  const auto previous = last_place_;
  const auto place = place_in_time(picture.capture_time);
  const auto duration = static_cast<unsigned long>(
      previous < 0 ? 1 : std::min<std::int64_t>(place - previous, config_.frames_per_second));
  const auto error =
      vpx_codec_encode(codec_.get(), &image, place, duration, frame_flags(step, keyframe), VPX_DL_REALTIME);
  if (error != VPX_CODEC_OK) return Error{ErrorCode::internal, vpx_codec_err_to_string(error)};
  return {};
}

/// The capture time in frame intervals, strictly growing: the rate control wants no jitter. Nor rests: libvpx takes them for another frame rate, and
/// spends far too little or too much from then on.
std::int64_t VpxEncoder::Impl::place_in_time(Time capture_time) {
  if (!first_) first_ = capture_time;
  const double seconds = std::chrono::duration<double>(capture_time - *first_).count();
  auto place = static_cast<std::int64_t>(seconds * config_.frames_per_second + 0.5);
  if (last_place_ >= 0 && place - last_place_ >= rest) {
    *first_ += Duration((place - last_place_ - 1) * 1'000'000 / config_.frames_per_second);
    place = last_place_ + 1;
  }
  last_place_ = std::max(last_place_ + 1, place);
  return last_place_;
}

std::optional<EncodedVideo> VpxEncoder::Impl::collect(Time capture_time) {
  std::optional<EncodedVideo> frame;
  vpx_codec_iter_t position = nullptr;
  while (const auto* packet = vpx_codec_get_cx_data(codec_.get(), &position)) {
    if (packet->kind != VPX_CODEC_CX_FRAME_PKT || packet->data.frame.sz == 0) continue;
    if (!frame) frame = EncodedVideo{capture_time, {}, (packet->data.frame.flags & VPX_FRAME_IS_KEY) != 0};
    const auto* bytes = static_cast<const std::uint8_t*>(packet->data.frame.buf);
    frame->data.insert(frame->data.end(), bytes, bytes + packet->data.frame.sz);
  }
  return frame;
}

void VpxEncoder::Impl::label(EncodedVideo& frame, const LayerStep& step) {
  if (frame.keyframe) {
    ++keyframes_;
    keyframe_wanted_ = false;
    last_keyframe_ = frame.capture_time;
    layers_.restart();
  } else {
    frame.temporal_layer = step.layer;
    frame.layer_sync = step.sync;
    frame.discardable = step.discardable();
  }
  if (frame.temporal_layer == 0) ++base_layer_index_;
  frame.base_layer_index = base_layer_index_;
  layers_.advance();
}

Result<void> VpxEncoder::Impl::set_bitrate(int bits_per_second) {
  if (!allowed_bitrate(bits_per_second)) return Error{ErrorCode::invalid_argument, "video bitrate"};
  config_.bitrate = bits_per_second;
  set_bitrates(settings_, bits_per_second, layers_);
  return configure();
}

Result<void> VpxEncoder::Impl::configure() {
  if (vpx_codec_enc_config_set(codec_.get(), &settings_) == VPX_CODEC_OK) return {};
  return Error{ErrorCode::internal, "libvpx refuses a configuration"};
}

/// Keeps a keyframe and its aftermath small; see `keyframe_min_quantizer`.
Result<void> VpxEncoder::Impl::limit_quality(bool keyframe) {
  if (keyframe) aftermath_ = keyframe_aftermath;
  const auto wanted = aftermath_ > 0 ? keyframe_min_quantizer : steady_min_quantizer;
  if (aftermath_ > 0) --aftermath_;
  if (settings_.rc_min_quantizer == wanted) return {};
  settings_.rc_min_quantizer = wanted;
  return configure();
}

VpxEncoder::VpxEncoder(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
VpxEncoder::VpxEncoder(VpxEncoder&&) noexcept = default;
VpxEncoder& VpxEncoder::operator=(VpxEncoder&&) noexcept = default;
VpxEncoder::~VpxEncoder() = default;

Result<VpxEncoder> VpxEncoder::create(const VideoConfig& config) {
  if (!allowed(config)) return Error{ErrorCode::invalid_argument, "video configuration"};
  auto impl = std::make_unique<Impl>(config);
  CONCLAVE_TRY(impl->start());
  return VpxEncoder(std::move(impl));
}

Result<std::optional<EncodedVideo>> VpxEncoder::encode(const VideoFrame& picture) { return impl_->encode(picture); }
void VpxEncoder::request_keyframe() { impl_->keyframe_wanted_ = true; }
Result<void> VpxEncoder::set_bitrate(int bits_per_second) { return impl_->set_bitrate(bits_per_second); }
VideoCodec VpxEncoder::codec() const { return impl_->config_.codec; }
std::uint64_t VpxEncoder::keyframes() const { return impl_->keyframes_; }

}  // namespace conclave::media
