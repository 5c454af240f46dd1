// Arbitrary bytes where a relay and a member expect those of a WebSocket: the frames of both ends however they are cut, the upgrade's
// request and its answer, Close frames; and whole connections, whose plain text is the input, which must not take another down.
#include <algorithm>
#include <cstdlib>
#include <string_view>

#include "base/bytes.h"
#include "transport/websocket/connection.h"
#include "transport/websocket/upgrade.h"

using namespace conclave;
using namespace conclave::transport;

namespace {

const quic::RelayKey& relay_key() {
  static const auto key = quic::RelayKey::generate();
  return *key;
}

/// The same frames come out whether the bytes arrive at once or in pieces, up to where they are refused.
void frames(bool masked, ByteView bytes, std::size_t step) {
  using Verdict = websocket::FrameReader::Verdict;
  websocket::FrameReader whole(masked), cut(masked);
  std::vector<websocket::Frame> first, second;
  const Verdict verdict = whole.push(bytes, first);
  Verdict other = Verdict::good;
  for (std::size_t at = 0; at < bytes.size() && other == Verdict::good; at += step) other = cut.push(bytes.subspan(at, std::min(step, bytes.size() - at)), second);
  if (verdict != other || first.size() != second.size()) std::abort();
  for (std::size_t i = 0; i < first.size(); ++i) {
    if (first[i].payload != second[i].payload || first[i].payload.size() > websocket::max_frame_payload) std::abort();
    if (first[i].opcode == websocket::Opcode::close) (void)websocket::read_close(first[i].payload);
  }
}

void heads(std::string_view text) {
  const auto verdict = websocket::read_upgrade_request(text);
  if (!verdict.key.empty() && verdict.key.size() != 24) std::abort();
  (void)websocket::read_upgrade_answer(text, "dGhlIHNhbXBsZSBub25jZQ==");
  websocket::HeadReader head;
  if (head.take(as_bytes(text)) > websocket::max_head_size) std::abort();
}

/// A relay's end whose peer speaks TLS as it should, and inside it what it likes.
void connection(ByteView input, bool upgraded) {
  static const auto credentials = websocket::ServerCredentials::make(relay_key());
  crypto::SeededRandom random(1);
  Time now{};
  const auto relay = websocket::Connection::accept(*credentials, {}, random, now);
  const auto tls = websocket::TlsSession::client(relay_key().hash());
  (void)tls->begin();
  if (upgraded) input = input.first(std::min<std::size_t>(input.size(), 60'000));
  Bytes heard;
  for (int round = 0; round < 8; ++round) {
    Bytes out;
    tls->take_output(out);
    relay->read(out, now);
    const ByteView answer = relay->output(now);
    (void)tls->receive(answer, heard);
    relay->consume(answer.size());
    if (round == 3 && upgraded) (void)tls->send(as_bytes(websocket::upgrade_request("dGhlIHNhbXBsZSBub25jZQ==")));
    if (round == 5 && !input.empty()) (void)tls->send(input.first(std::min<std::size_t>(input.size(), 16'000)));
  }
  std::size_t media = 0;
  for (const auto& event : relay->take_events()) media += std::holds_alternative<MediaPacket>(event) ? 1 : 0;
  if (media != relay->counters().media_received || (!upgraded && media > 0)) std::abort();
  now += std::chrono::seconds(60);
  for (int i = 0; i < 4; ++i) {
    relay->expire(now);
    relay->consume(relay->output(now).size());
    now += std::chrono::seconds(60);
  }
  if (!relay->finished()) std::abort();  // whatever it was told, it comes to an end
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const ByteView bytes(data + 1, size - 1);
  switch (data[0] % 4) {
    case 0: frames((data[0] & 4) != 0, bytes, 1 + data[0] / 8); break;
    case 1: heads({reinterpret_cast<const char*>(bytes.data()), bytes.size()}); break;
    default: connection(bytes, data[0] % 4 == 3);
  }
  return 0;
}
