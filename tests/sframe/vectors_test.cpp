// The vectors of RFC 9605 appendix C.
#include <iostream>

#include "base/bytes.h"
#include "crypto/hkdf.h"
#include "sframe/ctr_hmac.h"
#include "sframe/frame_key.h"
#include "sframe/header.h"
#include "sframe/support.h"
#include "support/shared.h"

using namespace conclave;
using namespace conclave::sframe;
using nlohmann::json;

namespace {

Bytes field(const json& object, const char* name) { return sframe::test::hex(object.at(name).get<std::string>()); }

json vectors(const char* name) {
  const json document = conclave::test::shared_json("vectors/sframe/rfc9605.json");
  return document.is_null() ? document : document.at(name);
}

const SuiteParameters& suite_of(const json& vector) {
  const SuiteParameters* suite = find_cipher_suite(vector.at("cipher_suite").get<std::uint16_t>());
  REQUIRE(suite != nullptr);
  return *suite;
}

}  // namespace

TEST_CASE("every header of RFC 9605 appendix C.1 is written and read", "[sframe][vectors]") {
  const json headers = vectors("header");
  if (headers.is_null()) return;
  for (const json& vector : headers) {
    const Header header{vector.at("kid").get<std::uint64_t>(), vector.at("ctr").get<std::uint64_t>()};
    const Bytes encoded = field(vector, "encoded");
    Bytes out(encoded_size(header));
    REQUIRE(write(header, out) == out.size());
    CHECK(out == encoded);
    const auto read = read_header(encoded);
    REQUIRE(read);
    CHECK(read->header == header);
    CHECK(read->size == encoded.size());
    for (std::size_t size = 0; size < encoded.size(); ++size) CHECK_FALSE(read_header(ByteView(encoded).first(size)));
  }
  std::cout << headers.size() << " headers" << std::endl;
  CHECK(headers.size() == 289);
}

TEST_CASE("AES-CTR with HMAC agrees with RFC 9605 appendix C.2", "[sframe][vectors]") {
  const json list = vectors("aes_ctr_hmac");
  if (list.is_null()) return;
  for (const json& vector : list) {
    const std::size_t tag_size = suite_of(vector).tag_size;
    const CtrHmacKey key(field(vector, "key"), tag_size);
    const Bytes plaintext = field(vector, "pt");
    Bytes nonce = field(vector, "nonce");
    nonce.resize(16);  // the initial counter block
    const Bytes additional = field(vector, "aad");
    Bytes out(plaintext.size() + tag_size);
    const ByteSpan body = ByteSpan(out).first(plaintext.size());
    const ByteSpan tag = ByteSpan(out).subspan(plaintext.size());
    key.seal(nonce, ByteView(additional).first(3), ByteView(additional).subspan(3), plaintext, body, tag);
    CHECK(out == field(vector, "ct"));
    Bytes opened(plaintext.size());
    REQUIRE(key.open(nonce, additional, {}, body, tag, opened));
    CHECK(opened == plaintext);
  }
  std::cout << list.size() << " of AES-CTR with HMAC" << std::endl;
  CHECK(list.size() == 3);
}

TEST_CASE("the frames of all five suites agree with RFC 9605 appendix C.3", "[sframe][vectors]") {
  const json list = vectors("sframe");
  if (list.is_null()) return;
  for (const json& vector : list) {
    const SuiteParameters& suite = suite_of(vector);
    CAPTURE(static_cast<int>(suite.id));
    const SframeSecret secret = extract_sframe_secret(suite, field(vector, "base_key"));
    CHECK(equal(secret.expose(), field(vector, "sframe_secret")));
    Bytes key_bytes(suite.key_size);
    crypto::hkdf_expand(suite.hash, secret.expose(), field(vector, "sframe_key_label"), key_bytes);
    CHECK(key_bytes == field(vector, "sframe_key"));

    const Header header{vector.at("kid").get<std::uint64_t>(), vector.at("ctr").get<std::uint64_t>()};
    const FrameKey key(suite, header.kid, secret);
    const Bytes plaintext = field(vector, "pt");
    const Bytes metadata = field(vector, "metadata");
    Bytes out(encoded_size(header) + plaintext.size() + suite.tag_size);
    const std::size_t header_bytes = write(header, out);
    const ByteSpan body = ByteSpan(out).subspan(header_bytes, plaintext.size());
    const ByteSpan tag = ByteSpan(out).last(suite.tag_size);
    key.seal(header.counter, ByteView(out).first(header_bytes), metadata, plaintext, body, tag);
    CHECK(out == field(vector, "ct"));
    REQUIRE(key.open(header.counter, ByteView(out).first(header_bytes), metadata, body, tag, body));
    CHECK(equal(body, plaintext));
  }
  std::cout << list.size() << " whole frames" << std::endl;
  CHECK(list.size() == 5);
}
