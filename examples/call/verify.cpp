#include "verify.h"

#include <fstream>
#include <iostream>
#include <iterator>
#include <optional>

#include "conclave/transcript.h"
#include "terminal.h"

namespace conclave::call {
namespace {

constexpr std::size_t max_record_size = std::size_t{64} << 20;

std::optional<Bytes> read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file || file.tellg() < 0 || static_cast<std::size_t>(file.tellg()) > max_record_size) return std::nullopt;
  Bytes bytes(static_cast<std::size_t>(file.tellg()));
  file.seekg(0);
  file.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  return file ? std::optional(std::move(bytes)) : std::nullopt;
}

std::string hex(ByteView bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  for (const std::uint8_t byte : bytes) {
    out.push_back(digits[byte >> 4]);
    out.push_back(digits[byte & 15]);
  }
  return out;
}

ExitCode complain(ExitCode code, const std::string& sentence) {
  std::cerr << "conclave-call: " << terminal_text(sentence) << std::endl;
  return code;
}

}  // namespace

ExitCode verify_record(const std::string& path) {
  const auto bytes = read_file(path);
  if (!bytes) return complain(ExitCode::missing_source, path + " cannot be read, or is longer than 64 MB");
  const auto record = read_transcript(*bytes);
  if (!record.ok()) {
    const bool version = record.error().code == ErrorCode::unsupported;
    return complain(version ? ExitCode::version_mismatch : ExitCode::not_verified, record.error().detail);
  }
  std::cout << "The record holds: " << record->lines.size() << " events\nroom      " << hex(record->room_id) << "\nfounded by " << hex(record->founder)
            << "\nsigned by  " << hex(record->signer) << '\n';
  for (const std::string& line : record->lines) std::cout << terminal_text(line) << '\n';
  return ExitCode::ok;
}

}  // namespace conclave::call
