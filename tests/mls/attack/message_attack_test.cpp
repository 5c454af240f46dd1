// Messages within an epoch: replays, huge generations, other people's names, damaged ciphertexts.
#include <chrono>

#include "mls/support/insider.h"

using namespace conclave;
using namespace conclave::mls;
using namespace conclave::mls::test;

namespace {

struct Scene {
  Scene() : alice(world.founder("alice")), joined(world.add(alice, {"mallory", "bob"})) {}
  Group& bob() { return joined[1]->in(); }
  Insider insider() { return {joined[0]->in(), world.random}; }
  Bytes say(Client& client, std::string_view text) { return need(client.in().protect(as_bytes(text), {}, world.random)); }

  World world{4};
  Client& alice;
  std::vector<Client*> joined;
};

}  // namespace

TEST_CASE("an application message opens once", "[mls][attack]") {
  Scene scene;
  const Bytes message = scene.say(scene.alice, "hello");
  const auto opened = need(scene.bob().unprotect(message));
  CHECK(equal(opened.plaintext.expose(), as_bytes("hello")));
  CHECK(opened.sender == scene.alice.in().own_leaf());
  const auto again = scene.bob().unprotect(message);
  REQUIRE_FALSE(again.ok());
  CHECK(again.error().code == ErrorCode::replayed);
  CHECK(again.error().participant == 0);
}

TEST_CASE("messages that come late open once each, in any order", "[mls]") {
  Scene scene;
  std::vector<Bytes> messages;
  for (int i = 0; i < 20; ++i) messages.push_back(scene.say(scene.alice, std::to_string(i)));
  for (const int i : {19, 3, 7, 0, 12}) CHECK(equal(need(scene.bob().unprotect(messages[static_cast<std::size_t>(i)])).plaintext.expose(), as_bytes(std::to_string(i))));
  CHECK(scene.bob().unprotect(messages[7]).error().code == ErrorCode::replayed);
}

TEST_CASE("a generation of 2^31 is refused in less than a millisecond and caches nothing", "[mls][attack]") {
  Scene scene;
  for (const ContentType type : {ContentType::application, ContentType::commit}) {
    const Bytes message = scene.insider().send_generation({0}, std::uint32_t{1} << 31, type);
    const auto begin = std::chrono::steady_clock::now();
    const auto code = type == ContentType::application ? scene.bob().unprotect(message).error() : scene.bob().stage(message, noon).error();
    const auto took = std::chrono::steady_clock::now() - begin;
    CHECK(code.code == ErrorCode::unknown_key);
    CHECK(code.participant == 0);
    CHECK(took < std::chrono::milliseconds(1));
  }
  CHECK(equal(need(scene.bob().unprotect(scene.say(scene.alice, "still here"))).plaintext.expose(), as_bytes("still here")));
}

TEST_CASE("a forged message spends nobody's keys", "[mls][attack]") {
  Scene scene;
  // Mallory knows Alice's ratchet, as everybody does, but not her signature key.
  const Bytes honest = scene.say(scene.alice, "mine");
  Insider mallory = scene.insider();
  AuthenticatedContent forged = mallory.signed_application(as_bytes("forged"));
  forged.content.sender = MemberSender{{0}};
  const auto refused = scene.bob().unprotect(mallory.send_private(std::move(forged), {0}, 0));
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().code == ErrorCode::not_authentic);
  CHECK(equal(need(scene.bob().unprotect(honest)).plaintext.expose(), as_bytes("mine")));
}

TEST_CASE("a sender outside of the tree, or blank, is refused", "[mls][attack]") {
  Scene scene;
  CHECK(scene.bob().unprotect(scene.insider().send_generation({4000}, 0, ContentType::application)).error().code == ErrorCode::malformed);
  CHECK_FALSE(scene.bob().unprotect(scene.insider().send_generation({3}, 0, ContentType::application)).ok());
}

TEST_CASE("no truncation and no bit flip of an application message opens", "[mls][attack][fuzz]") {
  Scene scene;
  const Bytes good = scene.say(scene.alice, "flip me");
  for (std::size_t size = 0; size < good.size(); ++size) {
    CHECK_FALSE(scene.bob().unprotect(ByteView(good).first(size)).ok());
  }
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    Bytes bad = good;
    bad[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    CHECK_FALSE(scene.bob().unprotect(bad).ok());
  }
  CHECK(scene.bob().unprotect(good).ok());
}

TEST_CASE("no truncation and no bit flip of a commit, public or private, is accepted or changes anything", "[mls][attack][fuzz]") {
  for (const WireFormat format : {WireFormat::public_message, WireFormat::private_message}) {
    World world(5);
    GroupOptions options;
    options.handshake_format = format;
    Client& alice = world.founder("alice", {}, options);
    Client& bob = *world.add(alice, {"bob"})[0];
    const Bytes good = need(alice.in().commit({}, {}, noon, world.random)).commit;
    const std::string before = fingerprint(bob.in());
    for (std::size_t size = 0; size < good.size(); ++size) CHECK_FALSE(bob.in().stage(ByteView(good).first(size), noon).ok());
    for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
      Bytes bad = good;
      bad[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
      CHECK_FALSE(bob.in().stage(bad, noon).ok());
    }
    CHECK(fingerprint(bob.in()) == before);
    CHECK(bob.in().stage(good, noon).ok());
  }
}

TEST_CASE("no truncation and no bit flip of a Welcome or key package is accepted", "[mls][attack][fuzz]") {
  World world(6);
  Client& alice = world.founder("alice");
  Client& bob = world.client("bob");
  const KeyPackageBundle bundle = world.bundle(bob);
  const Bytes package = encode_message(KeyPackageMessage{bundle.key_package});
  for (std::size_t bit = 0; bit < package.size() * 8; ++bit) {
    Bytes bad = package;
    bad[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    const auto message = MlsMessage::decode(bad);
    if (!message.ok()) continue;
    const auto* read = std::get_if<KeyPackageMessage>(&message->body);
    CHECK((read == nullptr || !read->key_package.validate(noon).ok()));
  }
  const auto pending = need(alice.in().commit({Add{std::make_shared<KeyPackage>(bundle.key_package)}}, {}, noon, world.random));
  const Bytes& welcome = *pending.welcome;
  const auto joins = [&](ByteView bytes) { return Group::join({bytes, bundle, {}, nullptr, nullptr, {}}, world.random).ok(); };
  for (std::size_t size = 0; size < welcome.size(); ++size) CHECK_FALSE(joins(ByteView(welcome).first(size)));
  for (std::size_t bit = 0; bit < welcome.size() * 8; ++bit) {
    Bytes bad = welcome;
    bad[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    CHECK_FALSE(joins(bad));
  }
  CHECK(joins(welcome));
}

TEST_CASE("padding that is not zero is malformed", "[mls][attack]") {
  Scene scene;
  Insider mallory = scene.insider();
  AuthenticatedContent message = mallory.signed_application(as_bytes("x"));
  // The confirmation tag's place is not part of an application message: bytes there are padding that is not zero.
  message.auth.signature.push_back(1);
  const auto opened = scene.bob().unprotect(mallory.send_private(std::move(message), {1}, 0));
  CHECK_FALSE(opened.ok());
}
