// Metrics and health over HTTP, on loopback alone.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace conclave::relay_program {

/// GET /metrics and GET /health. Serves a few at a time, on a thread of its own, from its making to its end.
class StatusEndpoint {
 public:
  struct Source {
    std::function<std::string()> metrics;  ///< called from the endpoint's thread
    std::function<bool()> healthy;         ///< /health answers 200, or 503
  };

  /// Binds 127.0.0.1. Throws `std::exception` when the port is taken.
  StatusEndpoint(std::uint16_t port, Source source);
  StatusEndpoint(const StatusEndpoint&) = delete;
  StatusEndpoint& operator=(const StatusEndpoint&) = delete;
  ~StatusEndpoint();

  [[nodiscard]] std::uint16_t port() const;

 private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace conclave::relay_program
