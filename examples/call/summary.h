// A call at a glance: what the status line, the closing table and the JSON report are made from.
#pragma once

#include <string>
#include <vector>

#include "conclave/client.h"
#include "delay_meter.h"

namespace conclave::call {

/// The frames of one medium, over all remote members.
struct MediumSummary {
  std::uint64_t sent = 0;
  std::uint64_t received = 0;
  std::uint64_t lost = 0;
  std::uint64_t decode_failures = 0;
  std::uint64_t concealed = 0;
  std::uint64_t freezes = 0;
  std::uint64_t bytes_sent = 0;
  std::uint64_t bytes_received = 0;
};

struct Summary {
  bool hosting = false;
  std::string self;
  std::vector<std::string> met;  ///< the others' names, safe for a terminal
  std::vector<std::string> present;
  Duration in_call{};         ///< with somebody else
  Duration silence{};         ///< since the last sound or picture of anybody, while somebody is there
  std::optional<Duration> broken;  ///< how long the connection has been gone, while it is
  std::uint64_t reconnections = 0;
  Duration longest_gap{};     ///< without a connection
  Duration over_udp{};        ///< how long each has carried, to about half a second
  Duration over_tcp{};
  std::string safety_digits;  ///< the last safety code with somebody else
  std::string safety_words;
  std::uint64_t epoch = 0;  ///< the last one with somebody else
  MediumSummary video;
  MediumSummary audio;
  DelaySummary delay;
  ClientReport report;
  int exit_code = 0;
  std::string failure;  ///< one sentence; empty when the call ended properly
};

/// Adds up the report's media.
void add_media(Summary& summary);

/// Bits a second.
double bitrate(std::uint64_t bytes, Duration time);

/// Lost among those expected, from 0 to 1.
double loss(const MediumSummary& medium);

std::string closing_table(const Summary& summary);

/// The keys are documented in docs/conclave-call.md.
std::string closing_json(const Summary& summary);

}  // namespace conclave::call
