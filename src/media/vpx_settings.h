// How libvpx is set up for calls: one place for every knob, each with its reason.
#pragma once

#include <vpx/vpx_encoder.h>

#include "base/result.h"
#include "conclave/media.h"
#include "media/temporal_layers.h"

namespace conclave::media {

/// Quantizers on libvpx's scale of 0–63. A keyframe and what follows it until the rate control has learned the new
/// picture keep above the second: else it spends several seconds' worth of bits at the quality of a still picture
/// before it.
inline constexpr unsigned steady_min_quantizer = 10;
inline constexpr unsigned keyframe_min_quantizer = 28;
inline constexpr unsigned max_quantizer = 58;
inline constexpr int keyframe_aftermath = 8;  ///< frames, the keyframe included

/// The configuration for `video`; `layers` divides the bitrate.
vpx_codec_enc_cfg_t vpx_configuration(const VideoConfig& video, const TemporalLayers& layers);

/// Puts a new bitrate into a configuration.
void set_bitrates(vpx_codec_enc_cfg_t& config, int bits_per_second, const TemporalLayers& layers);

/// What is set after initialisation.
Result<void> apply_controls(vpx_codec_ctx_t& codec, VideoCodec kind, const vpx_codec_enc_cfg_t& config);

/// The flags of one frame at `step` of the pattern.
vpx_enc_frame_flags_t frame_flags(const LayerStep& step, bool keyframe);

}  // namespace conclave::media
