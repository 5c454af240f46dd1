// Owners for what the TLS library allocates.
#pragma once

#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

#include <memory>
#include <type_traits>

#include "base/result.h"
#include "conclave/bytes.h"
#include "transport/quic/relay_key.h"

namespace conclave::transport::quic {

template <auto Free>
struct Freer {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};

using PrivateKeyOwner = std::unique_ptr<std::remove_pointer_t<gnutls_x509_privkey_t>, Freer<gnutls_x509_privkey_deinit>>;
using CertificateOwner = std::unique_ptr<std::remove_pointer_t<gnutls_x509_crt_t>, Freer<gnutls_x509_crt_deinit>>;
using PublicKeyOwner = std::unique_ptr<std::remove_pointer_t<gnutls_pubkey_t>, Freer<gnutls_pubkey_deinit>>;
using CredentialsOwner =
    std::unique_ptr<std::remove_pointer_t<gnutls_certificate_credentials_t>, Freer<gnutls_certificate_free_credentials>>;
using SessionOwner = std::unique_ptr<std::remove_pointer_t<gnutls_session_t>, Freer<gnutls_deinit>>;

/// Bytes that the library allocated. Wiped before they are freed: some are private keys.
class Datum {
 public:
  Datum() = default;
  Datum(const Datum&) = delete;
  Datum& operator=(const Datum&) = delete;
  ~Datum() {
    if (datum_.data != nullptr) gnutls_memset(datum_.data, 0, datum_.size);
    gnutls_free(datum_.data);
  }
  gnutls_datum_t* out() { return &datum_; }
  [[nodiscard]] ByteView view() const { return {datum_.data, datum_.size}; }

 private:
  gnutls_datum_t datum_{nullptr, 0};
};

/// `internal` with the sentence when the library says no.
inline Result<void> check(int code, const char* sentence) {
  if (code < 0) return Error{ErrorCode::internal, sentence};
  return {};
}

/// The hash of the key inside a certificate. Fails only when the certificate holds none that we know.
Result<KeyHash> hash_of_key(gnutls_x509_crt_t certificate);

struct RelayKey::State {
  PrivateKeyOwner key;
  CertificateOwner certificate;
};

}  // namespace conclave::transport::quic
