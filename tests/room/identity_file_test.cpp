#include "room/identity_file.h"

#include <catch2/catch.hpp>

#include "base/bytes.h"
#include "room/contacts.h"

using namespace conclave;
using namespace conclave::room;

namespace {
constexpr crypto::PasswordCost cheap{1, std::size_t{8} << 20};
}

TEST_CASE("an identity comes back under its passphrase", "[room]") {
  crypto::SeededRandom random(4);
  const Identity identity = *Identity::generate(random);
  const Bytes file = *seal_identity(identity, as_bytes("correct horse"), cheap, random);
  const auto opened = open_identity(file, as_bytes("correct horse"));
  REQUIRE(opened.ok());
  CHECK(opened->hash() == identity.hash());
  CHECK(verify_identity_signature(identity.public_key(), "label", as_bytes("text"), *opened->sign("label", as_bytes("text"))));
}

TEST_CASE("a wrong passphrase and a damaged identity file are one error", "[room][attack]") {
  crypto::SeededRandom random(4);
  const Bytes file = *seal_identity(*Identity::generate(random), as_bytes("correct horse"), cheap, random);
  CHECK(open_identity(file, as_bytes("correct house")).error().code == ErrorCode::not_authentic);
  for (const std::size_t at : {std::size_t{12}, std::size_t{30}, file.size() - 1}) {
    Bytes damaged = file;
    damaged[at] ^= 1;
    CHECK(open_identity(damaged, as_bytes("correct horse")).error().code == ErrorCode::not_authentic);
  }
}

TEST_CASE("an identity file cannot ask for unbounded work, and every truncation is refused before any", "[room][attack]") {
  crypto::SeededRandom random(4);
  const Bytes file = *seal_identity(*Identity::generate(random), as_bytes("correct horse"), cheap, random);
  Bytes dear = file;
  dear[10] = 0xFF;  // memory: 65,288 MiB
  CHECK(open_identity(dear, as_bytes("x")).error().code == ErrorCode::malformed);
  for (const auto& [passes, high, low] : {std::array<std::uint8_t, 3>{255, 0, 8}, {9, 0, 8}, {8, 0, 65}, {2, 1, 1}, {3, 1, 0}, {1, 4, 0}, {0, 0, 8}, {1, 0, 7}}) {
    dear = file;
    dear[9] = passes, dear[10] = high, dear[11] = low;
    CHECK(cost_of(dear).error().code == ErrorCode::malformed);
    CHECK(open_identity(dear, as_bytes("x")).error().code == ErrorCode::malformed);
  }
  dear = file;
  dear[9] = 2, dear[10] = 1, dear[11] = 0;
  CHECK(cost_of(dear)->memory == std::size_t{256} << 20);  // the most
  for (std::size_t size = 0; size < file.size(); ++size) {
    CHECK(open_identity(ByteView(file).first(size), as_bytes("correct horse")).error().code == ErrorCode::malformed);
  }
  dear = file;
  dear[8] = 2;
  CHECK(open_identity(dear, as_bytes("x")).error().code == ErrorCode::unsupported);
}

TEST_CASE("an identity is not sealed without a passphrase or at no cost", "[room]") {
  crypto::SeededRandom random(4);
  const Identity identity = *Identity::generate(random);
  CHECK(seal_identity(identity, {}, cheap, random).error().code == ErrorCode::invalid_argument);
  CHECK(seal_identity(identity, as_bytes("x"), {0, std::size_t{8} << 20}, random).error().code == ErrorCode::invalid_argument);
  CHECK(seal_identity(identity, as_bytes("x"), {1, 4096}, random).error().code == ErrorCode::invalid_argument);
}

TEST_CASE("contacts are sealed under their owner's identity: another one's, a damaged or a cut file opens to nothing", "[room][attack]") {
  crypto::SeededRandom random(4);
  const Identity ada = *Identity::generate(random);
  const Bytes book = Contacts().serialise();
  const Bytes file = *seal_contacts(book, ada, random);
  CHECK(equal(open_contacts(file, ada)->expose(), book));
  CHECK(*seal_contacts(book, ada, random) != file);
  CHECK(open_contacts(file, *Identity::generate(random)).error().code == ErrorCode::not_authentic);
  for (std::size_t at = 0; at < file.size(); ++at) {
    Bytes damaged = file;
    damaged[at] ^= 1;
    CHECK_FALSE(open_contacts(damaged, ada).ok());
    CHECK_FALSE(open_contacts(ByteView(file).first(at), ada).ok());
  }
}
