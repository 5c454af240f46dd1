#include "relay/guard.h"

#include <utility>

namespace conclave::relay {

void Guard::sent(const MediaPacket& packet, bool sound, NarrowPath* path, Turn& turn) { send(protection_.sent(packet, sound, turn.now), path, turn); }

void Guard::tick(NarrowPath* path, Turn& turn) { send(protection_.due(turn.now), path, turn); }

void Guard::send(std::vector<MediaPacket> packets, NarrowPath* path, Turn& turn) {
  for (MediaPacket& packet : packets) {
    ++(packet.header.fec ? turn.counters.parity_sent : turn.counters.sounds_repeated);
    if (path != nullptr) path->pacer.charge(packet.payload.size(), turn.now);
    turn.out.forward(self_, std::move(packet));
  }
}

}  // namespace conclave::relay
