#include "conclave/devices.h"
#include "media.h"
#include "structs.h"

namespace conclave::c {
namespace {

constexpr std::uint32_t most_waiting = 100'000;

std::unique_ptr<Sink> fetched_sink(const conclave_sink_config& config) {
  const std::uint32_t media = config.media != 0 ? config.media : CONCLAVE_MEDIA_PICTURE | CONCLAVE_MEDIA_SOUND;
  auto inbox = std::make_shared<Inbox>(media, config.most_waiting != 0 ? config.most_waiting : 64);
  return std::make_unique<Sink>(inbox, inbox);
}

Result<std::shared_ptr<MediaSink>> open_device(const conclave_sink_config& config) {
  const auto path = text_or(config.path, "");
  const bool file = config.kind == CONCLAVE_SINK_WEBM || config.kind == CONCLAVE_SINK_STILL;
  if (file && path.empty()) return invalid("the path of the file is missing");
  switch (config.kind) {
    case CONCLAVE_SINK_WEBM: return record_webm(path);
    case CONCLAVE_SINK_STILL: return keep_still(path);
    case CONCLAVE_SINK_WINDOW: return open_window(path.empty() ? "Conclave" : path);
    case CONCLAVE_SINK_SPEAKER: return open_speaker();
    default: return invalid("there is no such kind of sink");
  }
}

Result<std::unique_ptr<Sink>> open_sink(const conclave_sink_config& config) {
  if (config.media > 15 || config.most_waiting > most_waiting) return invalid("media or most_waiting of the sink are out of range");
  if (config.kind == CONCLAVE_SINK_FETCHED) return fetched_sink(config);
  CONCLAVE_C_ASSIGN(device, open_device(config));
  return std::make_unique<Sink>(std::move(device), nullptr);
}

}  // namespace
}  // namespace conclave::c

using namespace conclave;
using namespace conclave::c;

conclave_result conclave_sink_open(const conclave_sink_config* given, conclave_handle* sink) {
  return guarded([&]() -> Result<void> {
    if (sink == nullptr) return invalid("the place for the handle is NULL");
    CONCLAVE_C_ASSIGN(config, read_struct(given));
    CONCLAVE_C_ASSIGN(opened, open_sink(config));
    return hand_out(std::move(opened), sink);
  });
}

conclave_result conclave_sink_next(conclave_handle handle, int64_t timeout, conclave_media* media, void* buffer, size_t* size) {
  return with<Sink>(handle, [&](Sink& sink) -> Result<void> {
    CONCLAVE_C_TRY(size_of_struct(media));
    if (!sink.pieces) return invalid("nothing is fetched from this sink");
    conclave_media fetched{};
    CONCLAVE_C_TRY(sink.pieces->fetch(timeout_of(timeout), fetched, buffer, size));
    return write_struct(media, fetched);
  });
}
