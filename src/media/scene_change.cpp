#include "media/scene_change.h"

#include <cstdlib>
#include <utility>

namespace conclave::media {

namespace {
constexpr int step = 8;

Bytes coarse_luma(const VideoFrame& picture) {
  Bytes grid;
  grid.reserve(picture.y.size() / (step * step) + 1);
  for (int y = step / 2; y < picture.height; y += step) {
    const auto row = static_cast<std::size_t>(y) * static_cast<std::size_t>(picture.width);
    for (int x = step / 2; x < picture.width; x += step) grid.push_back(picture.y[row + static_cast<std::size_t>(x)]);
  }
  return grid;
}
}  // namespace

bool SceneChange::push(const VideoFrame& picture) {
  auto grid = coarse_luma(picture);
  const auto before = std::exchange(last_, std::move(grid));
  if (before.empty() || before.size() != last_.size()) return false;
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < before.size(); ++i) sum += std::abs(before[i] - last_[i]);
  return sum > static_cast<std::int64_t>(before.size()) * threshold;
}

}  // namespace conclave::media
