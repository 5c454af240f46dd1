// Sealing and opening frames.
#include <algorithm>
#include <cstring>
#include <utility>

#include "napi.h"

namespace conclave_node {
namespace {

napi_value make_sealer(napi_env env, napi_callback_info info) {  // (session, stream, mode)
  const Arguments given(env, info);
  conclave_handle sealer = 0;
  const auto stream = static_cast<std::uint32_t>(given.integer(1)), mode = static_cast<std::uint32_t>(given.integer(2));
  return handle_or_throw(env, conclave_session_make_sealer(given.handle(0), stream, mode, &sealer), sealer);
}

napi_value take_up(napi_env env, napi_callback_info info) {
  const Arguments given(env, info);
  return checked(env, conclave_sealer_take_up(given.handle(0), given.handle(1)));
}

napi_value seal(napi_env env, napi_callback_info info) {  // (sealer, frame, metadata, out): bytes written
  const Arguments given(env, info);
  const auto frame = given.bytes(1), metadata = given.bytes(2), out = given.bytes(3);
  std::size_t size = out.size;
  if (conclave_sealer_seal(given.handle(0), frame.data, frame.size, metadata.data, metadata.size, out.data, &size) != CONCLAVE_OK)
    return throw_error(env, last_error());
  return number(env, static_cast<double>(size));
}

napi_value max_sealed_size(napi_env env, napi_callback_info info) {  // (size, mode)
  const Arguments given(env, info);
  const auto size = conclave_max_sealed_size(static_cast<std::size_t>(given.integer(0)), static_cast<std::uint32_t>(given.integer(1)));
  return number(env, static_cast<double>(size));
}

napi_value create_opener(napi_env env, napi_callback_info) {
  conclave_handle opener = 0;
  const auto result = conclave_opener_create(&opener);
  return handle_or_throw(env, result, opener);
}

napi_value update_opener(napi_env env, napi_callback_info info) {
  const Arguments given(env, info);
  return checked(env, conclave_opener_update(given.handle(0), given.handle(1)));
}

napi_value next_proven(napi_env env, napi_callback_info info) {  // (opener): null when nothing is left
  const auto opener = Arguments(env, info).handle(0);
  conclave_opened opened{};
  opened.struct_size = sizeof opened;
  std::vector<std::uint8_t> frame(4096), metadata(4096);
  std::size_t size = frame.size(), metadata_size = metadata.size();
  conclave_result result = CONCLAVE_OK;
  while ((result = conclave_opener_next(opener, &opened, frame.data(), &size, metadata.data(), &metadata_size)) == CONCLAVE_BUFFER_TOO_SMALL) {
    frame.resize(size = std::max(size, frame.size()));
    metadata.resize(metadata_size = std::max(metadata_size, metadata.size()));
  }
  if (result != CONCLAVE_OK) return throw_error(env, last_error());
  napi_value out = nullptr;
  napi_get_null(env, &out);
  if (opened.status == CONCLAVE_HELD) return out;
  napi_create_object(env, &out);
  set(env, out, "sender", number(env, opened.sender));
  set(env, out, "stream", number(env, opened.stream));
  set(env, out, "frame", buffer(env, frame.data(), size));
  set(env, out, "metadata", buffer(env, metadata.data(), metadata_size));
  return out;
}

napi_value open_frame(napi_env env, napi_callback_info info) {  // (opener, sender, sealed, metadata, mode, out, what): what becomes status, sender, stream, size
  const Arguments given(env, info);
  const auto sealed = given.bytes(2), metadata = given.bytes(3), out = given.bytes(5), what = given.bytes(6);
  conclave_opened opened{};
  opened.struct_size = sizeof opened;
  const auto result = conclave_opener_open(given.handle(0), given.integer(1), sealed.data, sealed.size, metadata.data, metadata.size,
                                           static_cast<std::uint32_t>(given.integer(4)), out.data, out.size, &opened);
  const std::uint32_t told[] = {opened.status, opened.sender, opened.stream, static_cast<std::uint32_t>(opened.size)};
  if (what.size >= sizeof told) std::memcpy(what.data, told, sizeof told);
  return checked(env, result);
}

}  // namespace

void define_frames(napi_env env, napi_value exports) {
  constexpr std::pair<const char*, Function> functions[] = {
      {"makeSealer", make_sealer}, {"takeUp", take_up}, {"seal", seal}, {"maxSealedSize", max_sealed_size}, {"createOpener", create_opener},
      {"updateOpener", update_opener}, {"openFrame", open_frame}, {"nextProven", next_proven}};
  for (const auto& [name, function] : functions) define(env, exports, name, function);
}

}  // namespace conclave_node
