// Key ids for the members of an MLS group, and the keys of one epoch (RFC 9605 section 5.2).
#pragma once

#include <memory>
#include <vector>

#include "base/result.h"
#include "sframe/frame_key.h"

namespace conclave::sframe {

class Sealer;

/// `sframe_epoch_secret`, the base key of an epoch: MLS-Exporter("SFrame 1.0 Base Key", "", AEAD.Nk).
using EpochSecret = Secret<struct SframeEpochSecretTag>;

/// What the parts of a KID mean to a member: `context` is a stream's number, chosen by its sender.
struct KidParts {
  std::uint64_t context = 0;
  std::uint32_t sender = 0;
  std::uint64_t epoch_bits = 0;  ///< the low bits of the epoch
  friend bool operator==(const KidParts&, const KidParts&) = default;
};

///      64-S-E bits   S bits   E bits
///     +-------------+--------+-------+
///     | Context ID  | Index  | Epoch |
///     +-------------+--------+-------+
struct KidLayout {
  unsigned epoch_size = 4;    ///< E, in bits: 1 to 16. At most 2^E epochs can live at once.
  unsigned sender_size = 10;  ///< S, in bits: 1 to 32, so that every member's index fits

  [[nodiscard]] bool valid() const { return epoch_size >= 1 && epoch_size <= 16 && sender_size >= 1 && sender_size <= 32; }
  /// Whether a sender's index and a stream's number have room.
  [[nodiscard]] bool fits(std::uint32_t sender, std::uint64_t context) const;
  /// The KID. Only for what `fits`.
  [[nodiscard]] std::uint64_t join(std::uint64_t context, std::uint32_t sender, std::uint64_t epoch) const;
  [[nodiscard]] KidParts split(std::uint64_t kid) const {
    const std::uint64_t senders = (std::uint64_t{1} << sender_size) - 1;
    return {kid >> (sender_size + epoch_size), static_cast<std::uint32_t>(kid >> epoch_size & senders), epoch_bits(kid)};
  }
  [[nodiscard]] std::uint64_t epoch_bits(std::uint64_t epoch) const { return epoch & ((std::uint64_t{1} << epoch_size) - 1); }
  friend bool operator==(const KidLayout&, const KidLayout&) = default;
};

struct NewEpoch;

/// The secret of one epoch, from which every sender's keys follow. Immutable: shared by the sealers and the opener of
/// several threads without a lock. Of the epoch secret only `sframe_secret` is kept.
class EpochKeys {
 public:
  /// Keys of `epoch`, and the one right to seal under them. `secret` has `key_size` bytes of the suite.
  /// `invalid_argument` when it has not, or the layout has no valid sizes.
  static Result<NewEpoch> create(CipherSuite suite, std::uint64_t epoch, const EpochSecret& secret, KidLayout layout);

  [[nodiscard]] const SuiteParameters& suite() const { return *suite_; }
  [[nodiscard]] std::uint64_t epoch() const { return epoch_; }
  [[nodiscard]] const KidLayout& layout() const { return layout_; }
  /// The key of one KID. Costs a derivation.
  [[nodiscard]] FrameKey derive(std::uint64_t kid) const { return {*suite_, kid, secret_}; }

 private:
  EpochKeys(const SuiteParameters& suite, std::uint64_t epoch, SframeSecret secret, KidLayout layout);

  const SuiteParameters* suite_;
  std::uint64_t epoch_;
  KidLayout layout_;
  SframeSecret secret_;
};

/// The right to seal under an epoch's keys: made once, with them, and move-only. It gives out each KID at most once, and a
/// `Sealer` comes from nowhere else, so no counter is ever used twice under a key.
class SealingRight {
 public:
  SealingRight(SealingRight&&) noexcept = default;
  SealingRight& operator=(SealingRight&&) noexcept = default;
  ~SealingRight() = default;

  /// The sealer of stream `context` of member `sender`. `first_counter` is above every counter used before a state was
  /// restored (section 9.1). `invalid_argument` when the layout has no room, `invalid_state` when this KID was given out.
  Result<Sealer> make_sealer(std::uint32_t sender, std::uint64_t context, std::uint64_t first_counter = 0);

  [[nodiscard]] const std::shared_ptr<const EpochKeys>& keys() const { return keys_; }

 private:
  friend class EpochKeys;
  explicit SealingRight(std::shared_ptr<const EpochKeys> keys) : keys_(std::move(keys)) {}

  std::shared_ptr<const EpochKeys> keys_;
  std::vector<std::uint64_t> given_out_;  ///< KIDs
};

struct NewEpoch {
  std::shared_ptr<const EpochKeys> keys;
  SealingRight sealing;
};

}  // namespace conclave::sframe
