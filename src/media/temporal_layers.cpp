#include "media/temporal_layers.h"

#include <array>

namespace conclave::media {

namespace {
constexpr LayerStep base{
    .layer = 0, .sync = false, .refers_golden = false, .updates_last = true, .updates_golden = false};
constexpr std::array<LayerStep, 4> three_layers = {
    base,
    LayerStep{.layer = 2, .sync = true},
    LayerStep{.layer = 1, .sync = true, .updates_golden = true},
    LayerStep{.layer = 2, .sync = false, .refers_golden = true},
};
constexpr std::array<LayerStep, 2> two_layers = {base, LayerStep{.layer = 1, .sync = true}};
}  // namespace

LayerStep TemporalLayers::current() const {
  const auto place = static_cast<std::size_t>(place_);
  if (layers_ == 3) return three_layers[place];
  return layers_ == 2 ? two_layers[place] : base;
}

int TemporalLayers::share(int layer) const {
  constexpr std::array<int, 3> of_three = {40, 60, 100};
  if (layer == layers_ - 1) return 100;
  return layers_ == 3 ? of_three[static_cast<std::size_t>(layer)] : 60;
}

int TemporalLayers::layer_at(int place) const {
  if (layers_ == 3) return three_layers[static_cast<std::size_t>(place)].layer;
  return place;
}

}  // namespace conclave::media
