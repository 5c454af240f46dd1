#include "mls/tree/leaf_node.h"

#include <algorithm>
#include <type_traits>

#include "base/bytes.h"
#include "mls/objects/labels.h"

CONCLAVE_WIRE_HERE(conclave::mls::Capabilities)
CONCLAVE_WIRE_HERE(conclave::mls::LeafNode)

namespace conclave::mls {
namespace {

template <class T>
bool contains(const std::vector<T>& list, T value) {
  return std::ranges::find(list, value) != list.end();
}

template <class T>
constexpr bool needs_no_mention(T type) {
  if constexpr (std::is_same_v<T, CredentialType>) return false;
  else return is_default(type);
}

/// Both lists are another's, may repeat themselves, and have half a million entries: long ones are sorted.
template <class T>
bool has_all(const std::vector<T>& list, const std::vector<T>& wanted) {
  constexpr std::size_t few = 16;
  if (wanted.size() <= few) {
    return std::ranges::all_of(wanted, [&](T type) { return needs_no_mention(type) || contains(list, type); });
  }
  std::vector<T> sorted = list;
  std::ranges::sort(sorted);
  return std::ranges::all_of(wanted, [&](T type) { return needs_no_mention(type) || std::ranges::binary_search(sorted, type); });
}

}  // namespace

Capabilities Capabilities::of_library(crypto::SuiteId suite) {
  Capabilities capabilities;
  capabilities.versions = {ProtocolVersion::mls10};
  capabilities.cipher_suites = {suite};
  capabilities.credentials = {CredentialType::basic, CredentialType::x509};
  return capabilities;
}

void Capabilities::announce(const Extensions& used) {
  for (const Extension& extension : used) {
    if (!supports(extension.extension_type)) extensions.push_back(extension.extension_type);
  }
}

void Capabilities::drop_defaults() {
  std::erase_if(extensions, [](ExtensionType type) { return is_default(type); });
  std::erase_if(proposals, [](ProposalType type) { return is_default(type); });
}

bool Capabilities::supports(ExtensionType type) const { return is_default(type) || contains(extensions, type); }
bool Capabilities::supports(ProposalType type) const { return is_default(type) || contains(proposals, type); }
bool Capabilities::supports(CredentialType type) const { return contains(credentials, type); }

bool Capabilities::supports(const RequiredCapabilities& required) const {
  return has_all(extensions, required.extension_types) && has_all(proposals, required.proposal_types) && has_all(credentials, required.credential_types);
}

LeafNodeSource LeafNode::source_type() const {
  return std::visit([](const auto& arm) { return std::remove_cvref_t<decltype(arm)>::tag; }, source);
}

Result<void> LeafNode::sign(const crypto::SignaturePrivateKey& key, ByteView group_id, LeafIndex place) {
  signature_key = to_bytes(key.public_key().bytes());
  CONCLAVE_ASSIGN(signed_bytes, sign_with_label(key, "LeafNodeTBS", to_be_signed(group_id, place)));
  signature = std::move(signed_bytes);
  return {};
}

bool LeafNode::verify(const crypto::SignaturePublicKey& key, ByteView group_id, LeafIndex place) const {
  return verify_with_label(key, "LeafNodeTBS", to_be_signed(group_id, place), signature);
}

Bytes LeafNode::to_be_signed(ByteView group_id, LeafIndex place) const {
  const auto content = [this](const auto&... more) {
    return wire::encode(encryption_key, signature_key, credential, capabilities, source, extensions, more...);
  };
  if (source_type() == LeafNodeSource::key_package) return content();
  return content(wire::Opaque{group_id}, place);
}

}  // namespace conclave::mls
