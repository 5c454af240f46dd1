// Messages within an epoch: replays, huge generations, other people's names, damaged ciphertexts.

#include "mls/cost/allocation_count.h"
#include "mls/support/refusal.h"

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
  check_refused(scene.bob(), [&](Group& group) { return group.unprotect(message); }, {"the key of this generation is gone", ErrorCode::replayed, 0});
}

TEST_CASE("messages that come late open once each, in any order", "[mls]") {
  Scene scene;
  std::vector<Bytes> messages;
  for (int i = 0; i < 20; ++i) messages.push_back(scene.say(scene.alice, std::to_string(i)));
  for (const int i : {19, 3, 7, 0, 12}) CHECK(equal(need(scene.bob().unprotect(messages[static_cast<std::size_t>(i)])).plaintext.expose(), as_bytes(std::to_string(i))));
  CHECK(scene.bob().unprotect(messages[7]).error().code == ErrorCode::replayed);
}

TEST_CASE("a generation of 2^31 is refused without deriving anything, and caches nothing", "[mls][attack]") {
  Scene scene;
  const Refusal why{"the generation is too far ahead", ErrorCode::unknown_key, 0};
  const auto allocated_by = [](const auto& attempt) {
    const std::size_t before = cost::allocated_bytes();
    attempt();
    return cost::allocated_bytes() - before;
  };
  const auto attempt = [&](std::uint32_t generation) {
    const Bytes message = scene.insider().send_generation({0}, generation, ContentType::application);
    static_cast<void>(scene.bob().unprotect(message));
    return allocated_by([&] { static_cast<void>(scene.bob().unprotect(message)); });
  };
  const std::size_t one_ahead = attempt(1);
  if (cost::can_count()) CHECK(attempt(1000) > 20 * one_ahead);  // so what is counted grows with what is derived
  for (const std::uint32_t generation : {std::uint32_t{1001}, std::uint32_t{1} << 31, ~std::uint32_t{0}}) {
    const Bytes message = scene.insider().send_generation({0}, generation, ContentType::application);
    check_refused(scene.bob(), [&](Group& group) { return group.unprotect(message); }, why);
    for (const ContentType type : {ContentType::commit, ContentType::proposal}) {
      const Bytes handshake = scene.insider().send_generation({0}, generation, type);
      check_refused(scene.bob(), [&](Group& group) { return group.stage(handshake, noon); }, why);
      check_refused(scene.bob(), [&](Group& group) { return group.receive_proposal(handshake, noon); }, why);
    }
    if (cost::can_count()) {  // each derivation allocates what it expands
      CHECK(allocated_by([&] { static_cast<void>(scene.bob().unprotect(message)); }) < one_ahead);
    }
  }
  CHECK(equal(need(scene.bob().unprotect(scene.say(scene.alice, "still here"))).plaintext.expose(), as_bytes("still here")));
}

TEST_CASE("skipped keys are kept up to a limit, and the oldest given up first", "[mls][attack]") {
  Scene scene;
  std::vector<Bytes> messages;
  for (int i = 0; i <= 300; ++i) messages.push_back(scene.say(scene.alice, "x"));
  CHECK(scene.bob().unprotect(messages[300]).ok());
  const Refusal gone{"the key of this generation is gone", ErrorCode::replayed, 0};
  check_refused(scene.bob(), [&](Group& group) { return group.unprotect(messages[0]); }, gone);
  check_refused(scene.bob(), [&](Group& group) { return group.unprotect(messages[43]); }, gone);
  CHECK(scene.bob().unprotect(messages[44]).ok());  // 256 are kept
}

TEST_CASE("a forged message spends nobody's keys", "[mls][attack]") {
  Scene scene;
  // Mallory knows Alice's ratchet, as everybody does, but not her signature key.
  const Bytes honest = scene.say(scene.alice, "mine");
  Insider mallory = scene.insider();
  AuthenticatedContent forged = mallory.signed_application(as_bytes("forged"));
  forged.content.sender = MemberSender{{0}};
  const Bytes message = mallory.send_private(std::move(forged), {0}, 0);
  check_refused(scene.bob(), [&](Group& group) { return group.unprotect(message); },
                {"the signature of a message does not verify", ErrorCode::not_authentic, 0});
  CHECK(equal(need(scene.bob().unprotect(honest)).plaintext.expose(), as_bytes("mine")));
}

TEST_CASE("a sender outside of the tree, or blank, is refused", "[mls][attack]") {
  Scene scene;
  const Bytes outside = scene.insider().send_generation({4000}, 0, ContentType::application);
  check_refused(scene.bob(), [&](Group& group) { return group.unprotect(outside); }, {"the sender is no leaf of the group", ErrorCode::malformed, {}});
  AuthenticatedContent message = scene.insider().signed_application(as_bytes("x"));
  const Bytes blank = scene.insider().send_private(std::move(message), {3}, 0);
  check_refused(scene.bob(), [&](Group& group) { return group.unprotect(blank); }, {"the sender's leaf is blank", ErrorCode::invalid_message, 3});
}

TEST_CASE("padding that is not zero is malformed", "[mls][attack]") {
  Scene scene;
  Insider mallory = scene.insider();
  // Each of the three octets of padding in turn; all zero, the message is as good as any.
  for (const int place : {0, 1, 2, 3}) {
    const AuthenticatedContent message = mallory.signed_application(as_bytes("x"));
    std::array<std::uint8_t, 4> padding{};
    padding.at(static_cast<std::size_t>(place)) = 1;
    const Bytes plaintext = wire::encode(std::get<ApplicationContent>(message.content.content), wire::Opaque{message.auth.signature}, wire::Raw{ByteView(padding).first(3)});
    const Bytes sealed = mallory.send_plaintext(plaintext, ContentType::application);
    if (place == 3) {
      CHECK(scene.bob().unprotect(sealed).ok());
    } else {
      check_refused(scene.bob(), [&](Group& group) { return group.unprotect(sealed); }, {"the padding of a message is not zero", ErrorCode::malformed, 1});
    }
  }
}

TEST_CASE("application data in the open is refused, and handshakes are no application data", "[mls][attack]") {
  Scene scene;
  AuthenticatedContent message = scene.insider().signed_application(as_bytes("x"));
  message.wire_format = WireFormat::public_message;
  need(message.sign(scene.insider().signer(), wire::encode(scene.bob().context())));
  const Bytes open = encode_message(PublicMessage{std::move(message.content), std::move(message.auth), Bytes(32)});
  const Refusal why{"application data came unencrypted", ErrorCode::invalid_message, 1};
  check_refused(scene.bob(), [&](Group& group) { return group.stage(open, noon); }, why);
  check_refused(scene.bob(), [&](Group& group) { return group.receive_proposal(open, noon); }, why);
  check_refused(scene.bob(), [&](Group& group) { return group.unprotect(open); }, {"this is no application message", ErrorCode::invalid_argument, {}});
  const Bytes commit = need(scene.alice.in().commit({}, {}, noon, scene.world.random)).commit;
  check_refused(scene.bob(), [&](Group& group) { return group.unprotect(commit); }, {"this is no application message", ErrorCode::invalid_argument, {}});
  check_refused(scene.bob(), [&](Group& group) { return group.receive_proposal(commit, noon); }, {"this is no proposal", ErrorCode::invalid_argument, {}});
}

TEST_CASE("what is encrypted is what the header says", "[mls][attack]") {
  Scene scene;
  Insider mallory = scene.insider();
  const AuthenticatedContent said = mallory.signed_application(as_bytes("x"));
  const Bytes as_application = wire::encode(std::get<ApplicationContent>(said.content.content), wire::Opaque{said.auth.signature});
  const Bytes as_proposal = mallory.send_plaintext(as_application, ContentType::proposal);
  CHECK_FALSE(scene.bob().receive_proposal(as_proposal, noon).ok());
  auto message = need(MlsMessage::decode(scene.say(scene.alice, "x")));
  auto& body = std::get<PrivateMessage>(message.body);
  body.content_type = ContentType::commit;
  const Bytes retyped = encode_message(body);
  check_refused(scene.bob(), [&](Group& group) { return group.stage(retyped, noon); }, {"a message does not decrypt", ErrorCode::not_authentic, {}});
  Bytes unknown = retyped;
  const Bytes header = wire::encode(body.group_id, body.epoch);
  unknown[4 + header.size()] = 9;
  check_refused(scene.bob(), [&](Group& group) { return group.stage(unknown, noon); }, {"an enum has no such value", ErrorCode::malformed, {}});
}

TEST_CASE("a message of another version or wire format is not read", "[mls][attack]") {
  Scene scene;
  const Bytes good = scene.say(scene.alice, "x");
  Bytes version = good;
  version[1] = 2;
  check_refused(scene.bob(), [&](Group& group) { return group.unprotect(version); }, {"the message is of another version of MLS", ErrorCode::unsupported, {}});
  Bytes format = good;
  format[3] = 6;
  check_refused(scene.bob(), [&](Group& group) { return group.unprotect(format); }, {"a select has no such arm", ErrorCode::unsupported, {}});
}

TEST_CASE("a message of a past epoch is judged by the members of that epoch", "[mls][attack]") {
  Scene scene;
  const Bytes said = scene.say(*scene.joined[0], "before I was removed");
  // Mallory goes; a message of hers from before still counts as hers, and nothing of the new epoch does.
  const Bytes removal = need(scene.alice.in().commit({Remove{{1}}}, {}, noon, scene.world.random)).commit;
  need(scene.bob().merge(need(scene.bob().stage(removal, noon))));
  CHECK(need(scene.bob().unprotect(said)).sender == LeafIndex{1});
  auto message = need(MlsMessage::decode(scene.say(*scene.joined[0], "after")));
  ++std::get<PrivateMessage>(message.body).epoch;
  const Bytes later = wire::encode(message);
  check_refused(scene.bob(), [&](Group& group) { return group.unprotect(later); }, {"a message does not decrypt", ErrorCode::not_authentic, {}});
}
