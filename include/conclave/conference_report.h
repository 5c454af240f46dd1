// How a conference goes: who is there, what was sent and heard, and what was dropped.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "conclave/contacts.h"
#include "conclave/frame_doubt.h"
#include "conclave/room.h"
#include "conclave/session.h"
#include "conclave/time.h"

namespace conclave {

/// What became of the frames of one medium from one member.
struct ReceiveReport {
  MemberId member = 0;
  bool video = false;
  std::uint64_t frames_received = 0;   ///< opened and authenticated
  std::uint64_t frames_lost = 0;       ///< expected by frame number, never completed in time
  std::uint64_t frames_decoded = 0;
  std::uint64_t decode_failures = 0;
  std::uint64_t frames_concealed = 0;  ///< sound made up for a loss
  std::uint64_t packets_received = 0;
  std::uint64_t packets_lost = 0;
  std::uint64_t packets_recovered = 0; ///< by retransmission
  std::uint64_t bytes_received = 0;    ///< sealed payload
  std::uint64_t keyframes_requested = 0;
  std::uint64_t freezes = 0;           ///< pictures more than 500 ms apart
  Duration longest_freeze{};           ///< the longest time between two pictures
  int width = 0;                       ///< of the last picture
};

/// What was sent of one medium.
struct SendReport {
  bool video = false;
  std::uint64_t frames_sent = 0;  ///< a picture counts once, in however many sizes it is sent
  std::uint64_t packets_sent = 0;
  std::uint64_t bytes_sent = 0;  ///< sealed payload
  std::uint64_t retransmissions = 0;
  std::uint64_t keyframes = 0;  ///< of each size
};

/// Frames and messages that were dropped, by reason. None of them reached a decoder or changed a key.
struct DropReport {
  std::uint64_t malformed = 0;
  std::uint64_t unknown_epoch = 0;
  std::uint64_t unknown_sender = 0;
  std::uint64_t forged = 0;
  std::uint64_t replayed = 0;
  std::uint64_t incomplete = 0;      ///< fragments whose frame never became whole
  std::uint64_t wrong_stream = 0;    ///< header and frame do not belong together
  std::uint64_t bad_message = 0;     ///< control or handshake message refused
};

/// A member, as its credential and the room say; the name is inert.
struct RosterEntry {
  MemberId member = 0;
  std::string display_name;
  bool self = false;
  Role role = Role::speaker;
  Rights rights;
  bool hand_raised = false;
  Bytes identity_key{};
  bool verified = false;       ///< the safety code was compared: in this call, or with a contact
  std::string verified_by{};   ///< the trusted organisation that certified it, or empty
  std::string certified_as{};  ///< under which name; inert
  std::string invited_as{};    ///< to whom the personal invitation was given by which it came; inert, or empty
};

/// How a conference goes, at one moment.
struct ConferenceReport {
  std::uint64_t epoch = 0;
  Bytes epoch_authenticator;
  std::string safety_digits;
  std::string safety_words;
  std::vector<RosterEntry> roster;
  RoomSettings room;
  std::vector<SendReport> sent;
  std::vector<ReceiveReport> received;
  DropReport dropped;
  StatementCounters statements;  ///< of signed frames of others
  Duration setup_time{};  ///< from the start to `Joined` (a host: to the first member joined)
  std::optional<ContactBook> contacts{};  ///< once it is over, where there were some: with whom we have met
  Bytes record;           ///< once it is over: what happened as we saw it, signed by us (include/conclave/transcript.h)
};

}  // namespace conclave
