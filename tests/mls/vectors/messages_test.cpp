#include "mls/framing/message.h"
#include "mls/vectors/vector_support.h"

using namespace conclave;
using namespace conclave::mls;
using namespace conclave::mls::test;

namespace {

template <class T>
void check_round_trip(const nlohmann::json& each, const char* name) {
  INFO(name);
  const Bytes bytes = hex(each, name);
  const auto value = wire::decode<T>(bytes);
  REQUIRE(value.ok());
  CHECK(equal(wire::encode(*value), bytes));
}

template <class Arm>
void check_message(const nlohmann::json& each, const char* name) {
  INFO(name);
  const auto message = MlsMessage::decode(hex(each, name));
  REQUIRE(message.ok());
  CHECK(std::holds_alternative<Arm>(message->body));
  check_round_trip<MlsMessage>(each, name);
}

void check_tree(const nlohmann::json& each) {
  const Bytes bytes = hex(each, "ratchet_tree");
  const auto tree = RatchetTree::read(crypto::all_suites()[0], bytes, crypto::system_random());
  REQUIRE(tree.ok());
  CHECK(equal(tree->encode(), bytes));
}

}  // namespace

TEST_CASE("every message of the working group reads and writes byte for byte", "[mls][vectors]") {
  for_each_case("messages", [](const nlohmann::json& each) {
    check_message<Welcome>(each, "mls_welcome");
    check_message<GroupInfo>(each, "mls_group_info");
    check_message<KeyPackageMessage>(each, "mls_key_package");
    check_message<PublicMessage>(each, "public_message_application");
    check_message<PublicMessage>(each, "public_message_proposal");
    check_message<PublicMessage>(each, "public_message_commit");
    check_message<PrivateMessage>(each, "private_message");
    check_round_trip<GroupSecrets>(each, "group_secrets");
    check_round_trip<Add>(each, "add_proposal");
    check_round_trip<Update>(each, "update_proposal");
    check_round_trip<Remove>(each, "remove_proposal");
    check_round_trip<PreSharedKey>(each, "pre_shared_key_proposal");
    check_round_trip<ReInit>(each, "re_init_proposal");
    check_round_trip<ExternalInit>(each, "external_init_proposal");
    check_round_trip<GroupContextExtensions>(each, "group_context_extensions_proposal");
    check_round_trip<Commit>(each, "commit");
    check_tree(each);
  });
}

TEST_CASE("headers of variable-size vectors read as the working group's", "[mls][vectors]") {
  for_each_case("deserialization", [](const nlohmann::json& each) {
    const auto length = each.at("length").get<std::size_t>();
    const Bytes header = hex(each, "vlbytes_header");
    Bytes bytes(header.size() + length);
    std::copy(header.begin(), header.end(), bytes.begin());
    wire::Reader reader(bytes);
    CHECK(reader.read_length() == length);
    CHECK(reader.remaining() == length);
    wire::Counter counter;
    counter.put_length(length);
    CHECK(counter.size() == header.size());
  });
}
