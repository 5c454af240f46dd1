// Frames of a stage whose sound is signed in batches, through the C interface.
#include <catch2/catch.hpp>

#include <cstring>

#include "hall.h"

using namespace conclave_abi;

namespace {

/// Ada speaks in batches of three, Bob listens.
struct Stage {
  Hall hall{CONCLAVE_ROOM_STAGE};
  std::unique_ptr<Closer> sealer, opener;

  Stage() {
    REQUIRE(hall.enter("Bob") == CONCLAVE_OK);
    REQUIRE(hall.ask(0, command(CONCLAVE_COMMAND_SIGNING, 0, 2)) == CONCLAVE_OK);
    REQUIRE(hall.room(1).signing == 2);
    conclave_handle made = 0;
    REQUIRE(conclave_session_make_sealer(hall[0].handle(), 0, CONCLAVE_FRAME_WHOLE, &made) == CONCLAVE_OK);
    sealer = std::make_unique<Closer>(made);
    REQUIRE(conclave_opener_create(&made) == CONCLAVE_OK);
    opener = std::make_unique<Closer>(made);
    REQUIRE(conclave_opener_update(made, hall[1].handle()) == CONCLAVE_OK);
  }

  [[nodiscard]] Bytes seal(const std::string& frame, const std::string& metadata) const {
    Bytes sealed(conclave_max_sealed_size(frame.size(), CONCLAVE_FRAME_WHOLE));
    std::size_t size = sealed.size();
    const auto bytes = [](const std::string& text) { return reinterpret_cast<const std::uint8_t*>(text.data()); };
    REQUIRE(conclave_sealer_seal(sealer->handle(), bytes(frame), frame.size(), bytes(metadata), metadata.size(), sealed.data(), &size) == CONCLAVE_OK);
    sealed.resize(size);
    return sealed;
  }

  [[nodiscard]] std::uint32_t open(const Bytes& sealed, const std::string& metadata) const {
    Bytes out(sealed.size());
    auto opened = sized<conclave_opened>();
    REQUIRE(conclave_opener_open(opener->handle(), -1, sealed.data(), sealed.size(), reinterpret_cast<const std::uint8_t*>(metadata.data()),
                                 metadata.size(), 0, out.data(), out.size(), &opened) == CONCLAVE_OK);
    return opened.status;
  }

  /// What comes out, "frame/metadata"; empty when nothing does.
  [[nodiscard]] std::string next() const {
    std::array<std::uint8_t, 100> frame{}, metadata{};
    std::size_t size = frame.size(), metadata_size = metadata.size();
    auto opened = sized<conclave_opened>();
    REQUIRE(conclave_opener_next(opener->handle(), &opened, frame.data(), &size, metadata.data(), &metadata_size) == CONCLAVE_OK);
    if (opened.status == CONCLAVE_HELD) return {};
    CHECK((opened.status == CONCLAVE_OPENED && opened.size == size && opened.sender == 0 && opened.stream == 0));
    return std::string(frame.begin(), frame.begin() + static_cast<std::ptrdiff_t>(size)) + "/" +
           std::string(metadata.begin(), metadata.begin() + static_cast<std::ptrdiff_t>(metadata_size));
  }
};

}  // namespace

TEST_CASE("sound that is signed in batches is held, and comes out with the frame that proves it", "[abi]") {
  const Stage stage;
  CHECK(stage.next().empty());
  for (const std::string number : {"0", "1", "2"}) {
    CHECK(stage.open(stage.seal("frame " + number, "meta " + number), "meta " + number) == CONCLAVE_HELD);
    if (number != "2") CHECK(stage.next().empty());
  }
  CHECK(stage.next() == "frame 0/meta 0");
  CHECK(stage.next() == "frame 1/meta 1");
  CHECK(stage.next() == "frame 2/meta 2");
  CHECK(stage.next().empty());
}

TEST_CASE("a proven frame waits for buffers that are large enough, also while others come", "[abi]") {
  const Stage stage;
  for (const std::string number : {"0", "1", "2"}) CHECK(stage.open(stage.seal("frame " + number, "meta " + number), "meta " + number) == CONCLAVE_HELD);
  const auto handle = stage.opener->handle();
  auto opened = sized<conclave_opened>();
  std::size_t size = 0, metadata_size = 0;
  CHECK(conclave_opener_next(handle, &opened, nullptr, &size, nullptr, &metadata_size) == CONCLAVE_BUFFER_TOO_SMALL);
  CHECK((size == 7 && metadata_size == 6));
  std::array<std::uint8_t, 7> frame{};
  metadata_size = 5;
  CHECK(conclave_opener_next(handle, &opened, frame.data(), &size, frame.data(), &metadata_size) == CONCLAVE_BUFFER_TOO_SMALL);
  CHECK(stage.open(stage.seal("frame 3", ""), "") == CONCLAVE_HELD);
  CHECK(conclave_opener_next(handle, &opened, nullptr, &size, nullptr, &metadata_size) == CONCLAVE_INVALID_ARGUMENT);
  CHECK(conclave_opener_next(handle, &opened, frame.data(), nullptr, frame.data(), &metadata_size) == CONCLAVE_INVALID_ARGUMENT);
  CHECK(conclave_opener_next(handle, nullptr, frame.data(), &size, frame.data(), &metadata_size) == CONCLAVE_INVALID_ARGUMENT);
  CHECK(stage.next() == "frame 0/meta 0");
}
