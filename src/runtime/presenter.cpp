#include "runtime/presenter.h"

#include <algorithm>

#include "runtime/steady_time.h"

namespace conclave::runtime {
namespace {

constexpr Duration longest_wait = std::chrono::hours(1);
constexpr Duration longest_plan =
    std::chrono::seconds(2);  // a piece due later than this is a mistake, and shown at once

std::size_t size_of(const PlayAudio& piece) { return piece.frame.samples.size() * sizeof(std::int16_t); }
std::size_t size_of(const ShowVideo& piece) {
  return piece.frame.y.size() + piece.frame.u.size() + piece.frame.v.size();
}
std::size_t size_of(const RecordAudio& piece) { return piece.frame.data.size(); }
std::size_t size_of(const RecordVideo& piece) { return piece.frame.data.size(); }

std::size_t size_of(const Presentable& piece) {
  return std::visit([](const auto& what) { return size_of(what); }, piece);
}

/// When the piece is due; records are due at once.
Time due_of(const Presentable& piece, Time now) {
  Time due = now;
  if (const auto* audio = std::get_if<PlayAudio>(&piece)) due = audio->play_at;
  if (const auto* video = std::get_if<ShowVideo>(&piece)) due = video->show_at;
  return due > now + longest_plan ? now : due;
}

void give(MediaSink& sink, const PlayAudio& piece, Time now) { sink.play(piece.member, piece.frame, now); }
void give(MediaSink& sink, const ShowVideo& piece, Time now) { sink.show(piece.member, piece.frame, now); }
void give(MediaSink& sink, const RecordAudio& piece, Time) { sink.record(piece); }
void give(MediaSink& sink, const RecordVideo& piece, Time) { sink.record(piece); }

}  // namespace

Presenter::Presenter(std::vector<std::shared_ptr<MediaSink>> sinks)
    : sinks_(std::move(sinks)), thread_([this] { run(); }) {}

Presenter::~Presenter() { static_cast<void>(finish()); }

void Presenter::offer(Presentable piece) {
  const auto size = size_of(piece);
  if (bytes_.load() + size > most_bytes) {
    ++dropped_;
    return;
  }
  bytes_ += size;
  if (arriving_.push(std::move(piece))) return;
  bytes_ -= size;
  ++dropped_;
}

Result<void> Presenter::finish() {
  arriving_.close();
  if (thread_.joinable()) thread_.join();
  return outcome_;
}

void Presenter::run() {
  while (!arriving_.finished()) {
    const Duration patience = waiting_.empty() ? longest_wait : waiting_.begin()->first - steady_now();
    auto piece = arriving_.pop_within(std::max(patience, Duration::zero()));
    if (piece) schedule(*std::move(piece));
    present_due(steady_now());
  }
  for (const auto& sink : sinks_) {
    auto finished = sink->finish();
    if (outcome_.ok()) outcome_ = std::move(finished);
  }
}

void Presenter::schedule(Presentable piece) {
  const Time due = due_of(piece, steady_now());
  waiting_.emplace(due, std::move(piece));
}

void Presenter::present_due(Time now) {
  while (!waiting_.empty() && waiting_.begin()->first <= now) {
    const auto piece = waiting_.extract(waiting_.begin());
    bytes_ -= size_of(piece.mapped());
    present(piece.mapped(), now);
  }
}

void Presenter::present(const Presentable& piece, Time now) {
  for (const auto& sink : sinks_) {
    std::visit([&](const auto& what) { give(*sink, what, now); }, piece);
  }
}

}  // namespace conclave::runtime
