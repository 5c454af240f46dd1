#include "transport/fec/loss_average.h"

#include <algorithm>
#include <cmath>

namespace conclave::transport::fec {
namespace {

constexpr double memory = 2;  // seconds, in which what was lost comes to weigh a third
constexpr double lossy_from = 0.02;
constexpr double lossy_until = 0.01;
constexpr double very_lossy_from = 0.03;
constexpr double very_lossy_until = 0.015;
constexpr double few = 3;  // losses, which chance brings
constexpr Duration persists = std::chrono::milliseconds(500);

}  // namespace

void LossAverage::note(const PathReport& report, Time now) {
  if (last_ && is_older(report, *last_)) return;
  if (last_) {
    const double fades = std::exp(-std::chrono::duration<double>(now - noted_).count() / memory);
    const double lost = static_cast<std::int32_t>(report.lost - last_->lost);  // what was merely late is taken back
    const double received = report.packets - last_->packets;
    lost_ = std::max(0.0, lost_ * fades + lost);
    sent_ = std::max(lost_, sent_ * fades + received + lost);
  }
  last_ = report;
  noted_ = now;
  if (share() < (lossy_ ? lossy_until : lossy_from) || (!lossy_ && lost_ < few)) since_.reset();
  else if (!since_) since_ = now;
  lossy_ = since_ && (lossy_ || now - *since_ >= persists);
  very_lossy_ = lossy_ && share() >= (very_lossy_ ? very_lossy_until : very_lossy_from);
}

}  // namespace conclave::transport::fec
