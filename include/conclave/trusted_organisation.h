// An organisation whose word on who somebody is counts here.
#pragma once

#include <memory>
#include <string>

namespace conclave {

/// Made by `trust_organisation` (include/conclave/organisation.h). Immutable, cheap to copy.
struct TrustedOrganisation {
  struct Roots;
  std::string name;  ///< as members are shown it: never one that a stranger chose
  std::shared_ptr<const Roots> roots;
};

}  // namespace conclave
