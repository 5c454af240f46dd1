// The engine behind `Conference`: at the door, in the meeting, or done.
#pragma once

#include <memory>
#include <optional>
#include <variant>

#include "conference/context.h"
#include "conference/door.h"
#include "conference/media_engine.h"
#include "conference/membership.h"
#include "conference/resumption.h"

namespace conclave {

class Conference::Engine {
 public:
  static Result<std::unique_ptr<Engine>> create(ConferenceConfig config, Link link, bool hosting, UnixSeconds wall_time, Time now);

  ConferenceOutputs handle(ConferenceInput input, Time now);
  [[nodiscard]] Time next_deadline() const;
  [[nodiscard]] const Link& link() const { return context_.link; }
  [[nodiscard]] ConferenceReport report() const;

 private:
  struct Meeting {
    conference::Membership membership;
    conference::MediaEngine media;
    conference::Resumption resumption;
    std::optional<transport::StreamsAvailable> early_streams{};  ///< that came before the answer to a resumption
  };
  struct Ended {
    ConferenceReport report;
  };

  explicit Engine(conference::Context context, Time now);
  void on_event(TransportEvent& event, Time now);
  void at_door(const TransportEvent& event, Time now);
  void step(conference::Door::Step step, Time now);
  void enter(conference::Entered entered, Time now);
  void in_meeting(Meeting& meeting, const TransportEvent& event, Time now);
  void on_closed(Meeting& meeting, const Error& error, Time now);
  void on_resumed(Meeting& meeting, const transport::Resumed& resumed, Time now);
  void on_seat_refused(Meeting& meeting, const transport::Refused& refused, Time now);
  void on_message(Meeting& meeting, const transport::RelayMessage& message, Time now);
  void apply(Meeting& meeting, const conference::MembershipChange& change, Time now);
  void on_input(Meeting& meeting, const ConferenceInput& input, Time now);
  template <class Frame>
  void on_capture(Meeting& meeting, const Frame& frame, Time now);
  void on_tick(Time now);
  void expire_media(Meeting& meeting, Time now);
  /// Before those whom it is about have gone.
  void tell_doubts(Meeting& meeting, Time now);
  void leave();
  void end(ConferenceEnded ended);

  conference::Context context_;
  ConferenceOutputs out_;
  std::variant<conference::Door, Meeting, Ended> state_;
  std::optional<Duration> setup_time_;
};

}  // namespace conclave
