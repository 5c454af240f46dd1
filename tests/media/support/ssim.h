// Structural similarity (Wang et al. 2004) as ffmpeg's filter computes it: 8x8 windows, four samples apart.
#pragma once

#include <cstdint>

#include "conclave/media.h"

namespace conclave::test {

inline double window_ssim(const std::uint8_t* a, const std::uint8_t* b, int stride) {
  std::int64_t sum_a = 0, sum_b = 0, squares = 0, products = 0;
  for (int y = 0; y < 8; ++y) {
    for (int x = 0; x < 8; ++x) {
      const int p = a[y * stride + x], q = b[y * stride + x];
      sum_a += p;
      sum_b += q;
      squares += p * p + q * q;
      products += p * q;
    }
  }
  constexpr double c1 = .01 * .01 * 255 * 255 * 64 * 64, c2 = .03 * .03 * 255 * 255 * 64 * 63;
  const auto variances = static_cast<double>(squares * 64 - sum_a * sum_a - sum_b * sum_b);
  const auto covariance = static_cast<double>(products * 64 - sum_a * sum_b);
  const auto both = static_cast<double>(sum_a * sum_b);
  return (2 * both + c1) * (2 * covariance + c2) /
         ((static_cast<double>(sum_a * sum_a + sum_b * sum_b) + c1) * (variances + c2));
}

inline double plane_ssim(const Bytes& a, const Bytes& b, int width, int height) {
  double sum = 0;
  int windows = 0;
  for (int y = 0; y + 8 <= height; y += 4) {
    for (int x = 0; x + 8 <= width; x += 4) {
      sum +=
          window_ssim(&a[static_cast<std::size_t>(y * width + x)], &b[static_cast<std::size_t>(y * width + x)], width);
      ++windows;
    }
  }
  return windows == 0 ? 1.0 : sum / windows;
}

/// Of all planes, weighted by their samples, as ffmpeg's "All". Both pictures have the same size.
inline double ssim(const VideoFrame& a, const VideoFrame& b) {
  const int width = (a.width + 1) / 2, height = (a.height + 1) / 2;
  return (4 * plane_ssim(a.y, b.y, a.width, a.height) + plane_ssim(a.u, b.u, width, height) +
          plane_ssim(a.v, b.v, width, height)) /
         6;
}

}  // namespace conclave::test
