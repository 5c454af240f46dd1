// What a relay forwards per second of its processor, over real sockets, beside bare loops without cryptography or bookkeeping: one
// who sends 500 packets of 1,100 bytes a second in bursts of 8, and N who receive and report every 50 ms.
#include <benchmark/benchmark.h>
#include <netinet/udp.h>
#include <sys/socket.h>

#include <array>
#include <stdexcept>

#include "relay_hall.h"
#include "runtime/socket_address.h"

namespace {

using namespace conclave;
using namespace conclave::bench;

void tell(benchmark::State& state, std::uint64_t packets, double seconds) {
  state.counters["packets_per_cpu_second"] = static_cast<double>(packets) / seconds;
}

enum class Way { header, full, guarded, tcp };

std::unique_ptr<Door> door_of(Way way, crypto::Random& random) {
  if (way == Way::tcp) return std::make_unique<TcpDoor>(random);
  return std::make_unique<UdpDoor>(random, way == Way::full);
}

/// Guarded: each receiver says that it loses one packet of twenty, and gets parity made for it alone.
void forward(benchmark::State& state, Way way) {
  const auto receivers = static_cast<std::size_t>(state.range(0));
  Hall hall(receivers, [way](crypto::Random& random) { return door_of(way, random); }, way == Way::guarded ? 20 : 0);
  const std::int64_t heap = hall.heap();  // before there is anything in a ring
  for (int i = 0; i < 100; ++i) (void)hall.forward();
  const std::uint64_t before = hall.delivered();
  const std::uint64_t parity = hall.counters().parity_sent;
  double sum = 0;
  std::uint64_t bursts = 0;
  for (auto _ : state) {
    const double used = hall.forward();
    state.SetIterationTime(used);
    sum += used;
    ++bursts;
  }
  if (way == Way::tcp) sum += hall.catch_up();
  const std::uint64_t packets = bursts * burst * receivers;
  if (hall.delivered() - before != packets) state.SkipWithError("not everything arrived");
  tell(state, packets, sum);
  state.counters["parity_per_packet"] = static_cast<double>(hall.counters().parity_sent - parity) / static_cast<double>(packets);
  state.counters["heap_bytes_per_participant"] = static_cast<double>(heap) / static_cast<double>(receivers + 1);
}

/// Receives a burst and sends it to everybody: by segmentation offload, or packet by packet.
class BareLoop {
 public:
  explicit BareLoop(std::size_t receivers) : names_(receivers) {
    for (std::size_t i = 0; i < receivers; ++i) {
      receivers_.push_back(UdpSocket::bind(loopback).value());
      name_size_ = runtime::to_socket_address(receivers_.back().local_address(), family, names_[i]);
    }
  }

  double turn(bool segmented) {
    std::vector<transport::OutgoingPacket> out(burst, {relay_.local_address(), Bytes(1100, 7)});
    (void)sender_.send(out);
    const double begin = cpu_seconds();
    const auto datagrams = relay_.receive();
    segmented ? send_whole(datagrams) : send_singly(datagrams);
    const double used = cpu_seconds() - begin;
    for (auto& receiver : receivers_) {
      for (auto got = receiver.receive(); !got.empty(); got = receiver.receive()) delivered += got.size();
    }
    return used;
  }
  std::uint64_t delivered = 0;

 private:
  static constexpr int family = AF_INET6;

  void send_whole(const std::vector<runtime::ReceivedDatagram>& datagrams) {
    std::array<iovec, burst> pieces{};
    for (std::size_t i = 0; i < datagrams.size(); ++i) pieces[i] = piece(datagrams[i]);
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(std::uint16_t))> control{};
    const std::uint16_t size = 1100;
    std::vector<mmsghdr> messages(names_.size());
    for (std::size_t i = 0; i < names_.size(); ++i) {
      messages[i].msg_hdr = {&names_[i], name_size_, pieces.data(), datagrams.size(), control.data(), control.size(), 0};
    }
    cmsghdr* header = CMSG_FIRSTHDR(&messages[0].msg_hdr);
    header->cmsg_level = SOL_UDP;
    header->cmsg_type = UDP_SEGMENT;
    header->cmsg_len = CMSG_LEN(sizeof size);
    std::copy_n(reinterpret_cast<const char*>(&size), sizeof size, CMSG_DATA(header));
    send_all(messages);
  }
  void send_singly(const std::vector<runtime::ReceivedDatagram>& datagrams) {
    std::vector<iovec> pieces;
    for (const auto& datagram : datagrams) pieces.push_back(piece(datagram));
    std::vector<mmsghdr> messages;
    for (auto& name : names_) {
      for (auto& one : pieces) messages.push_back({{&name, name_size_, &one, 1, nullptr, 0, 0}, 0});
    }
    send_all(messages);
  }
  static iovec piece(const runtime::ReceivedDatagram& datagram) {
    return {const_cast<std::uint8_t*>(datagram.bytes.data()), datagram.bytes.size()};
  }
  void send_all(std::vector<mmsghdr>& messages) {
    for (std::size_t at = 0; at < messages.size();) {
      const auto most = static_cast<unsigned>(std::min<std::size_t>(64, messages.size() - at));
      const int sent = ::sendmmsg(relay_.descriptor(), messages.data() + at, most, 0);
      if (sent <= 0) throw std::runtime_error("sendmmsg");
      at += static_cast<std::size_t>(sent);
    }
  }

  UdpSocket sender_ = UdpSocket::bind(loopback).value();
  UdpSocket relay_ = UdpSocket::bind(loopback).value();
  std::vector<UdpSocket> receivers_;
  std::vector<sockaddr_storage> names_;
  socklen_t name_size_ = 0;
};

void raw(benchmark::State& state, bool segmented) {
  const auto receivers = static_cast<std::size_t>(state.range(0));
  BareLoop loop(receivers);
  double sum = 0;
  std::uint64_t bursts = 0;
  for (auto _ : state) {
    const double used = loop.turn(segmented);
    state.SetIterationTime(used);
    sum += used;
    ++bursts;
  }
  const std::uint64_t packets = bursts * burst * receivers;
  if (loop.delivered != packets) state.SkipWithError("not everything arrived");
  tell(state, packets, sum);
}

}  // namespace

BENCHMARK_CAPTURE(forward, header, Way::header)->Name("relay/forward")->Arg(10)->Arg(50)->Arg(200)->UseManualTime();
BENCHMARK_CAPTURE(forward, full, Way::full)->Name("relay/forward_full")->Arg(10)->Arg(50)->Arg(200)->UseManualTime();
BENCHMARK_CAPTURE(forward, guarded, Way::guarded)->Name("relay/forward_guarded")->Arg(10)->Arg(50)->Arg(200)->UseManualTime();
BENCHMARK_CAPTURE(forward, tcp, Way::tcp)->Name("relay/forward_tcp")->Arg(10)->Arg(50)->Arg(200)->UseManualTime();
BENCHMARK_CAPTURE(raw, gso, true)->Name("relay/raw_gso")->Arg(10)->Arg(50)->Arg(200)->UseManualTime();
BENCHMARK_CAPTURE(raw, sendmmsg, false)->Name("relay/raw_sendmmsg")->Arg(10)->Arg(50)->Arg(200)->UseManualTime();
