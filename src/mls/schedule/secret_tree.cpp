#include "mls/schedule/secret_tree.h"

#include <limits>

#include "base/bytes.h"
#include "mls/objects/labels.h"

namespace conclave::mls {
namespace {

using RatchetSecret = Secret<struct RatchetSecretTag>;

}  // namespace

MessageKey HashRatchet::derive(const crypto::CipherSuite& suite, const RatchetSecret& secret, std::uint32_t generation) {
  MessageKey out{Secret<struct MessageKeyTag, 32>(suite.aead_key_size), Secret<struct MessageNonceTag, 12>(suite.aead_nonce_size)};
  derive_tree_secret(suite, secret.expose(), "key", generation, out.key.expose_mutable());
  derive_tree_secret(suite, secret.expose(), "nonce", generation, out.nonce.expose_mutable());
  return out;
}

void HashRatchet::advance(const crypto::CipherSuite& suite, RatchetSecret& secret, std::uint32_t generation) {
  RatchetSecret next(suite.hash_size);
  derive_tree_secret(suite, secret.expose(), "secret", generation, next.expose_mutable());
  secret = std::move(next);
}

Result<std::pair<std::uint32_t, MessageKey>> HashRatchet::take_next(const crypto::CipherSuite& suite) {
  if (generation_ == std::numeric_limits<std::uint32_t>::max()) {
    return Error{ErrorCode::limit_exceeded, "no key is left in this epoch"};
  }
  const std::uint32_t generation = generation_;
  MessageKey key = derive(suite, secret_, generation);
  advance(suite, secret_, generation);
  ++generation_;
  return std::pair(generation, std::move(key));
}

Result<MessageKey> HashRatchet::peek(const crypto::CipherSuite& suite, std::uint32_t generation, const RatchetLimits& limits) const {
  if (generation < generation_) {
    const auto kept = kept_.find(generation);
    if (kept == kept_.end()) return Error{ErrorCode::replayed, "the key of this generation is gone"};
    return MessageKey{kept->second.key.clone(), kept->second.nonce.clone()};
  }
  if (generation - generation_ > limits.max_forward || generation == std::numeric_limits<std::uint32_t>::max()) {
    return Error{ErrorCode::unknown_key, "the generation is too far ahead"};
  }
  RatchetSecret secret = secret_.clone();
  for (std::uint32_t at = generation_; at < generation; ++at) advance(suite, secret, at);
  return derive(suite, secret, generation);
}

void HashRatchet::consume(const crypto::CipherSuite& suite, std::uint32_t generation, const RatchetLimits& limits) {
  if (generation < generation_) {
    kept_.erase(generation);
    return;
  }
  for (; generation_ < generation; ++generation_) {
    if (generation - generation_ <= limits.max_kept) kept_.emplace(generation_, derive(suite, secret_, generation_));
    advance(suite, secret_, generation_);
  }
  advance(suite, secret_, generation_++);
  while (kept_.size() > limits.max_kept) kept_.erase(kept_.begin());
}

SecretTree::SecretTree(const crypto::CipherSuite& suite, EncryptionSecret encryption_secret, std::uint32_t leaf_count)
    : suite_(&suite), leaf_count_(leaf_count) {
  nodes_.emplace(root(leaf_count), NodeSecret::copy_of(encryption_secret.expose()));
}

void SecretTree::split_down_to(LeafIndex leaf) {
  NodeIndex node = node_of(leaf);
  while (!nodes_.contains(node)) node = parent(node);
  while (!is_leaf(node)) {
    const auto held = nodes_.find(node);
    const auto child = [&](std::string_view side) {
      NodeSecret secret(suite_->hash_size);
      expand_with_label(*suite_, held->second.expose(), "tree", as_bytes(side), secret.expose_mutable());
      return secret;
    };
    NodeSecret left_secret = child("left");
    NodeSecret right_secret = child("right");
    nodes_.erase(held);
    nodes_.emplace(left(node), std::move(left_secret));
    nodes_.emplace(right(node), std::move(right_secret));
    node = is_under(leaf, left(node)) ? left(node) : right(node);
  }
}

SecretTree::LeafRatchets& SecretTree::ratchets(LeafIndex leaf) {
  const auto found = leaves_.find(leaf);
  if (found != leaves_.end()) return found->second;
  split_down_to(leaf);
  const auto held = nodes_.find(node_of(leaf));
  LeafRatchets fresh;
  if (!handshakes_ended_) fresh.handshake = HashRatchet(derive_secret<RatchetSecret>(*suite_, held->second.expose(), "handshake"));
  fresh.application = HashRatchet(derive_secret<RatchetSecret>(*suite_, held->second.expose(), "application"));
  nodes_.erase(held);
  return leaves_.emplace(leaf, std::move(fresh)).first->second;
}

HashRatchet& SecretTree::ratchet(LeafIndex leaf, RatchetKind kind) {
  LeafRatchets& both = ratchets(leaf);
  return kind == RatchetKind::handshake ? both.handshake : both.application;
}

Result<MessageKey> SecretTree::peek(LeafIndex leaf, RatchetKind kind, std::uint32_t generation) {
  if (leaf.value >= leaf_count_) return Error{ErrorCode::malformed, "the sender is no leaf of the group"};
  if (kind == RatchetKind::handshake && handshakes_ended_) return Error{ErrorCode::unknown_key, "the epoch is over", leaf.value};
  auto key = ratchet(leaf, kind).peek(*suite_, generation, limits_);
  if (!key.ok()) key.error().participant = leaf.value;
  return key;
}

Result<std::pair<std::uint32_t, MessageKey>> SecretTree::take_next(LeafIndex own_leaf, RatchetKind kind) {
  HashRatchet& own = ratchet(own_leaf, kind);
  if (kind == RatchetKind::handshake && (handshakes_ended_ || own.next_generation() > limits_.max_forward)) {
    return Error{ErrorCode::limit_exceeded, "no key for handshake messages is left in this epoch"};
  }
  return own.take_next(*suite_);
}

std::uint32_t SecretTree::handshakes_left(LeafIndex own_leaf) {
  if (handshakes_ended_) return 0;
  const std::uint32_t next = ratchet(own_leaf, RatchetKind::handshake).next_generation();
  return next > limits_.max_forward ? 0 : limits_.max_forward + 1 - next;
}

void SecretTree::end_handshakes() {
  handshakes_ended_ = true;
  for (auto& [leaf, both] : leaves_) both.handshake = {};
}

void SecretTree::consume(LeafIndex leaf, RatchetKind kind, std::uint32_t generation) {
  ratchet(leaf, kind).consume(*suite_, generation, limits_);
}

}  // namespace conclave::mls
