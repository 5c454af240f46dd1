// The pre-shared keys that a client holds (RFC 9420 section 8.4).
#pragma once

#include <map>

#include "mls/objects/bytes_less.h"
#include "mls/schedule/epoch_secrets.h"

namespace conclave::mls {

/// Move-only. External keys come from the application, resumption keys from groups.
class PskStore {
 public:
  static constexpr std::size_t max_combined = 65535;

  void add_external(Bytes psk_id, SecretBuffer secret);
  void remove_external(const Bytes& psk_id);
  void add_resumption(Bytes group_id, std::uint64_t epoch, ResumptionPsk secret);
  /// Forgets all resumption keys of a group.
  void erase_resumption(const Bytes& group_id) { resumption_.erase(group_id); }
  /// Forgets the resumption keys of this group's epochs before `epoch`.
  void erase_resumption_before(const Bytes& group_id, std::uint64_t epoch);

  /// The secret, valid until the store changes; nothing when it is not held.
  [[nodiscard]] std::optional<ByteView> find(const PreSharedKeyId& id) const;

  /// psk_secret of these keys in order. `unknown_key` when one is not held here nor in `more` (which may be null),
  /// `limit_exceeded` for more than 65,535: they are counted with 16 bits.
  [[nodiscard]] Result<PskSecret> combine(const crypto::CipherSuite& suite, std::span<const PreSharedKeyId> ids, const PskStore* more = nullptr) const;

 private:
  friend struct GroupSnapshot;
  std::map<Bytes, SecretBuffer, BytesLess> external_;
  std::map<Bytes, std::map<std::uint64_t, ResumptionPsk>, BytesLess> resumption_;  ///< by group and epoch
};

}  // namespace conclave::mls
