// Lists of extensions in which a type stands twice (RFC 9420 section 13.4), wherever such a list stands. Our own classes cannot make
// one, so two types that differ are made the same in the bytes.
#include "mls/attack/scene.h"

using namespace conclave;
using namespace conclave::mls;
using namespace conclave::mls::test;

namespace {

Extensions two_types() {
  Extensions out;
  out.set(static_cast<ExtensionType>(0xF771), {1});
  out.set(static_cast<ExtensionType>(0xF772), {2});
  return out;
}

/// Reading `value` as it was works, and fails when its two types are one.
template <class T>
void refused_when_twice(const T& value) {
  Bytes bytes = wire::encode(value);
  CHECK(wire::decode<T>(bytes).ok());
  const Bytes second = {0xF7, 0x72};
  const auto at = std::search(bytes.begin(), bytes.end(), second.begin(), second.end());
  REQUIRE(at != bytes.end());
  at[1] = 0x71;
  check_refusal(wire::decode<T>(bytes), {"an extension type stands twice in a list", ErrorCode::malformed, {}});
}

}  // namespace

TEST_CASE("no extension type stands twice in any list", "[mls][attack]") {
  Scene scene(false);
  KeyPackage package = scene.world.bundle(scene.alice).key_package;
  package.extensions = two_types();
  refused_when_twice(package);
  package.extensions = {};
  package.leaf_node.extensions = two_types();
  refused_when_twice(package.leaf_node);
  refused_when_twice(Proposal{Add{std::make_shared<KeyPackage>(package)}});
  refused_when_twice(Proposal{GroupContextExtensions{two_types()}});
  refused_when_twice(Proposal{ReInit{{1}, ProtocolVersion::mls10, package.cipher_suite, two_types()}});
  GroupInfo info = scene.insider().group_info();
  info.group_context.extensions = two_types();
  refused_when_twice(info.group_context);
  refused_when_twice(info);
  info.group_context.extensions = {};
  info.extensions = two_types();
  refused_when_twice(info);
}
