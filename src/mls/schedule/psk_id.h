// Names of pre-shared keys (RFC 9420 section 8.4).
#pragma once

#include "wire/fields.h"

namespace conclave::mls {

enum class PskType : std::uint8_t { external = 1, resumption = 2 };
enum class ResumptionPskUsage : std::uint8_t { application = 1, reinit = 2, branch = 3 };
constexpr bool is_known(ResumptionPskUsage usage) { return usage >= ResumptionPskUsage::application && usage <= ResumptionPskUsage::branch; }

struct ExternalPskId {
  static constexpr auto tag = PskType::external;
  Bytes psk_id;
  CONCLAVE_FIELDS(psk_id)
  friend auto operator<=>(const ExternalPskId&, const ExternalPskId&) = default;
};

struct ResumptionPskId {
  static constexpr auto tag = PskType::resumption;
  ResumptionPskUsage usage = ResumptionPskUsage::application;
  Bytes psk_group_id;
  std::uint64_t psk_epoch = 0;
  CONCLAVE_FIELDS(usage, psk_group_id, psk_epoch)
  friend auto operator<=>(const ResumptionPskId&, const ResumptionPskId&) = default;
};

///     struct {
///       PSKType psktype;
///       select (PreSharedKeyID.psktype) {
///         case external:   opaque psk_id<V>;
///         case resumption: ResumptionPSKUsage usage; opaque psk_group_id<V>; uint64 psk_epoch;
///       };
///       opaque psk_nonce<V>;
///     } PreSharedKeyID;
struct PreSharedKeyId {
  std::variant<ExternalPskId, ResumptionPskId> psk;
  Bytes psk_nonce;
  CONCLAVE_FIELDS(psk, psk_nonce)
  friend auto operator<=>(const PreSharedKeyId&, const PreSharedKeyId&) = default;

  /// The usage of a resumption PSK; `application` for an external one.
  [[nodiscard]] ResumptionPskUsage usage() const {
    const auto* resumption = std::get_if<ResumptionPskId>(&psk);
    return resumption == nullptr ? ResumptionPskUsage::application : resumption->usage;
  }
};

}  // namespace conclave::mls
