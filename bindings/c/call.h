// A call as an object behind a handle.
#pragma once

#include <atomic>
#include <mutex>

#include "conclave/client.h"
#include "handles.h"

namespace conclave::c {

class Call final : public Object {
 public:
  static constexpr Kind its_kind = Kind::call;
  static constexpr Use its_use = Use::shared;

  explicit Call(Client its_client) : client(std::move(its_client)) {}
  [[nodiscard]] Kind kind() const override { return its_kind; }
  /// Wakes who waits for an event.
  void closing() override { static_cast<void>(finish()); }

  /// Once; later calls repeat the answer. `invalid_state` while another thread is at it.
  Result<void> finish();

  Client client;
  std::atomic<bool> told_end = false;

 private:
  enum class Stage : std::uint8_t { running, finishing, finished };
  std::atomic<Stage> stage_ = Stage::running;
  Result<void> outcome_;  ///< written before `finished`
};

}  // namespace conclave::c
