#include "conclave/conference.h"

#include "base/result.h"
#include "conference/engine.h"
#include "room/safety_code.h"

namespace conclave {

Conference::Conference(std::unique_ptr<Engine> engine) : engine_(std::move(engine)) {}
Conference::Conference(Conference&&) noexcept = default;
Conference& Conference::operator=(Conference&&) noexcept = default;
Conference::~Conference() = default;

Result<Conference> Conference::host(ConferenceConfig config, const Link& relay, UnixSeconds wall_time, Time now) {
  CONCLAVE_ASSIGN(engine, Engine::create(std::move(config), relay, true, wall_time, now));
  return Conference(std::move(engine));
}

Result<Conference> Conference::join(ConferenceConfig config, const Link& link, UnixSeconds wall_time, Time now) {
  CONCLAVE_ASSIGN(engine, Engine::create(std::move(config), link, false, wall_time, now));
  return Conference(std::move(engine));
}

ConferenceOutputs Conference::handle(ConferenceInput input, Time now) { return engine_->handle(std::move(input), now); }
Time Conference::next_deadline() const { return engine_->next_deadline(); }
const Link& Conference::link() const { return engine_->link(); }
ConferenceReport Conference::report() const { return engine_->report(); }

Result<SafetyCodeComputed> compute_safety_code(const ComputeSafetyCode& job) {
  CONCLAVE_ASSIGN(code, room::safety_code(job.identity_keys));
  return SafetyCodeComputed{job.identity_keys, {std::move(code.digits), std::move(code.words)}};
}

}  // namespace conclave
