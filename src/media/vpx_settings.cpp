#include "media/vpx_settings.h"

#include <vpx/vp8cx.h>

#include <algorithm>

namespace conclave::media {

namespace {
// Measured on 854x480 at 24 frames/s and 1.5 Mbit/s: a step more speed costs 0.0003 of SSIM, a step less costs a third
// of the rate.
constexpr int vp8_speed = -6;
constexpr int vp9_speed = 7;
constexpr unsigned cyclic_refresh = 3;    // VP9 AQ mode
constexpr unsigned keyframe_limit = 300;  // percent of a frame's share; the rate control takes it as a wish

unsigned unsigned_of(int value) { return static_cast<unsigned>(value); }

/// libvpx scales VP9 layers to even sizes, up by one and complaining: an odd last column or row is cut off instead.
int coded_side(const VideoConfig& video, int side) {
  return video.codec == VideoCodec::vp9 && video.temporal_layers > 1 ? side & ~1 : side;
}
}  // namespace

vpx_codec_enc_cfg_t vpx_configuration(const VideoConfig& video, const TemporalLayers& layers) {
  vpx_codec_enc_cfg_t config{};
  vpx_codec_enc_config_default(video.codec == VideoCodec::vp8 ? vpx_codec_vp8_cx() : vpx_codec_vp9_cx(), &config, 0);
  config.g_w = unsigned_of(coded_side(video, video.width));
  config.g_h = unsigned_of(coded_side(video, video.height));
  config.g_timebase = {1, video.frames_per_second};
  config.g_threads = unsigned_of(video.threads);
  config.g_lag_in_frames = 0;
  config.g_pass = VPX_RC_ONE_PASS;
  // Else VP9 predicts motion from whatever was decoded last, be it of a layer that the next receiver never got.
  config.g_error_resilient = VPX_ERROR_RESILIENT_DEFAULT;
  config.rc_end_usage = VPX_CBR;
  config.rc_min_quantizer = steady_min_quantizer;
  config.rc_max_quantizer = max_quantizer;
  config.rc_undershoot_pct = 100;
  config.rc_overshoot_pct = 15;
  config.rc_buf_sz = 1000;
  config.rc_buf_initial_sz = 500;
  config.rc_buf_optimal_sz = 600;
  config.rc_dropframe_thresh = 0;  // every picture leaves: a call would rather blur than stutter
  config.rc_resize_allowed = 0;
  config.kf_mode = VPX_KF_DISABLED;
  config.ss_number_layers = 1;
  config.ts_number_layers = unsigned_of(layers.layers());
  config.ts_periodicity = unsigned_of(layers.period());
  for (int place = 0; place < layers.period(); ++place) config.ts_layer_id[place] = unsigned_of(layers.layer_at(place));
  for (int layer = 0; layer < layers.layers(); ++layer)
    config.ts_rate_decimator[layer] = unsigned_of(layers.decimation(layer));
  config.temporal_layering_mode = VP9E_TEMPORAL_LAYERING_MODE_BYPASS;
  set_bitrates(config, video.bitrate, layers);
  return config;
}

void set_bitrates(vpx_codec_enc_cfg_t& config, int bits_per_second, const TemporalLayers& layers) {
  config.rc_target_bitrate = unsigned_of(bits_per_second / 1000);
  config.ss_target_bitrate[0] = config.rc_target_bitrate;
  for (int layer = 0; layer < layers.layers(); ++layer) {
    const auto rate = std::max(1U, config.rc_target_bitrate * unsigned_of(layers.share(layer)) / 100);
    config.ts_target_bitrate[layer] = rate;
    config.layer_target_bitrate[layer] = rate;
  }
}

namespace {

bool set_vp8_controls(vpx_codec_ctx_t& codec) {
  return vpx_codec_control(&codec, VP8E_SET_CPUUSED, vp8_speed) == VPX_CODEC_OK &&
         vpx_codec_control(&codec, VP8E_SET_TOKEN_PARTITIONS, 0) == VPX_CODEC_OK &&
         vpx_codec_control(&codec, VP8E_SET_NOISE_SENSITIVITY, 0U) == VPX_CODEC_OK;
}

bool set_vp9_controls(vpx_codec_ctx_t& codec, const vpx_codec_enc_cfg_t& config) {
  const bool plain = vpx_codec_control(&codec, VP8E_SET_CPUUSED, vp9_speed) == VPX_CODEC_OK &&
                     vpx_codec_control(&codec, VP9E_SET_AQ_MODE, cyclic_refresh) == VPX_CODEC_OK &&
                     vpx_codec_control(&codec, VP9E_SET_TILE_COLUMNS, 0) == VPX_CODEC_OK &&
                     vpx_codec_control(&codec, VP9E_SET_NOISE_SENSITIVITY, 0U) == VPX_CODEC_OK;
  if (!plain || config.ts_number_layers == 1) return plain;
  vpx_svc_extra_cfg_t svc{};
  for (unsigned layer = 0; layer < config.ts_number_layers; ++layer) {
    svc.max_quantizers[layer] = static_cast<int>(config.rc_max_quantizer);
    svc.min_quantizers[layer] = static_cast<int>(config.rc_min_quantizer);
    svc.scaling_factor_num[layer] = 1;
    svc.scaling_factor_den[layer] = 1;
    svc.speed_per_layer[layer] = vp9_speed;
  }
  return vpx_codec_control(&codec, VP9E_SET_SVC, 1) == VPX_CODEC_OK &&
         vpx_codec_control(&codec, VP9E_SET_SVC_PARAMETERS, &svc) == VPX_CODEC_OK;
}

}  // namespace

Result<void> apply_controls(vpx_codec_ctx_t& codec, VideoCodec kind, const vpx_codec_enc_cfg_t& config) {
  const bool good = (kind == VideoCodec::vp8 ? set_vp8_controls(codec) : set_vp9_controls(codec, config)) &&
                    vpx_codec_control(&codec, VP8E_SET_STATIC_THRESHOLD, 1U) == VPX_CODEC_OK &&
                    vpx_codec_control(&codec, VP8E_SET_MAX_INTRA_BITRATE_PCT, keyframe_limit) == VPX_CODEC_OK;
  if (!good) return Error{ErrorCode::internal, "libvpx refuses a setting"};
  return {};
}

vpx_enc_frame_flags_t frame_flags(const LayerStep& step, bool keyframe) {
  if (keyframe) return VPX_EFLAG_FORCE_KF;
  vpx_enc_frame_flags_t flags = VP8_EFLAG_NO_REF_ARF | VP8_EFLAG_NO_UPD_ARF;
  if (!step.refers_golden) flags |= VP8_EFLAG_NO_REF_GF;
  if (!step.updates_last) flags |= VP8_EFLAG_NO_UPD_LAST | VP8_EFLAG_NO_UPD_ENTROPY;
  if (!step.updates_golden) flags |= VP8_EFLAG_NO_UPD_GF;
  return flags;
}

}  // namespace conclave::media
