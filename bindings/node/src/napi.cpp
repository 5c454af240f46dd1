#include "napi.h"

namespace conclave_node {

conclave_error last_error() {
  conclave_error error{};
  error.struct_size = sizeof error;
  conclave_last_error(&error);
  return error;
}

napi_value error_value(napi_env env, conclave_result code, const char* detail, bool has_participant, std::uint32_t participant) {
  napi_value value = nullptr;
  if (code == CONCLAVE_OK) {
    napi_get_null(env, &value);
    return value;
  }
  napi_create_error(env, nullptr, text(env, detail), &value);
  set(env, value, "code", number(env, code));
  set(env, value, "errorName", text(env, conclave_result_name(code)));
  if (has_participant) set(env, value, "participant", number(env, participant));
  return value;
}

napi_value throw_error(napi_env env, const conclave_error& error) {
  napi_throw(env, error_value(env, error.code, error.detail, error.has_participant != 0, error.participant));
  return nullptr;
}

napi_value throw_invalid(napi_env env, const char* detail) {
  napi_throw(env, error_value(env, CONCLAVE_INVALID_ARGUMENT, detail, false, 0));
  return nullptr;
}

napi_value checked(napi_env env, conclave_result result) {
  if (result != CONCLAVE_OK) return throw_error(env, last_error());
  napi_value value = nullptr;
  napi_get_undefined(env, &value);
  return value;
}

conclave_handle handle_of(napi_env env, napi_value value) {
  napi_valuetype type = napi_undefined;
  void* data = nullptr;
  if (value == nullptr || napi_typeof(env, value, &type) != napi_ok || type != napi_external) return 0;
  napi_get_value_external(env, value, &data);
  return data != nullptr ? *static_cast<conclave_handle*>(data) : 0;
}

std::vector<conclave_handle> handles_of(napi_env env, napi_value array) {
  std::uint32_t count = 0;
  std::vector<conclave_handle> handles;
  if (array == nullptr || napi_get_array_length(env, array, &count) != napi_ok) return handles;
  for (std::uint32_t i = 0; i < count; ++i) {
    napi_value element = nullptr;
    napi_get_element(env, array, i, &element);
    handles.push_back(handle_of(env, element));
  }
  return handles;
}

napi_value make_handle(napi_env env, conclave_handle handle) {
  napi_value value = nullptr;
  const auto collect = [](napi_env, void* data, void*) {
    auto* held = static_cast<conclave_handle*>(data);
    conclave_close(*held);  // refused when it was closed before
    delete held;
  };
  napi_create_external(env, new conclave_handle(handle), collect, nullptr, &value);
  return value;
}

napi_value handle_or_throw(napi_env env, conclave_result result, const conclave_handle& handle) {
  return result == CONCLAVE_OK ? make_handle(env, handle) : throw_error(env, last_error());
}

conclave_handle Arguments::handle(std::size_t index) const { return handle_of(env_, at(index)); }

bool Arguments::has(std::size_t index) const {
  napi_valuetype type = napi_undefined;
  if (at(index) != nullptr) napi_typeof(env_, at(index), &type);
  return type != napi_undefined && type != napi_null;
}

std::int64_t Arguments::integer(std::size_t index) const {
  double value = 0;
  if (at(index) != nullptr) napi_get_value_double(env_, at(index), &value);
  return static_cast<std::int64_t>(value);
}

namespace {

std::string string_of(napi_env env, napi_value value) {
  std::size_t size = 0;
  if (value == nullptr || napi_get_value_string_utf8(env, value, nullptr, 0, &size) != napi_ok) return {};
  std::string out(size, '\0');
  napi_get_value_string_utf8(env, value, out.data(), size + 1, &size);
  return out;
}

napi_value property(napi_env env, napi_value object, const char* name) {
  napi_value value = nullptr;
  return object != nullptr && napi_get_named_property(env, object, name, &value) == napi_ok ? value : nullptr;
}

}  // namespace

namespace {

std::size_t element_size(napi_typedarray_type type) {
  switch (type) {
    case napi_int16_array:
    case napi_uint16_array: return 2;
    case napi_int32_array:
    case napi_uint32_array:
    case napi_float32_array: return 4;
    case napi_float64_array:
    case napi_bigint64_array:
    case napi_biguint64_array: return 8;
    default: return 1;
  }
}

}  // namespace

std::string Arguments::text(std::size_t index) const { return string_of(env_, at(index)); }

Arguments::Bytes Arguments::bytes(std::size_t index) const {
  Bytes bytes;
  bool typed = false;
  if (at(index) == nullptr || napi_is_typedarray(env_, at(index), &typed) != napi_ok || !typed) return bytes;
  napi_typedarray_type type{};
  void* data = nullptr;
  std::size_t length = 0;
  napi_get_typedarray_info(env_, at(index), &type, &length, &data, nullptr, nullptr);
  bytes.data = static_cast<std::uint8_t*>(data);
  bytes.size = length * element_size(type);
  return bytes;
}

std::int64_t integer_of(napi_env env, napi_value object, const char* name) {
  double value = 0;
  if (auto found = property(env, object, name)) napi_get_value_double(env, found, &value);
  return static_cast<std::int64_t>(value);
}

std::string text_of(napi_env env, napi_value object, const char* name) { return string_of(env, property(env, object, name)); }

napi_value number(napi_env env, double value) {
  napi_value out = nullptr;
  napi_create_double(env, value, &out);
  return out;
}

napi_value boolean(napi_env env, bool value) {
  napi_value out = nullptr;
  napi_get_boolean(env, value, &out);
  return out;
}

napi_value text(napi_env env, const char* value) {
  napi_value out = nullptr;
  napi_create_string_utf8(env, value, NAPI_AUTO_LENGTH, &out);
  return out;
}

napi_value buffer(napi_env env, const void* data, std::size_t size) {
  napi_value out = nullptr;
  napi_create_buffer_copy(env, size, data, nullptr, &out);
  return out;
}

void set(napi_env env, napi_value object, const char* name, napi_value value) { napi_set_named_property(env, object, name, value); }

namespace {

void complete(napi_env env, napi_status, void* data) {
  auto* task = static_cast<Task*>(data);
  napi_value value = nullptr;
  if (task->result == CONCLAVE_OK) {
    napi_resolve_deferred(env, task->deferred, task->finish(env));
  } else {
    value = error_value(env, task->error.code, task->error.detail, task->error.has_participant != 0, task->error.participant);
    napi_reject_deferred(env, task->deferred, value);
  }
  napi_delete_async_work(env, task->async);
  delete task;
}

void execute(napi_env, void* data) {
  auto* task = static_cast<Task*>(data);
  task->work();
  if (task->result != CONCLAVE_OK) task->error = last_error();
}

}  // namespace

napi_value start(napi_env env, Task* task) {
  napi_value promise = nullptr;
  napi_create_promise(env, &task->deferred, &promise);
  napi_create_async_work(env, nullptr, text(env, "conclave"), execute, complete, task, &task->async);
  napi_queue_async_work(env, task->async);
  return promise;
}

void define(napi_env env, napi_value exports, const char* name, Function function) {
  napi_value value = nullptr;
  napi_create_function(env, name, NAPI_AUTO_LENGTH, function, nullptr, &value);
  set(env, exports, name, value);
}

}  // namespace conclave_node

NAPI_MODULE_INIT() {
  using namespace conclave_node;
  if (conclave_abi_version() >> 16 != CONCLAVE_ABI_VERSION >> 16) {
    napi_throw_error(env, nullptr, "libconclave has another ABI than this addon was built for");
    return exports;
  }
  define(env, exports, "close", [](napi_env e, napi_callback_info info) -> napi_value {
    conclave_close(Arguments(e, info).handle(0));
    return nullptr;
  });
  define(env, exports, "version", [](napi_env e, napi_callback_info) { return text(e, conclave_version()); });
  define(env, exports, "now", [](napi_env e, napi_callback_info) { return number(e, static_cast<double>(conclave_now())); });
  define_media(env, exports);
  define_calls(env, exports);
  define_sessions(env, exports);
  define_frames(env, exports);
  define_rooms(env, exports);
  define_identities(env, exports);
  define_contacts(env, exports);
  define_statements(env, exports);
  return exports;
}
