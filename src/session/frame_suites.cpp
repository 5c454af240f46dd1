#include "session/frame_suites.h"

#include <algorithm>

namespace conclave::session {

Result<FrameSuites> offer_of(const std::vector<FrameSuite>& suites) {
  constexpr std::size_t least_tag = 8;  // below it a forger needs few tries
  FrameSuites offer;
  for (const FrameSuite suite : suites) {
    const auto* parameters = sframe::find_cipher_suite(static_cast<std::uint16_t>(suite));
    if (parameters == nullptr || parameters->tag_size < least_tag) return Error{ErrorCode::invalid_argument, "no such frame suite"};
    offer.suites.push_back(static_cast<std::uint16_t>(suite));
  }
  if (offer.suites.empty()) return Error{ErrorCode::invalid_argument, "a member names at least one frame suite"};
  return offer;
}

Result<sframe::CipherSuite> suite_of_room(const mls::Extensions& group, const std::vector<FrameSuite>& accepted) {
  CONCLAVE_ASSIGN(named, group.get<FrameSuites>());
  if (!named || named->suites.size() != 1) return Error{ErrorCode::invalid_message, "the room does not name its frame suite"};
  const bool ours = std::ranges::any_of(accepted, [&](FrameSuite suite) { return static_cast<std::uint16_t>(suite) == named->suites[0]; });
  if (!ours) return Error{ErrorCode::unsupported, "the room's frame suite is not one that we accept"};
  return static_cast<sframe::CipherSuite>(named->suites[0]);
}

bool has_suite(const mls::Extensions& leaf, sframe::CipherSuite suite) {
  const auto offer = leaf.get<FrameSuites>();
  if (!offer.ok() || !offer.value()) return false;
  return std::ranges::find((*offer)->suites, static_cast<std::uint16_t>(suite)) != (*offer)->suites.end();
}

}  // namespace conclave::session
