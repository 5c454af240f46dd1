// Several sessions of one room, and the log that they share, through the C interface.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "support.h"

namespace conclave_abi {

using Bytes = std::vector<std::uint8_t>;

/// An output, with its bytes.
struct Told {
  conclave_output about = sized<conclave_output>();
  Bytes bytes;
  [[nodiscard]] std::string text() const { return {bytes.begin(), bytes.end()}; }
};

/// The next output of a session; kind NONE when there is none.
Told next_output(conclave_handle session);

/// A command, made in one line.
conclave_command command(std::uint32_t kind, std::uint32_t member = 0, std::uint32_t value = 0, std::string_view data = {});

class Hall {
 public:
  struct Party {
    std::unique_ptr<Closer> identity, session;
    std::vector<Told> told;  ///< everything that is not for the log
    std::size_t read = 0;    ///< of the log
    bool gone = false;       ///< it reads and says nothing any more
    [[nodiscard]] conclave_handle handle() const { return session->handle(); }
    [[nodiscard]] std::vector<Told> all(std::uint32_t kind) const;
  };

  /// Ada founds a room of a mode.
  explicit Hall(std::uint32_t mode = CONCLAVE_ROOM_OPEN);
  /// Lets somebody in, by the first party, with a personal invitation where there is one; what the joining failed with.
  conclave_result enter(const std::string& name, const Bytes& invitation = {});
  /// Asks as a party, and nobody reads the log yet.
  conclave_result begin(std::size_t party, const conclave_command& command);
  /// Asks as a party, and lets everybody read the log.
  conclave_result ask(std::size_t party, const conclave_command& command);
  /// Everybody has read the log, and said what it had to say.
  void settle();
  /// Time passes, half a second after the other.
  void pass(int seconds);

  [[nodiscard]] conclave_member member(std::size_t party, std::size_t as_seen_by) const;
  [[nodiscard]] conclave_room room(std::size_t as_seen_by) const;
  [[nodiscard]] Bytes hash_of(std::size_t party) const;
  Party& operator[](std::size_t party) { return parties_[party]; }
  [[nodiscard]] std::uint32_t id(std::size_t party) const;
  [[nodiscard]] const conclave_moment& at() const { return at_; }

 private:
  void fetch(Party& party);
  bool read_on(Party& party);

  std::vector<Party> parties_;
  std::vector<Bytes> log_;
  conclave_moment at_{conclave_now(), 1'800'000'000};
  std::optional<Bytes> welcome_;
  std::size_t behind_ = 0;  ///< of the log, what stands behind the commit of the welcome
};

}  // namespace conclave_abi
