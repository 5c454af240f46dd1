// From a host's name to its addresses, without blocking.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "runtime/waker.h"
#include "transport/address.h"

namespace conclave::runtime {

/// A literal address; nothing if `text` is a name.
std::optional<transport::Address> parse_address(const std::string& text, std::uint16_t port);

/// The IP address alone, in the one spelling that links have.
std::string ip_text(const transport::Address& address);

/// As text; IPv6 in brackets, with its port.
std::string address_text(const transport::Address& address);

/// The families in turn, the preferred one first (RFC 8305 section 4); the order within each is kept.
std::vector<transport::Address> interleave_families(const std::vector<transport::Address>& addresses);

/// One question to the system's resolver, which may dawdle: it is asked on a thread of its own that nobody waits for.
class Resolver {
 public:
  /// Asks; a literal address is answered at once. `waker` is woken when the answer is there.
  Resolver(const std::string& host, std::uint16_t port, std::shared_ptr<const Waker> waker);

  /// The answer, once: at least one address, or `unreachable`. Nothing while there is none.
  std::optional<Result<std::vector<transport::Address>>> poll();

 private:
  struct Answer;
  std::shared_ptr<Answer> answer_;
};

}  // namespace conclave::runtime
