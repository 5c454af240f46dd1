// Members whom an organisation certified, from files in PEM to everybody's roster.
#include <malloc.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "conclave/organisation.h"
#include "session/meeting.h"
#include "session/organisations.h"
#include "support/memory_probe.h"

using namespace conclave;
using namespace conclave::test;
using namespace std::chrono_literals;

namespace {

std::string text_of(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  std::string text(data, static_cast<std::size_t>(size));
  BIO_free(bio);
  return text;
}

/// A key and its certificate, by itself or by an organisation's root; valid for an hour around the meeting's time.
struct Holder {
  explicit Holder(const std::string& name, const Holder* root = nullptr)
      : key(root == nullptr ? EVP_EC_gen("P-256") : EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"), EVP_PKEY_free), x509(X509_new(), X509_free) {
    X509* made = x509.get();
    X509_set_version(made, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(made), static_cast<long>(name.size()));
    ASN1_TIME_set(X509_getm_notBefore(made), static_cast<time_t>(Meeting::wall.value - 1800));
    ASN1_TIME_set(X509_getm_notAfter(made), static_cast<time_t>(Meeting::wall.value + 3600));
    X509_NAME_add_entry_by_txt(X509_get_subject_name(made), "CN", MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
    X509_set_issuer_name(made, X509_get_subject_name(root == nullptr ? made : root->x509.get()));
    X509_set_pubkey(made, key.get());
    X509_EXTENSION* constraints = X509V3_EXT_conf_nid(nullptr, nullptr, NID_basic_constraints, root == nullptr ? "critical,CA:TRUE" : "CA:FALSE");
    X509_add_ext(made, constraints, -1);
    X509_EXTENSION_free(constraints);
    REQUIRE(X509_sign(made, root == nullptr ? key.get() : root->key.get(), EVP_sha256()) > 0);
  }
  [[nodiscard]] std::string certificate() const {
    BIO* bio = BIO_new(BIO_s_mem());
    PEM_write_bio_X509(bio, x509.get());
    return text_of(bio);
  }
  [[nodiscard]] std::string private_key(const char* passphrase = nullptr) const {
    BIO* bio = BIO_new(BIO_s_mem());
    void* under = const_cast<char*>(passphrase);
    PEM_write_bio_PrivateKey(bio, key.get(), passphrase == nullptr ? nullptr : EVP_aes_128_cbc(), nullptr, 0, nullptr, under);
    return text_of(bio);
  }
  std::shared_ptr<EVP_PKEY> key;
  std::shared_ptr<X509> x509;
};

const SessionMember& member(const Party& seen_by, const std::string& name) {
  return *std::ranges::find(seen_by.session.roster(), name, &SessionMember::display_name);
}

}  // namespace

TEST_CASE("who is certified by an organisation is shown so by those who trust it, at the door and in the room, until the certificate ends", "[session][attack]") {
  const Holder university("University"), bob("Bob Babbage", &university), mill("University"), impostor("Bob Babbage", &mill);
  const bool genuine = GENERATE(true, false);
  CAPTURE(genuine);
  const Holder& holder = genuine ? bob : impostor;
  SessionConfig config;
  config.trusted = {*trust_organisation(university.certificate())};
  Meeting meeting(config);
  const std::size_t cleo = meeting.enter("Cleo");
  const Identity& identity = meeting.identity();
  SessionConfig brings = meeting.seeded();
  brings.trusted.clear();  // Bob himself trusts nobody
  brings.organisation = *certify_identity(identity, holder.certificate(), holder.private_key());
  auto joining = Joining::begin(brings, identity, "Bob", meeting.at());
  const auto knocking = meeting.parties[0].session.inspect(joining->key_package(), meeting.at());
  REQUIRE(knocking.ok());
  CHECK(knocking->verified_by == (genuine ? "University" : ""));
  CHECK(knocking->certified_as == (genuine ? "Bob Babbage" : ""));
  meeting.take(0, *meeting.parties[0].session.admit(1, joining->key_package(), meeting.at()));
  meeting.settle();
  for (std::size_t party : {std::size_t{0}, cleo}) {
    CHECK(member(meeting.parties[party], "Bob").verified_by == (genuine ? "University" : ""));
    CHECK(member(meeting.parties[party], "Ada").verified_by.empty());
    REQUIRE(meeting.parties[party].saw<MemberEntered>());
    CHECK(meeting.parties[party].all<MemberEntered>().back().member.verified_by == (genuine ? "University" : ""));
  }
  auto session = joining->complete(meeting.admissions.at(1).welcome, meeting.owner_hash, meeting.at());
  REQUIRE(session.ok());
  for (const SessionMember& each : session->roster()) CHECK(each.verified_by.empty());
  meeting.now += 2h;
  meeting.take(0, meeting.parties[0].session.rotate(meeting.at()));
  meeting.settle();
  CHECK(member(meeting.parties[0], "Bob").verified_by.empty());
}

TEST_CASE("certificates that are none, of another's key, under a passphrase, or of another kind certify nobody", "[session][attack]") {
  const Holder university("University"), bob("Bob", &university), eve("Eve", &university);
  const Identity identity = *Identity::from_seed(Bytes(32, 3));
  REQUIRE(certify_identity(identity, bob.certificate(), bob.private_key()).ok());
  CHECK(certify_identity(identity, university.certificate(), university.private_key()).error().code == ErrorCode::not_authentic);  // an authority's own
  CHECK(certify_identity(identity, bob.certificate(), eve.private_key()).error().code == ErrorCode::not_authentic);
  CHECK(certify_identity(identity, "", bob.private_key()).error().code == ErrorCode::malformed);
  CHECK(certify_identity(identity, bob.certificate(), "").error().code == ErrorCode::malformed);
  CHECK(certify_identity(identity, bob.certificate(), bob.private_key("secret")).error().code == ErrorCode::malformed);
  const std::string whole = bob.certificate();
  CHECK(certify_identity(identity, whole.substr(0, whole.size() / 2), bob.private_key()).error().code == ErrorCode::malformed);
  std::string many;
  for (int i = 0; i < 5; ++i) many += whole;
  CHECK(certify_identity(identity, many, bob.private_key()).error().code == ErrorCode::limit_exceeded);
  CHECK(trust_organisation("no certificate").error().code == ErrorCode::malformed);
  CHECK(trust_organisation(university.certificate())->name == "University");
  CHECK(trust_organisation(university.certificate(), "My \u202euniversity")->name == "My university");
  CHECK(trust_organisation(university.certificate(), "\u202e").error().code == ErrorCode::malformed);
}

TEST_CASE("of what members bring a session remembers a hash, and it looks again at what has changed", "[session][attack]") {
  const Holder university("University"), bob("Bob", &university);
  const std::vector<TrustedOrganisation> trusted{*trust_organisation(university.certificate())};
  const Identity identity = *Identity::from_seed(Bytes(32, 3));
  const Bytes proof = *certify_identity(identity, bob.certificate(), bob.private_key());
  session::Organisations organisations(trusted);
  const auto shown = [&](const Bytes& brings) {
    SessionMember member;
    member.identity_key = to_bytes(identity.public_key());
    member.organisation = brings;
    organisations.look_up(member, Meeting::wall);
    return member.verified_by;
  };
  CHECK(shown(proof) == "University");
  CHECK(shown(Bytes(proof.begin(), proof.end() - 1)).empty());
  CHECK(shown(proof) == "University");

  if (!can_watch_memory()) return;
  const std::size_t before = mallinfo2().uordblks;
  for (std::uint8_t i = 0; i < 200; ++i) {
    SessionMember member;
    member.identity_key = Bytes(32, i);
    member.organisation = Bytes(8192, i);
    organisations.look_up(member, Meeting::wall);
  }
  const std::size_t after = mallinfo2().uordblks;
  CHECK(after < before + 200 * 512);  // the proofs themselves are 1.6 MB
}
