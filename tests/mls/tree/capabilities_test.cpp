#include <catch2/catch.hpp>

#include "mls/tree/leaf_node.h"

using namespace conclave;
using namespace conclave::mls;

TEST_CASE("what a leaf supports of long lists is found as of short ones, in time that grows with them and not with their product", "[mls][attack]") {
  Capabilities can;
  RequiredCapabilities required;
  for (int i = 200'000; i > 0; --i) can.extensions.push_back(static_cast<ExtensionType>(0xF000 + i % 0xFFF));
  can.credentials.assign(400'000, CredentialType::x509);
  can.credentials.push_back(CredentialType::basic);
  required.credential_types.assign(400'000, CredentialType::basic);  // 1.6 * 10^11 steps, one by one
  required.extension_types = {static_cast<ExtensionType>(0xF001), static_cast<ExtensionType>(3)};
  CHECK(can.supports(required));
  required.extension_types.assign(30, static_cast<ExtensionType>(0xF002));
  required.extension_types.push_back(static_cast<ExtensionType>(1));  // everybody has it
  CHECK(can.supports(required));
  required.extension_types.push_back(static_cast<ExtensionType>(0xEEEE));
  CHECK_FALSE(can.supports(required));
  required.extension_types = {static_cast<ExtensionType>(0xEEEE)};
  CHECK_FALSE(can.supports(required));
}
