#include "runtime/relay_key_file.h"

#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>

using namespace conclave;
using namespace conclave::runtime;

namespace {

struct Folder {
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "conclave-key-XXXXXX").string();
    path = ::mkdtemp(name.data());
  }
  ~Folder() { std::filesystem::remove_all(path); }
  std::filesystem::path path;
};

}  // namespace

TEST_CASE("a relay's key survives its file, which nobody else can read", "[runtime]") {
  const Folder folder;
  const auto file = folder.path / "relay.pem";
  const auto key = relay_key_in(file);
  REQUIRE(key.ok());
  CHECK((std::filesystem::status(file).permissions() & std::filesystem::perms::all) ==
        (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write));
  const auto again = relay_key_in(file);
  REQUIRE(again.ok());
  CHECK(again->hash() == key->hash());
  const auto other = transport::quic::RelayKey::generate();
  REQUIRE(other.ok());
  REQUIRE(write_relay_key(*other, file).ok());  // replaces the file
  CHECK(read_relay_key(file)->hash() == other->hash());
  CHECK(std::distance(std::filesystem::directory_iterator(folder.path), {}) == 1);
}

TEST_CASE("a missing, damaged or foreign key file is refused", "[runtime]") {
  const Folder folder;
  CHECK(read_relay_key(folder.path / "none.pem").error().code == ErrorCode::io_error);
  const auto file = folder.path / "relay.pem";
  std::ofstream(file) << "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
  CHECK(read_relay_key(file).error().code == ErrorCode::malformed);
  CHECK(relay_key_in(file).error().code == ErrorCode::malformed);
  CHECK(read_relay_key(file).error().detail.find(file.string()) != std::string::npos);
  CHECK(relay_key_in(folder.path / "no" / "such" / "folder.pem").error().code == ErrorCode::io_error);
}
