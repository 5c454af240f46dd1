// One call, from the opened sources to the closing report.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "delay_meter.h"
#include "doorkeeper.h"
#include "failure.h"
#include "options.h"
#include "output_file.h"
#include "status_line.h"
#include "summary.h"

namespace conclave::call {

class Call {
 public:
  explicit Call(Options options);

  /// Runs the call to its end and reports it.
  ExitCode run();

 private:
  /// A summary and when it was drawn up.
  struct Snapshot {
    Time taken{};
    Summary summary;
  };

  Failure open();
  void converse();
  void handle(const ClientEvent& event);
  void update_presence();
  void tell_knocking();
  void leave_when_due();
  void leave();
  void read_terminal();
  [[nodiscard]] std::string name_of(MemberId member) const;
  void tell_failed_sinks();
  void draw_status();
  void note_transport(Time now);
  void note_silence(Snapshot& newest);
  Summary summarise();
  void tell_unwritten() const;
  void write_record(const Summary& summary);
  void write_contacts(const Summary& summary);
  void close();

  void on(const RoomReady&);
  void on(const KnockReceived& knock) { door_->knocked(knock); }
  void on(const KnockWithdrawn& knock) { door_->withdrawn(knock); }
  void on(const Joined&) { joined_ = joined_ || !options_.hosting; }  // a host: with RoomReady
  void on(const MemberJoined& member);
  void on(const MemberLeft& member);
  void on(const EpochChanged&) {}
  void on(const SafetyCodeChanged& code);
  void on(const MemberUnconfirmed& member);
  void on(const MemberReconfirmed&) {}
  void on(const MeetingSuspended& meeting);
  void on(const Reconnecting&);
  void on(const Reconnected& back);
  void on(const RoomChanged&) {}
  void on(const ChatReceived& chat);
  void on(const ReactionReceived& reaction);
  void on(const HandChanged& hand);
  void on(const CommandRefused& refused);
  void on(const ContactSeen& contact);
  void on(const InvitationMade& invitation);
  void on(const LeaderLost& leader);
  void on(const HeirSpoke& spoke);
  void on(const SpeakerDoubted& speaker);
  void on(const SeatKept& seat);
  void on(const SourceEnded& source);
  void on(const ConferenceEnded& end);

  Options options_;
  StatusLine status_;
  std::shared_ptr<DelayMeter> meter_ = std::make_shared<DelayMeter>();
  std::vector<std::shared_ptr<MediaSink>> sinks_;  ///< those that have not failed
  std::optional<Client> client_;
  std::optional<Doorkeeper> door_;
  std::string place_;
  std::vector<FileWatch> media_files_;  ///< of --record and --still, which come only with media
  std::deque<Snapshot> history_;
  std::uint64_t heard_bytes_ = 0;
  Time last_heard_{};
  SafetyCodeChanged safety_code_;  ///< the last one with somebody else
  std::uint64_t epoch_ = 0;        ///< likewise
  std::vector<std::string> met_;
  std::vector<std::string> present_;
  std::optional<Time> broken_since_;  ///< the connection
  bool changing_over_ = false;        ///< to another one, which stands
  std::uint64_t reconnections_ = 0;
  Duration over_udp_{};
  Duration over_tcp_{};
  Duration longest_gap_{};
  std::optional<Time> first_together_;
  std::optional<Time> together_since_;
  Duration together_before_{};
  Failure failure_;
  bool knocking_ = false;  ///< a guest, connected
  bool joined_ = false;
  bool leaving_ = false;
  bool ended_ = false;
};

}  // namespace conclave::call
