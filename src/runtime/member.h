// One member at work: the engine, its path, its sources and sinks, driven by one thread.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <variant>

#include "conclave/client.h"
#include "runtime/bounded_queue.h"
#include "runtime/capture.h"
#include "runtime/datagram_port.h"
#include "runtime/presenter.h"
#include "runtime/resolver.h"
#include "runtime/route.h"
#include "runtime/safety_coder.h"
#include "runtime/waker.h"

namespace conclave::runtime {

/// Where to find the relay, and how to begin talking to one of its addresses.
struct MemberPath {
  std::string host;
  std::uint16_t port = 0;
  RouteDials dials;
  bool may_change = true;  ///< from one transport to the other, in the midst of a call
};

/// What an application asks a running member to do.
using MemberCommand = std::variant<AdmitKnock, RefuseKnocker, RemoveMember, RotateKeys, RoomCommand>;

/// `run` is the member's thread; `post`, `leave`, `deliver`, `wait`, `report` and `abandon` are for others.
class Member {
 public:
  Member(Conference conference, std::unique_ptr<DatagramPort> port, MemberPath path, ClientConfig config, bool hosting);

  /// Returns when the conference has ended and the goodbye has left, or after `abandon`.
  void run();

  /// False, and nothing happens, when too many wait.
  bool post(MemberCommand command);
  void leave();
  /// What the application's carrier brought.
  Result<void> deliver(ByteView datagram);
  std::optional<ClientEvent> wait(Duration timeout);
  [[nodiscard]] ClientReport report() const;
  /// Ends `run` at once.
  void abandon();
  /// After `run`: ends capture and finishes the sinks.
  Result<void> finish();

 private:
  static constexpr Duration report_period = std::chrono::milliseconds(500);
  static constexpr Duration goodbye_time = std::chrono::milliseconds(800);

  void dial(Time now);
  void step(Time now);
  void take_commands(Time now);
  void look_up(Time now);
  void receive(Time now);
  void poll_path(Time now);
  void take_media(Time now);
  void transmit(Time now);
  void sleep(Time now);
  /// Sleeps until `deadline`, a datagram, or the waker.
  void await(Time deadline, Time now);
  void tell_end(Time now);
  /// Lets the goodbye leave, and answers who has not heard it; not for long.
  void linger(Time since);

  void handle(ConferenceInput input, Time now);
  void on(SendMessage& output, Time now);
  void on(SendMedia& output, Time now);
  void on(SendFeedback& output, Time now);
  void on(CloseTransport&, Time now);
  void on(Redial&, Time now);
  void on(ComputeSafetyCode& output, Time now);
  void on(ConferenceEnded& output, Time now);
  void on(Joined& output, Time now);
  void on(Reconnecting& output, Time now);
  void on(Reconnected& output, Time now);
  void on(MemberJoined& output, Time now);
  template <class Event>
  void on(Event& output, Time now);

  void tell(ClientEvent event);
  void tell_source_ends();
  void set_seated(bool seated);
  void start_capture();
  void publish(Time now);

  Conference conference_;
  std::unique_ptr<DatagramPort> port_;
  MemberPath path_;
  bool hosting_;
  std::shared_ptr<Waker> waker_ = std::make_shared<Waker>();
  std::optional<Resolver> resolver_;
  std::optional<Route> route_;
  Time give_up_looking_{};
  VideoCapture video_;
  AudioCapture audio_;
  Presenter presenter_;
  SafetyCoder safety_coder_{waker_};
  bool more_pictures_ = false;
  bool path_failed_ = false;
  bool seated_ = false;  ///< the relay would give us our seat again
  std::uint64_t changes_ = 0;  ///< of the transport
  bool changing_over_ = false;
  Duration latest_wakeup_{};
  std::uint64_t events_lost_ = 0;
  std::atomic<bool> leave_asked_ = false;
  std::optional<ConferenceEnded> end_;
  Time next_report_{};

  std::atomic<bool> abandoned_ = false;
  BoundedQueue<MemberCommand> commands_{256};
  BoundedQueue<ClientEvent> events_{1024};
  mutable std::mutex shared_;
  ClientReport report_;                   ///< under `shared_`
  std::optional<ConferenceEnded> ended_;  ///< under `shared_`; told after all other events
};

}  // namespace conclave::runtime
