// How long packets take from one socket to others, by the clock of the kernel alone: what whoever reads them is kept from doing does not count.
#pragma once

#include <sched.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <ostream>
#include <string>
#include <vector>

#include "conclave/bytes.h"
#include "conclave/time.h"

namespace conclave::test {

using Microseconds = std::int64_t;

/// A datagram and when the kernel put it into its socket (SO_TIMESTAMPNS, socket(7)).
struct StampedDatagram {
  Microseconds at = 0;
  ByteView bytes;
};

/// Reads a socket that somebody else owns.
class StampedReader {
 public:
  explicit StampedReader(int descriptor) : descriptor_(descriptor), slots_(batch) {
    const int on = 1;
    (void)::setsockopt(descriptor, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
  }

  /// What has arrived, at most 64; valid until the next call.
  std::vector<StampedDatagram> read() {
    std::array<mmsghdr, batch> messages{};
    std::array<iovec, batch> pieces{};
    for (std::size_t i = 0; i < batch; ++i) {
      pieces[i] = {slots_[i].bytes.data(), slots_[i].bytes.size()};
      messages[i].msg_hdr.msg_iov = &pieces[i];
      messages[i].msg_hdr.msg_iovlen = 1;
      messages[i].msg_hdr.msg_control = slots_[i].control.data();
      messages[i].msg_hdr.msg_controllen = slots_[i].control.size();
    }
    const int got = ::recvmmsg(descriptor_, messages.data(), batch, MSG_DONTWAIT, nullptr);
    std::vector<StampedDatagram> out;
    for (std::size_t i = 0; i < static_cast<std::size_t>(std::max(got, 0)); ++i) {
      out.push_back({stamp_of(messages[i].msg_hdr), ByteView(slots_[i].bytes).first(messages[i].msg_len)});
    }
    return out;
  }

 private:
  static constexpr std::size_t batch = 64;
  struct Slot {
    std::array<std::uint8_t, 1500> bytes;
    alignas(cmsghdr) std::array<char, 128> control;
  };

  static Microseconds stamp_of(msghdr& message) {
    for (cmsghdr* part = CMSG_FIRSTHDR(&message); part != nullptr; part = CMSG_NXTHDR(&message, part)) {
      if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_TIMESTAMPNS) continue;
      timespec stamp{};
      std::memcpy(&stamp, CMSG_DATA(part), sizeof stamp);
      return stamp.tv_sec * 1'000'000 + stamp.tv_nsec / 1000;
    }
    return 0;
  }

  int descriptor_;
  std::vector<Slot> slots_;
};

/// Now, by the clock of the stamps.
inline Time kernel_now() {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  return Time(std::chrono::microseconds(now.tv_sec * 1'000'000 + now.tv_nsec / 1000));
}

/// What one run showed.
struct Delays {
  std::vector<Microseconds> delays{};  ///< one for each packet and receiver
  std::size_t sent = 0;
  double busy = 0;    ///< the part of one processor that the forwarding thread used
  double kept = 0;    ///< the part of the time in which it could have run and somebody else did
  double stolen = 0;  ///< the part of its processor that another virtual machine had

  [[nodiscard]] Microseconds at(double fraction) {
    std::sort(delays.begin(), delays.end());
    return delays.empty() ? -1 : delays[static_cast<std::size_t>(fraction * static_cast<double>(delays.size() - 1))];
  }
  static std::string percent(double part) { return std::to_string(static_cast<int>(1000 * part + 0.5) / 10) + "." + std::to_string(static_cast<int>(1000 * part + 0.5) % 10) + " %"; }
  void tell(std::ostream& out, const char* name) {
    out << name << ": " << sent << " packets, " << delays.size() << " arrivals, p50 " << at(0.5) << ", p90 " << at(0.9) << ", p99 " << at(0.99) << ", p99.9 " << at(0.999) << ", most "
        << at(1) << " us; busy " << percent(busy) << ", kept from running " << percent(kept) << ", stolen " << percent(stolen) << std::endl;
  }
};

/// At one receiver.
struct Arrival {
  std::uint32_t number = 0;  ///< of the packet, in this run
  Microseconds at = 0;
};

/// When which packet left: a copy of its number goes to a socket of our own, by the same call and just before it.
class Departures {
 public:
  explicit Departures(int witness) : reader_(witness) {}
  void collect() {
    for (auto got = reader_.read(); !got.empty(); got = reader_.read()) {
      for (const auto& datagram : got) stamps_.push_back(datagram.at);
    }
  }
  [[nodiscard]] std::vector<Microseconds> delays_of(const std::vector<Arrival>& arrivals) const {
    std::vector<Microseconds> out;
    out.reserve(arrivals.size());
    for (const Arrival& arrival : arrivals) {
      if (arrival.number < stamps_.size()) out.push_back(arrival.at - stamps_[arrival.number]);
    }
    return out;
  }

 private:
  StampedReader reader_;
  std::vector<Microseconds> stamps_;
};

/// While it lives, this thread runs on one processor alone, and so do those that it starts.
class Pinned {
 public:
  explicit Pinned(bool wanted) : wanted_(wanted) { ::sched_getaffinity(0, sizeof before_, &before_); }
  Pinned(const Pinned&) = delete;
  Pinned& operator=(const Pinned&) = delete;
  ~Pinned() { ::sched_setaffinity(0, sizeof before_, &before_); }
  void to(int processor) const {
    if (!wanted_) return;
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(processor, &set);
    ::sched_setaffinity(0, sizeof set, &set);
  }

 private:
  bool wanted_;
  cpu_set_t before_{};
};

/// A thread of this process; 0: the one that asks.
using Thread = int;

inline std::vector<Thread> threads() {
  std::vector<Thread> all;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/task")) all.push_back(std::stoi(entry.path().filename()));
  return all;
}
/// Those that are there now and were not before.
inline std::vector<Thread> threads_since(const std::vector<Thread>& before) {
  std::vector<Thread> fresh = threads();
  std::erase_if(fresh, [&](Thread each) { return std::find(before.begin(), before.end(), each) != before.end(); });
  return fresh;
}
/// How a thread stands among those that would like to run on its processor. What is not permitted here is left as it is.
enum class Rank : std::uint8_t {
  ordinary,
  unit,   ///< as examples/relay/conclave-relay.service runs a relay: nice -10
  first,  ///< before all that are ordinary, and for good
};
inline void rank(Thread thread, Rank as) {
  sched_param priority{};
  priority.sched_priority = 1;
  if (as == Rank::first) (void)::sched_setscheduler(thread, SCHED_FIFO, &priority);
  else (void)::setpriority(PRIO_PROCESS, static_cast<id_t>(thread), as == Rank::unit ? -10 : 0);
}
/// Seconds that it ran, and that it waited to be let (schedstat, in nanoseconds).
inline std::pair<double, double> ran_and_waited(Thread thread) {
  std::ifstream in("/proc/self/task/" + std::to_string(thread) + "/schedstat");
  double ran = 0, waited = 0;
  in >> ran >> waited;
  return {1e-9 * ran, 1e-9 * waited};
}

inline double seconds_of(clockid_t clock) {
  timespec now{};
  ::clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

/// Seconds that others had this processor of a virtual machine.
inline double stolen_from(int processor) {
  std::ifstream in("/proc/stat");
  const std::string wanted = "cpu" + std::to_string(processor);
  std::string name;
  while (in >> name) {
    std::array<double, 8> ticks{};
    if (name == wanted) {
      for (double& each : ticks) in >> each;
      return ticks[7] / 100;
    }
    std::getline(in, name);
  }
  return 0;
}

}  // namespace conclave::test
