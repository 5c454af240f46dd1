// Keys for messages: a tree of secrets with two ratchets at each leaf (RFC 9420 section 9).
#pragma once

#include <map>

#include "mls/schedule/epoch_secrets.h"
#include "mls/tree/tree_math.h"

namespace conclave::mls {

/// One key and nonce, for one message.
struct MessageKey {
  Secret<struct MessageKeyTag, 32> key;
  Secret<struct MessageNonceTag, 12> nonce;
};

/// How far a ratchet follows a sender (RFC 9420 section 15.3 asks for bounds). Keys of handshake messages are not spent by reading
/// them, so that their ratchets do not move: a sender has `max_forward` + 1 of these messages per epoch.
struct RatchetLimits {
  std::uint32_t max_forward = 1000;  ///< generations ahead of the next one that a message may be
  std::uint32_t max_kept = 256;      ///< keys kept for messages that come late
};

/// One sender's ratchet for one kind of message (RFC 9420 section 9.1). Move-only; what is used is erased.
class HashRatchet {
 public:
  HashRatchet() = default;
  explicit HashRatchet(Secret<struct RatchetSecretTag> secret) : secret_(std::move(secret)) {}

  [[nodiscard]] std::uint32_t next_generation() const { return generation_; }
  /// True when there is no secret to derive from.
  [[nodiscard]] bool empty() const { return secret_.empty(); }
  /// The next key for sending; the ratchet moves on. `limit_exceeded` after 2^32 - 1 messages.
  Result<std::pair<std::uint32_t, MessageKey>> take_next(const crypto::CipherSuite& suite);

  /// Derives the key of `generation` and changes nothing: call `consume` when the message proved authentic.
  /// `replayed` when it was used or given up, `unknown_key` when it is too far ahead; either costs no derivation.
  [[nodiscard]] Result<MessageKey> peek(const crypto::CipherSuite& suite, std::uint32_t generation, const RatchetLimits& limits) const;
  /// Erases the key of `generation`, and keeps those that were skipped on the way to it.
  void consume(const crypto::CipherSuite& suite, std::uint32_t generation, const RatchetLimits& limits);

 private:
  friend class SecretTree;
  friend struct GroupSnapshot;
  static MessageKey derive(const crypto::CipherSuite& suite, const Secret<struct RatchetSecretTag>& secret, std::uint32_t generation);
  static void advance(const crypto::CipherSuite& suite, Secret<struct RatchetSecretTag>& secret, std::uint32_t generation);

  Secret<struct RatchetSecretTag> secret_;  ///< of `generation_`
  std::uint32_t generation_ = 0;
  std::map<std::uint32_t, MessageKey> kept_;
};

enum class RatchetKind : std::uint8_t { handshake, application };

/// The secret tree of one epoch. Secrets of nodes are split on demand and erased when they were split, so what is held is
/// a frontier. Move-only.
class SecretTree {
 public:
  SecretTree() = default;
  SecretTree(const crypto::CipherSuite& suite, EncryptionSecret encryption_secret, std::uint32_t leaf_count);

  /// The ratchet of a leaf within the tree. Splits secrets down to it.
  HashRatchet& ratchet(LeafIndex leaf, RatchetKind kind);
  /// The key of a leaf's `generation`; nothing is changed but that secrets may be split. Errors as `HashRatchet::peek`,
  /// with the leaf as participant; `malformed` for a leaf outside of the tree.
  Result<MessageKey> peek(LeafIndex leaf, RatchetKind kind, std::uint32_t generation);
  void consume(LeafIndex leaf, RatchetKind kind, std::uint32_t generation);
  /// The next key of our own; the ratchet moves on. `limit_exceeded` when no more are left, or nobody would follow.
  Result<std::pair<std::uint32_t, MessageKey>> take_next(LeafIndex own_leaf, RatchetKind kind);

  /// How many more handshake messages we can send in this epoch.
  [[nodiscard]] std::uint32_t handshakes_left(LeafIndex own_leaf);

  /// The epoch is over: erases all ratchets for handshake messages and makes no more. Application messages still come late.
  void end_handshakes();

  [[nodiscard]] std::uint32_t leaf_count() const { return leaf_count_; }
  void set_limits(RatchetLimits limits) { limits_ = limits; }

 private:
  friend struct GroupSnapshot;
  using NodeSecret = Secret<struct TreeNodeSecretTag>;
  struct LeafRatchets {
    HashRatchet handshake;
    HashRatchet application;
  };
  LeafRatchets& ratchets(LeafIndex leaf);
  void split_down_to(LeafIndex leaf);

  const crypto::CipherSuite* suite_ = nullptr;
  std::uint32_t leaf_count_ = 0;
  RatchetLimits limits_;
  std::map<NodeIndex, NodeSecret> nodes_;
  std::map<LeafIndex, LeafRatchets> leaves_;
  bool handshakes_ended_ = false;
};

}  // namespace conclave::mls
