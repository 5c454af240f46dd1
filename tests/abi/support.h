// Objects and functions of the C interface, for tests that misuse them.
#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "conclave.h"

namespace conclave_abi {

/// A function of the interface that takes a handle of `kind`, called with arguments that are otherwise right.
struct HandleFunction {
  std::string name;
  std::string kind;
  std::function<conclave_result(conclave_handle)> call;
};
inline const std::string any_kind = "any";

std::vector<HandleFunction> functions_of_media();
std::vector<HandleFunction> functions_of_calls();
std::vector<HandleFunction> functions_of_sessions();
std::vector<HandleFunction> functions_of_rooms();
std::vector<HandleFunction> functions_of_frames();
std::vector<HandleFunction> functions_of_statements();
std::vector<HandleFunction> functions_of_identities();
std::vector<HandleFunction> functions_of_contacts();

std::vector<conclave_handle> garbage_handles();

/// A file of the folder `certificates`: root.pem of University, and of Bob Babbage, whom it certified, bob.chain.pem and bob.key.pem. Valid from 2020 to 2119.
std::string certificate(const std::string& file);

conclave_sink_config fetched_sink();
conclave_handle open_sink();
/// A pushed source of pictures of 160 x 90.
conclave_handle open_source();
conclave_handle open_sound();
/// A call that hosts on loopback, alone.
conclave_handle open_call();
/// A session of one, whose room has the id 0.
conclave_handle open_session();
conclave_handle open_identity();
conclave_handle open_contacts();
/// University, trusted.
conclave_handle open_organisation();
std::vector<std::pair<std::string, conclave_handle>> open_one_of_each();

class Closer {
 public:
  explicit Closer(conclave_handle handle) : handle_(handle) {}
  Closer(const Closer&) = delete;
  Closer& operator=(const Closer&) = delete;
  ~Closer() { conclave_close(handle_); }
  [[nodiscard]] conclave_handle handle() const { return handle_; }

 private:
  conclave_handle handle_;
};

constexpr std::int64_t patience = 30'000'000;
/// The next event of this kind; fails the test when the call ends first.
conclave_event await(conclave_handle call, std::uint32_t kind);
std::string link_of(conclave_handle call);

/// The sentence of this thread's last error.
std::string last_detail();

/// A struct of the interface with its size set.
template <class T>
T sized() {
  T value{};
  value.struct_size = sizeof value;
  return value;
}

}  // namespace conclave_abi
