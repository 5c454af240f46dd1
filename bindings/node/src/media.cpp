// Sources and sinks.
#include "napi.h"

namespace conclave_node {
namespace {

napi_value open_source(napi_env env, napi_callback_info info) {  // (config, wants video)
  const Arguments given(env, info);
  const auto get = [&](const char* name) { return static_cast<std::uint32_t>(integer_of(env, given.at(0), name)); };
  const auto path = text_of(env, given.at(0), "path");
  conclave_source_config config{};
  config.struct_size = sizeof config;
  config.kind = get("kind");
  config.path = path.c_str();
  config.loop = get("loop");
  config.codec = get("codec");
  config.width = get("width");
  config.height = get("height");
  config.frames_per_second = get("framesPerSecond");
  config.video_bitrate = config.audio_bitrate = get("bitrate");
  config.channels = get("channels");
  conclave_handle source = 0;
  const bool video = given.integer(1) != 0;
  (video ? config.audio_bitrate : config.video_bitrate) = 0;
  if (conclave_source_open(&config, video ? &source : nullptr, video ? nullptr : &source) != CONCLAVE_OK) return throw_error(env, last_error());
  return make_handle(env, source);
}

napi_value push_picture(napi_env env, napi_callback_info info) {  // (source, width, height, y, u, v)
  const Arguments given(env, info);
  conclave_picture picture{};
  picture.struct_size = sizeof picture;
  picture.width = static_cast<std::uint32_t>(given.integer(1));
  picture.height = static_cast<std::uint32_t>(given.integer(2));
  const std::size_t half = (std::size_t{picture.width} + 1) / 2, chroma = half * ((std::size_t{picture.height} + 1) / 2);
  const auto y = given.bytes(3), u = given.bytes(4), v = given.bytes(5);
  const bool whole = y.size >= std::size_t{picture.width} * picture.height && u.size >= chroma && v.size >= chroma;
  picture.y = whole ? y.data : nullptr;  // refused below
  picture.u = u.data;
  picture.v = v.data;
  picture.y_stride = picture.width;
  picture.u_stride = picture.v_stride = static_cast<std::uint32_t>(half);
  return checked(env, conclave_source_push_picture(given.handle(0), &picture));
}

napi_value push_sound(napi_env env, napi_callback_info info) {  // (source, samples)
  const Arguments given(env, info);
  const auto samples = given.bytes(1);
  return checked(env, conclave_source_push_sound(given.handle(0), reinterpret_cast<const std::int16_t*>(samples.data), samples.size / 2, 0));
}

napi_value waiting(napi_env env, napi_callback_info info) {
  std::uint64_t amount = 0;
  if (conclave_source_waiting(Arguments(env, info).handle(0), &amount) != CONCLAVE_OK) return throw_error(env, last_error());
  return number(env, static_cast<double>(amount));
}

napi_value speak(napi_env env, napi_callback_info info) {
  const auto words = Arguments(env, info).text(0);
  std::vector<std::int16_t> samples;
  std::size_t count = 0;
  conclave_result result = conclave_speak(words.c_str(), nullptr, &count);
  if (result == CONCLAVE_BUFFER_TOO_SMALL) {
    samples.resize(count);
    result = conclave_speak(words.c_str(), samples.data(), &count);
  }
  if (result != CONCLAVE_OK) return throw_error(env, last_error());
  return buffer(env, samples.data(), samples.size() * sizeof(std::int16_t));
}

napi_value open_sink(napi_env env, napi_callback_info info) {  // (kind, path, media, most waiting)
  const Arguments given(env, info);
  const auto path = given.text(1);
  conclave_sink_config config{};
  config.struct_size = sizeof config;
  config.kind = static_cast<std::uint32_t>(given.integer(0));
  config.path = path.c_str();
  config.media = static_cast<std::uint32_t>(given.integer(2));
  config.most_waiting = static_cast<std::uint32_t>(given.integer(3));
  conclave_handle sink = 0;
  if (conclave_sink_open(&config, &sink) != CONCLAVE_OK) return throw_error(env, last_error());
  return make_handle(env, sink);
}

/// Waits for a piece, and for its length: the buffer is made to fit.
struct Fetch final : Task {
  conclave_handle sink = 0;
  std::int64_t timeout = 0;
  conclave_media media{};
  std::vector<std::uint8_t> bytes;

  void work() override {
    media.struct_size = sizeof media;
    std::size_t size = 0;
    while ((result = conclave_sink_next(sink, timeout, &media, bytes.data(), &size)) == CONCLAVE_BUFFER_TOO_SMALL) bytes.resize(size);
    bytes.resize(result == CONCLAVE_OK ? size : 0);
  }

  napi_value finish(napi_env env) override {
    napi_value piece = nullptr;
    if (media.kind == CONCLAVE_MEDIA_NONE) {
      napi_get_null(env, &piece);
      return piece;
    }
    napi_create_object(env, &piece);
    set(env, piece, "kind", number(env, media.kind));
    set(env, piece, "member", number(env, media.member));
    set(env, piece, "width", number(env, media.width));
    set(env, piece, "height", number(env, media.height));
    set(env, piece, "channels", number(env, media.channels));
    set(env, piece, "captureTime", number(env, static_cast<double>(media.capture_time)));
    set(env, piece, "time", number(env, static_cast<double>(media.time)));
    set(env, piece, "bytes", buffer(env, bytes.data(), bytes.size()));
    return piece;
  }
};

napi_value fetch(napi_env env, napi_callback_info info) {  // (sink, timeout): a promise
  const Arguments given(env, info);
  auto* task = new Fetch;
  task->sink = given.handle(0);
  task->timeout = given.integer(1);
  return start(env, task);
}

}  // namespace

void define_media(napi_env env, napi_value exports) {
  define(env, exports, "openSource", open_source);
  define(env, exports, "pushPicture", push_picture);
  define(env, exports, "pushSound", push_sound);
  define(env, exports, "waiting", waiting);
  define(env, exports, "speak", speak);
  define(env, exports, "openSink", open_sink);
  define(env, exports, "fetch", fetch);
}

}  // namespace conclave_node
