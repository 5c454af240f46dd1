#include "media/vpx_decoder.h"

#include <vpx/vp8dx.h>
#include <vpx/vpx_decoder.h>

#include <algorithm>

#include "media/picture.h"
#include "media/vpx_header.h"

namespace conclave::media {

namespace {

/// Larger frames are no frames of a picture of `max_picture_side`.
constexpr std::size_t max_frame_size = std::size_t{2} << 20;

Bytes copy_plane(const vpx_image_t& image, int plane, int width, int height) {
  Bytes out(static_cast<std::size_t>(width) * static_cast<std::size_t>(height));
  const auto* row = image.planes[plane];
  auto to = out.begin();
  for (int y = 0; y < height; ++y, row += image.stride[plane]) to = std::copy(row, row + width, to);
  return out;
}

VideoFrame copy_picture(const vpx_image_t& image, Time capture_time) {
  const auto width = static_cast<int>(image.d_w);
  const auto height = static_cast<int>(image.d_h);
  return {capture_time,
          width,
          height,
          copy_plane(image, VPX_PLANE_Y, width, height),
          copy_plane(image, VPX_PLANE_U, chroma_side(width), chroma_side(height)),
          copy_plane(image, VPX_PLANE_V, chroma_side(width), chroma_side(height))};
}

/// libvpx decodes whatever follows a VP9 frame as further frames, whose size nobody looked at. Inside a superframe
/// (bitstream specification annex B) of one it decodes that one alone.
Bytes as_superframe_of_one(ByteView frame) {
  constexpr std::uint8_t marker = 0xC0 | 3 << 3;  // one frame, four bytes for its size
  Bytes superframe;
  superframe.reserve(frame.size() + 6);
  superframe.assign(frame.begin(), frame.end());
  superframe.push_back(marker);
  for (int shift = 0; shift < 32; shift += 8) superframe.push_back(static_cast<std::uint8_t>(frame.size() >> shift));
  superframe.push_back(marker);
  return superframe;
}

}  // namespace

class VpxDecoder::Impl {
 public:
  explicit Impl(VideoCodec codec) : codec_(codec) {}
  ~Impl() {
    if (started_) vpx_codec_destroy(&context_);
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  Result<void> start();
  Result<VideoFrame> decode(ByteView data, Time capture_time);

  VideoCodec codec_;
  std::uint64_t failures_ = 0;

 private:
  Result<void> check_before(ByteView data) const;
  Result<VideoFrame> picture(Time capture_time);

  vpx_codec_ctx_t context_{};
  bool started_ = false;
};

Result<void> VpxDecoder::Impl::start() {
  vpx_codec_dec_cfg_t config{};
  config.threads = 1;
  const auto* interface = codec_ == VideoCodec::vp8 ? vpx_codec_vp8_dx() : vpx_codec_vp9_dx();
  if (vpx_codec_dec_init(&context_, interface, &config, 0) != VPX_CODEC_OK) {
    return Error{ErrorCode::out_of_resources, "libvpx decoder"};
  }
  started_ = true;
  return {};
}

Result<void> VpxDecoder::Impl::check_before(ByteView data) const {
  if (data.empty() || data.size() > max_frame_size) return Error{ErrorCode::malformed, "size of an encoded frame"};
  CONCLAVE_ASSIGN(size, coded_size(codec_, data));
  if (size.width != 0 && !allowed_size(size.width, size.height)) return Error{ErrorCode::unsupported, "picture size"};
  return {};
}

Result<VideoFrame> VpxDecoder::Impl::decode(ByteView data, Time capture_time) {
  CONCLAVE_TRY(check_before(data));
  const auto wrapped = codec_ == VideoCodec::vp9 ? as_superframe_of_one(data) : Bytes{};
  if (!wrapped.empty()) data = wrapped;
  const auto error = vpx_codec_decode(&context_, data.data(), static_cast<unsigned>(data.size()), nullptr, 0);
  auto shown = picture(capture_time);
  if (error != VPX_CODEC_OK) return Error{ErrorCode::malformed, vpx_codec_err_to_string(error)};
  return shown;
}

/// The picture that the decoder shows. It may only be asked for once per frame, and must be, even after an error.
Result<VideoFrame> VpxDecoder::Impl::picture(Time capture_time) {
  vpx_codec_iter_t position = nullptr;
  const auto* image = vpx_codec_get_frame(&context_, &position);
  if (image == nullptr) return Error{ErrorCode::malformed, "no picture in the frame"};
  if (image->fmt != VPX_IMG_FMT_I420) return Error{ErrorCode::unsupported, "picture format"};
  if (!allowed_size(static_cast<int>(image->d_w), static_cast<int>(image->d_h))) {
    return Error{ErrorCode::unsupported, "picture size"};
  }
  int corrupted = 0;
  if (vpx_codec_control(&context_, VP8D_GET_FRAME_CORRUPTED, &corrupted) == VPX_CODEC_OK && corrupted != 0) {
    return Error{ErrorCode::malformed, "damaged frame"};
  }
  return copy_picture(*image, capture_time);
}

VpxDecoder::VpxDecoder(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
VpxDecoder::VpxDecoder(VpxDecoder&&) noexcept = default;
VpxDecoder& VpxDecoder::operator=(VpxDecoder&&) noexcept = default;
VpxDecoder::~VpxDecoder() = default;

Result<VpxDecoder> VpxDecoder::create(VideoCodec codec) {
  auto impl = std::make_unique<Impl>(codec);
  CONCLAVE_TRY(impl->start());
  return VpxDecoder(std::move(impl));
}

Result<VideoFrame> VpxDecoder::decode(ByteView data, Time capture_time) {
  auto picture = impl_->decode(data, capture_time);
  if (!picture.ok()) ++impl_->failures_;
  return picture;
}

std::uint64_t VpxDecoder::failures() const { return impl_->failures_; }
VideoCodec VpxDecoder::codec() const { return impl_->codec_; }

}  // namespace conclave::media
