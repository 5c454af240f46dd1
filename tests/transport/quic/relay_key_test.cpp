#include "transport/quic/relay_key.h"

#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>

#include "transport/quic/message_stream.h"

using namespace conclave;
using namespace conclave::transport::quic;

namespace {

struct Folder {
  Folder() : path(std::filesystem::temp_directory_path() / ("conclave-key-" + std::to_string(std::rand()))) {
    std::filesystem::create_directory(path);
  }
  ~Folder() { std::filesystem::remove_all(path); }
  std::filesystem::path path;
};

}  // namespace

TEST_CASE("a relay's key survives its file, which nobody else can read", "[transport][quic]") {
  const Folder folder;
  const auto file = folder.path / "relay.pem";
  const auto key = RelayKey::generate();
  REQUIRE(key.ok());
  REQUIRE(key->save(file).ok());
  CHECK((std::filesystem::status(file).permissions() & std::filesystem::perms::all) ==
        (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write));
  const auto loaded = RelayKey::load(file);
  REQUIRE(loaded.ok());
  CHECK(loaded->hash() == key->hash());
  const auto other = RelayKey::generate();
  REQUIRE(other.ok());
  CHECK(other->hash() != key->hash());
  REQUIRE(other->save(file).ok());  // replaces the file
  CHECK(RelayKey::load(file)->hash() == other->hash());
  CHECK(std::distance(std::filesystem::directory_iterator(folder.path), {}) == 1);
}

TEST_CASE("a missing, damaged or foreign key file is refused", "[transport][quic]") {
  const Folder folder;
  CHECK(RelayKey::load(folder.path / "none.pem").error().code == ErrorCode::io_error);
  const auto file = folder.path / "relay.pem";
  std::ofstream(file) << "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
  CHECK(RelayKey::load(file).error().code == ErrorCode::malformed);
  const auto key = RelayKey::generate();
  CHECK(key->save(folder.path / "no" / "such" / "folder.pem").error().code == ErrorCode::io_error);
}

TEST_CASE("messages come out of a stream as they went in, however it is cut", "[transport][quic]") {
  SendBuffer buffer;
  std::vector<Bytes> sent;
  for (std::size_t i = 1; i < 40; ++i) {
    sent.emplace_back(i * i, static_cast<std::uint8_t>(i));
    buffer.push_message(sent.back());
  }
  MessageReader reader;
  std::vector<Bytes> got;
  std::uint64_t offset = 0;
  for (std::size_t step = 1; buffer.has_unsent(); step = step * 7 % 613) {
    const ByteView piece = buffer.unsent(1).at(0);
    const std::size_t size = std::min(piece.size(), step);
    REQUIRE(reader.push(piece.first(size), 4000, got) == MessageReader::Verdict::good);
    buffer.mark_sent(size);
    offset += size;
  }
  CHECK(got == sent);
  CHECK(buffer.held() == offset);
  buffer.mark_acked(offset - 1);
  CHECK(buffer.held() == 1);
  buffer.mark_acked(offset);
  CHECK(buffer.held() == 0);
}

TEST_CASE("a length is refused before anything is kept for it", "[transport][quic][attack]") {
  std::vector<Bytes> got;
  CHECK(MessageReader().push(Bytes{0, 0, 0x10, 1}, 4096, got) == MessageReader::Verdict::oversized);
  CHECK(MessageReader().push(Bytes{0xff, 0xff, 0xff, 0xff}, 4096, got) == MessageReader::Verdict::oversized);
  CHECK(MessageReader().push(Bytes{0, 0, 0, 0}, 4096, got) == MessageReader::Verdict::empty_message);
  CHECK(MessageReader().push(Bytes{0, 0, 0x10, 0}, 4096, got) == MessageReader::Verdict::good);
  CHECK(got.empty());
}
