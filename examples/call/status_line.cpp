#include "status_line.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <iomanip>
#include <iostream>
#include <sstream>

#include "terminal.h"

namespace conclave::call {
namespace {

constexpr Duration sparse_period = std::chrono::seconds(10);
constexpr Duration worth_telling = std::chrono::seconds(2);

std::size_t terminal_columns() {
  winsize size{};
  return ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 10 ? size.ws_col : 80;
}

std::string clock_text(Duration time) {
  const auto all = std::chrono::duration_cast<std::chrono::seconds>(time).count();
  std::ostringstream out;
  out << std::setfill('0') << std::setw(2) << all / 60 << ':' << std::setw(2) << all % 60;
  return out.str();
}

std::uint64_t bytes_out(const Summary& summary) { return summary.video.bytes_sent + summary.audio.bytes_sent; }
std::uint64_t bytes_in(const Summary& summary) { return summary.video.bytes_received + summary.audio.bytes_received; }

double rate(std::uint64_t now, std::uint64_t before, Duration between) {
  return bitrate(now > before ? now - before : 0, between);
}

}  // namespace

std::string status_text(const Summary& now, const Summary& before, Duration between, std::optional<Duration> delay) {
  std::ostringstream out;
  out << clock_text(now.in_call) << "  ";
  for (std::size_t at = 0; at < now.present.size(); ++at)
    out << (at == 0 ? "" : ", ") << quoted_name(now.present[at], 20);
  if (now.present.empty()) out << "alone";
  if (now.broken) out << "  RECONNECTING FOR " << *now.broken / std::chrono::seconds(1) << " s";
  if (!now.broken && now.silence >= worth_telling) out << "  NOTHING HEARD FOR " << now.silence / std::chrono::seconds(1) << " s";
  out << "  epoch " << now.epoch << std::fixed << std::setprecision(0) << "  out "
      << rate(bytes_out(now), bytes_out(before), between) / 1e3 << " kbit/s "
      << rate(now.video.sent, before.video.sent, between) / 8 << " fps  in "
      << rate(bytes_in(now), bytes_in(before), between) / 1e3 << " kbit/s "
      << rate(now.video.received, before.video.received, between) / 8 << " fps  loss " << std::setprecision(1)
      << loss(now.video) * 100 << " %";
  if (now.report.relay_transport == RelayTransport::websocket) out << "  over TCP";
  if (delay) out << "  delay " << *delay / std::chrono::milliseconds(1) << " ms";
  return out.str();
}

void StatusLine::say(const std::string& message) {
  if (quiet_) return;
  clear();
  std::cerr << (question_.empty() ? "" : "\n") << message << std::endl;
  if (!question_.empty()) std::cerr << question_ << std::flush;
}

void StatusLine::show(const std::string& status, Time now) {
  if (quiet_ || !question_.empty()) return;
  if (terminal_) {
    std::cerr << "\r\033[K" << shortened(status, terminal_columns() - 1) << std::flush;
    drawn_ = true;
  } else if (now >= printed_ + sparse_period) {
    std::cerr << status << std::endl;
    printed_ = now;
  }
}

void StatusLine::ask(const std::string& question) {
  clear();
  std::cerr << question << std::flush;
  question_ = question;
}

void StatusLine::clear() {
  if (drawn_) std::cerr << "\r\033[K" << std::flush;
  drawn_ = false;
}

}  // namespace conclave::call
