#include "runtime/relay_key_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <system_error>

#include "runtime/devices/descriptor.h"
#include "runtime/devices/sentence.h"

namespace conclave::runtime {
namespace {

using transport::quic::RelayKey;

constexpr std::size_t max_key_file = 4096;

Error cannot(const std::filesystem::path& file, const char* verb) {
  return Error{ErrorCode::io_error, "the relay's key file " + in_quotes(file) + " cannot be " + verb};
}

bool write_all(int file, ByteView bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(file, bytes.data(), bytes.size());
    if (written <= 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return ::fsync(file) == 0;
}

}  // namespace

Result<RelayKey> read_relay_key(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  in.rdbuf()->pubsetbuf(nullptr, 0);  // no second copy of the key
  SecretBuffer pem(max_key_file);
  in.read(reinterpret_cast<char*>(pem.expose_mutable().data()), max_key_file);
  if (in.bad() || in.gcount() == 0) return cannot(file, "read");
  pem.truncate(static_cast<std::size_t>(in.gcount()));
  auto key = RelayKey::parse(pem.expose());
  if (!key.ok()) key.error().detail = "the relay's key file " + in_quotes(file) + " is damaged: " + key.error().detail;
  return key;
}

Result<void> write_relay_key(const RelayKey& key, const std::filesystem::path& file) {
  CONCLAVE_ASSIGN(pem, key.pem());
  const std::filesystem::path draft = file.string() + ".new";
  ::unlink(draft.c_str());
  const Descriptor out(::open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!out) return cannot(file, "made");
  if (write_all(out.get(), pem.expose()) && std::rename(draft.c_str(), file.c_str()) == 0) return {};
  ::unlink(draft.c_str());
  return cannot(file, "written");
}

Result<RelayKey> relay_key_in(const std::filesystem::path& file) {
  std::error_code failed;
  if (std::filesystem::exists(file, failed)) return read_relay_key(file);
  CONCLAVE_ASSIGN(key, RelayKey::generate());
  CONCLAVE_TRY(write_relay_key(key, file));
  return key;
}

}  // namespace conclave::runtime
