// Whose certificate counts for a person, and by whose word: RFC 5280 sections 4.2.1.3, 4.2.1.9, 4.2.1.12 and 6.
#include "certificates.h"

using namespace conclave;
using namespace conclave::room;
using conclave::test::CertificateWish;
using conclave::test::MadeCertificate;

namespace {

/// A university, a faculty that it entrusts with certificates, and Ada, whom the one or the other certifies.
struct Faculty {
  crypto::SeededRandom random{6};
  Identity ada = *Identity::generate(random);
  MadeCertificate root = CertificateWish::authority("University").make();
  std::vector<TrustedOrganisation> trusted{test::trusting_root("University", root)};
  Bytes seed = Bytes(32, 3);
  crypto::SignaturePrivateKey key = *crypto::SignaturePrivateKey::parse(crypto::SignatureAlgorithm::ed25519, seed);

  [[nodiscard]] MadeCertificate leaf(const CertificateWish& wish, const MadeCertificate* by) const {
    return wish.make(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, seed.data(), seed.size()), by);
  }
  [[nodiscard]] Result<VerifiedBy> verified(const std::vector<MadeCertificate>& chain) const {
    std::vector<Bytes> certificates;
    for (const MadeCertificate& each : chain) certificates.push_back(each.der());
    const auto proof = prove_organisation(certificates, key, ada.public_key());
    REQUIRE(proof.ok());
    return verify_organisation(*proof, ada.public_key(), trusted, CertificateWish::noon);
  }
  [[nodiscard]] Result<VerifiedBy> verified(const CertificateWish& wish) const { return verified({leaf(wish, &root)}); }
  [[nodiscard]] ErrorCode refusal(const std::vector<MadeCertificate>& chain) const {
    const auto result = verified(chain);
    return result.ok() ? ErrorCode{} : result.error().code;
  }
};

CertificateWish certified_person() {
  CertificateWish wish;
  wish.common_name = "Ada Lovelace";
  return wish;
}

}  // namespace

TEST_CASE("a certificate for a person counts, whether it says so or says nothing", "[room]") {
  const Faculty faculty;
  CertificateWish wish = certified_person();
  CHECK(faculty.verified(wish).ok());
  wish.constraints = "";
  CHECK(faculty.verified(wish).ok());
  wish.usage = "critical,digitalSignature,nonRepudiation";
  CHECK(faculty.verified(wish).ok());
  for (const char* usage : {"emailProtection", "clientAuth", "clientAuth,emailProtection,codeSigning", "critical,anyExtendedKeyUsage"}) {
    wish.extended_usage = usage;
    CHECK(faculty.verified(wish).ok());
  }
  wish.other_name = "email:ada@university.example";
  CHECK(faculty.verified(wish).ok());
}

TEST_CASE("a server's certificate, or one for something else, stands for no person, though the organisation issued it", "[room][attack]") {
  const Faculty faculty;
  CertificateWish wish = certified_person();
  REQUIRE(faculty.verified(wish).ok());
  SECTION("by its extended key usage") {
    wish.extended_usage = GENERATE("serverAuth", "serverAuth,clientAuth", "serverAuth,anyExtendedKeyUsage", "codeSigning", "timeStamping", "OCSPSigning");
  }
  SECTION("by the host that it names") { wish.other_name = GENERATE("DNS:www.university.example", "IP:192.0.2.1", "email:ada@university.example,DNS:mail.university.example"); }
  SECTION("by its key usage") { wish.usage = GENERATE("keyEncipherment", "critical,keyAgreement", "cRLSign"); }
  CHECK(faculty.refusal({faculty.leaf(wish, &faculty.root)}) == ErrorCode::not_authentic);
}

TEST_CASE("an authority's certificate stands for no person, and nobody vouches for itself", "[room][attack]") {
  Faculty faculty;
  CertificateWish wish = certified_person();
  wish.constraints = "critical,CA:TRUE";
  CHECK(faculty.refusal({faculty.leaf(wish, &faculty.root)}) == ErrorCode::not_authentic);
  wish.constraints = "";
  wish.usage = "digitalSignature,keyCertSign";
  CHECK(faculty.refusal({faculty.leaf(wish, &faculty.root)}) == ErrorCode::not_authentic);

  const MadeCertificate alone = faculty.leaf(certified_person(), nullptr);
  CHECK(faculty.refusal({alone}) == ErrorCode::not_authentic);
  faculty.trusted.push_back(test::trusting_root("Ada herself", alone));  // what somebody took for a root
  CHECK(faculty.refusal({alone}) == ErrorCode::not_authentic);
}

TEST_CASE("a chain of three counts in its order, in its time, and no longer than its authorities allow", "[room][attack]") {
  Faculty faculty;
  const MadeCertificate math = CertificateWish::authority("Faculty of Mathematics", "critical,CA:TRUE,pathlen:0").make(&faculty.root);
  const MadeCertificate ada = faculty.leaf(certified_person(), &math);
  REQUIRE(faculty.verified({ada, math}).ok());
  CHECK(faculty.verified({ada, math, faculty.root}).ok());
  CHECK(faculty.verified({ada, faculty.root, math}).ok());  // behind the first in any order
  CHECK(faculty.refusal({math, ada}) == ErrorCode::not_authentic);
  CHECK(faculty.refusal({ada}) == ErrorCode::not_authentic);

  const MadeCertificate seminar = CertificateWish::authority("Seminar").make(&math);  // the faculty may make no authorities
  CHECK(faculty.refusal({faculty.leaf(certified_person(), &seminar), seminar, math}) == ErrorCode::not_authentic);

  const MadeCertificate student = CertificateWish::authority("Student", "CA:FALSE").make(&faculty.root);
  CHECK(faculty.refusal({faculty.leaf(certified_person(), &student), student}) == ErrorCode::not_authentic);

  CertificateWish old = CertificateWish::authority("Faculty of Alchemy");
  old.to = -60;
  const MadeCertificate closed = old.make(&faculty.root);
  CHECK(faculty.refusal({faculty.leaf(certified_person(), &closed), closed}) == ErrorCode::expired);
  CertificateWish early = certified_person();
  early.from = 60;
  CHECK(faculty.refusal({faculty.leaf(early, &faculty.root)}) == ErrorCode::expired);
}

TEST_CASE("an authority that may vouch for servers alone vouches for no person", "[room][attack]") {
  Faculty faculty;
  CertificateWish wish = CertificateWish::authority("Web servers");
  wish.extended_usage = "serverAuth";
  const MadeCertificate servers = wish.make(&faculty.root);
  CHECK(faculty.refusal({faculty.leaf(certified_person(), &servers), servers}) == ErrorCode::not_authentic);
  wish.extended_usage = "clientAuth";
  const MadeCertificate people = wish.make(&faculty.root);
  CHECK(faculty.verified({faculty.leaf(certified_person(), &people), people}).ok());
}

TEST_CASE("a signature over SHA-1 vouches for nobody", "[room][attack]") {
  const Faculty faculty;
  CertificateWish wish = certified_person();
  wish.digest = EVP_sha1();
  CHECK(faculty.refusal({faculty.leaf(wish, &faculty.root)}) == ErrorCode::not_authentic);
}

TEST_CASE("what has no common name is shown by its organisation's, or by its fingerprint, and never by a name that was made up", "[room]") {
  CertificateWish wish = CertificateWish::authority("");
  const auto name_of = [](const CertificateWish& of, CertificateOf what) { return *certificate_name(of.make().der(), what); };
  CHECK(name_of(wish, CertificateOf::organisation).starts_with("certificate "));
  CHECK(name_of(wish, CertificateOf::organisation).size() == 28);
  CHECK(name_of(wish, CertificateOf::organisation) != name_of(wish, CertificateOf::organisation));  // another key
  wish.organisation = "University\u202e";
  CHECK(name_of(wish, CertificateOf::organisation) == "University");
  CHECK(name_of(wish, CertificateOf::member).starts_with("certificate "));  // of a member the organisation's name says nothing
  wish.common_name = "\u200b";
  CHECK(name_of(wish, CertificateOf::organisation) == "University");
  wish.common_name = "Root";
  CHECK(name_of(wish, CertificateOf::organisation) == "Root");
  CHECK(certificate_name(Bytes(3, 1), CertificateOf::member).error().code == ErrorCode::malformed);

  const Faculty faculty;
  const auto nameless = faculty.verified(CertificateWish{});
  REQUIRE(nameless.ok());
  CHECK(nameless->subject.starts_with("certificate "));
}
