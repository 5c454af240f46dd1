#include "room/identity_file.h"

#include <catch2/catch.hpp>

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
  dear = file;
  dear[9] = 255;  // passes
  CHECK(open_identity(dear, as_bytes("x")).error().code == ErrorCode::malformed);
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
