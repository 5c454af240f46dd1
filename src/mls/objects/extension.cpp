#include "mls/objects/extension.h"

#include <algorithm>

CONCLAVE_WIRE_HERE(conclave::mls::Extensions)
CONCLAVE_WIRE_HERE(conclave::mls::RequiredCapabilities)
CONCLAVE_WIRE_HERE(conclave::mls::ExternalPub)
CONCLAVE_WIRE_HERE(conclave::mls::ExternalSenders)

namespace conclave::mls {

std::optional<ByteView> Extensions::find(ExtensionType type) const {
  const auto found = std::ranges::find(list_, type, &Extension::extension_type);
  if (found == list_.end()) return std::nullopt;
  return ByteView(found->extension_data);
}

void Extensions::set(ExtensionType type, Bytes data) {
  const auto found = std::ranges::find(list_, type, &Extension::extension_type);
  if (found != list_.end()) {
    found->extension_data = std::move(data);
  } else {
    list_.push_back({type, std::move(data)});
  }
}

void Extensions::erase(ExtensionType type) {
  std::erase_if(list_, [type](const Extension& extension) { return extension.extension_type == type; });
}

void Extensions::write_to(wire::Writer& writer) const { wire::write(writer, list_); }

void Extensions::read_from(wire::Reader& reader) {
  wire::read(reader, list_);
  std::vector<ExtensionType> types;
  types.reserve(list_.size());
  for (const Extension& extension : list_) types.push_back(extension.extension_type);
  std::ranges::sort(types);
  if (std::ranges::adjacent_find(types) != types.end()) reader.fail("an extension type stands twice in a list");
}

}  // namespace conclave::mls
