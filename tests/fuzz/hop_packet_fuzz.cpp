// Arbitrary datagrams into one direction of a hop, and every one of them again as a sealed packet with damage.
#include <algorithm>
#include <cstdlib>

#include "transport/hop/opener.h"
#include "transport/hop/sealer.h"

using namespace conclave;
using namespace conclave::transport;

namespace {

hop::HopSecrets secrets() { return hop::HopSecrets::derive(hop::ExporterSecret::copy_of(Bytes(hop::secret_size, 1))); }

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const hop::HopSecrets keys = secrets();
  hop::Opener opener(keys.client_to_server);
  hop::Sealer sealer(keys.client_to_server.clone(), keys.connection_id, 4);
  if (std::holds_alternative<hop::OpenedPacket>(opener.open({data, size}))) std::abort();  // nobody guesses a tag

  MediaHeader header;
  if (size >= hop::media_header_size) header = hop::read_media_header({data, hop::media_header_size});
  Bytes again(hop::media_header_size);
  hop::write_media_header(header, again);
  if (size >= again.size() && !std::equal(again.begin(), again.end(), data)) std::abort();

  const ByteView payload{data, std::min(size, hop::max_payload_size)};
  const bool parity = header.fec;  // its payload says which packets there are: taken only where it is sealed
  if (parity && std::holds_alternative<hop::OpenedPacket>(opener.open(sealer.seal_media(header, payload)))) std::abort();
  Bytes packet = parity ? sealer.seal_whole_media(header, payload) : sealer.seal_media(header, payload);
  if (size >= 3) {
    Bytes damaged = packet;
    const std::size_t place = (std::size_t{data[0]} << 8 | data[1]) % hop::media_overhead;
    damaged[place] ^= data[2];
    const bool changed = data[2] != 0;
    if (changed && std::holds_alternative<hop::OpenedPacket>(opener.open(damaged))) std::abort();
  }
  if (!std::holds_alternative<hop::OpenedPacket>(opener.open(packet))) std::abort();
  if (std::get<hop::Drop>(opener.open(packet)) != hop::Drop::replayed) std::abort();
  return 0;
}
