// Saving and restoring a group.
//
//     struct {
//       uint32 magic; uint16 version; uint64 counter; opaque salt[32];    /* authenticated, in the clear */
//       opaque sealed[…];   /* ChaCha20-Poly1305 under a key derived from the application's and the salt */
//     } SealedGroup;
#include <algorithm>

#include "base/bytes.h"
#include "crypto/aead.h"
#include "crypto/hkdf.h"
#include "mls/group/snapshot.h"
#include "mls/group/snapshot_io.h"

namespace conclave::mls {
namespace {

constexpr std::uint32_t magic = 0x434E4347;
constexpr std::uint16_t format_version = 1;

struct Header {
  std::uint32_t magic_number = magic;
  std::uint16_t version = format_version;
  std::uint64_t counter = 0;
  std::array<std::uint8_t, 32> salt{};
  CONCLAVE_FIELDS(magic_number, version, counter, salt)
};

/// Each salt gives a key of its own, used for one state: the nonce can be zero.
crypto::AeadKey state_key(ByteView key, const Header& header) {
  constexpr auto sha256 = crypto::HashAlgorithm::sha256;
  Secret<struct StateKeyTag> extracted(32);
  crypto::hkdf_extract(sha256, header.salt, key, extracted.expose_mutable());
  Secret<struct StateKeyTag> expanded(32);
  crypto::hkdf_expand(sha256, extracted.expose(), as_bytes("conclave group state"), expanded.expose_mutable());
  return {crypto::AeadAlgorithm::chacha20_poly1305, expanded.expose()};
}

constexpr std::array<std::uint8_t, crypto::aead_nonce_size> zero_nonce{};

Error damaged(const char* detail) { return {ErrorCode::damaged_state, detail}; }

template <class T, class U>
concept Of = std::is_same_v<std::remove_const_t<T>, U>;

}  // namespace

/// Names the fields of everything that belongs to a group's state.
struct GroupSnapshot {
  template <class T>
  static T blank() { return T(); }

  static void walk(auto& io, Of<EpochSecrets> auto& of) {
    io(of.sender_data_secret, of.encryption_secret, of.exporter_secret, of.external_secret, of.confirmation_key, of.membership_key,
       of.resumption_psk, of.epoch_authenticator, of.init_secret);
  }
  static void walk(auto& io, Of<MessageKey> auto& of) { io(of.key, of.nonce); }
  static void walk(auto& io, Of<HashRatchet> auto& of) { io(of.secret_, of.generation_, of.kept_); }
  static void walk(auto& io, Of<SecretTree::LeafRatchets> auto& of) { io(of.handshake, of.application); }
  static void walk(auto& io, Of<NodeIndex> auto& of) { io(of.value); }
  static void walk(auto& io, Of<SecretTree> auto& of) {
    io(of.leaf_count_, of.nodes_, of.leaves_);
    if constexpr (requires { io.suite(); }) of.suite_ = &io.suite();
  }
  static void walk(auto& io, Of<PrivateKeys> auto& of) { io(of.keys_); }
  static void walk(auto& io, Of<EpochState> auto& of) {
    io(of.context, of.interim_transcript_hash, of.confirmation_tag, of.secrets, of.secret_tree, of.keys, of.own_leaf);
    if constexpr (requires { io.suite(); }) of.context_bytes = wire::encode(of.context);
  }
  static void walk(auto& io, Of<PskStore> auto& of) { io(of.external_, of.resumption_); }
  static void walk(auto& io, Of<SentProposal> auto& of) { io(of.proposal, of.sender, of.reference, of.validated); }
  static void walk(auto& io, Of<TreeChanges::Entry> auto& of) { io(of.node, of.leaf, of.parent, of.hash); }
  static void walk(auto& io, Of<TreeChanges> auto& of) { io(of.leaf_count, of.entries); }
  static void walk(auto& io, Of<StagedCommit> auto& of) { io(of.summary_, of.base_, of.changes_, of.next_, of.new_signer_); }
  static void walk(auto& io, Of<Group::OwnUpdate> auto& of) { io(of.encryption_key, of.signer); }
  static void walk(auto& io, Of<Group::PastEpoch> auto& of) {
    io(of.epoch, of.context_bytes, of.sender_data_secret, of.secret_tree, of.changed_after);
  }
  static void walk(auto& io, Of<Group> auto& of) {
    io(of.psks_, of.proposals_, of.proposal_order_, of.own_updates_, of.pending_, of.pending_message_, of.past_, of.inviter_, of.removed_, of.reinit_);
  }

  static SecretBuffer write(const Group& group) {
    const Bytes tree = group.tree_.encode();
    const auto write_to = [&](wire::Writer& writer) {
      SnapshotWriter<GroupSnapshot> io(writer);
      io(group.suite_->id, tree, group.signer_, group.epoch_, group);
    };
    wire::Counter counter;
    write_to(counter);
    SecretBuffer out(counter.size());
    wire::Writer writer(out.expose_mutable());
    write_to(writer);
    return out;
  }

  static Result<Group> read(ByteView bytes, GroupOptions options, crypto::Random& random) {
    wire::Reader reader(bytes);
    const crypto::CipherSuite* suite = crypto::find_suite(reader.read_integer<std::uint16_t>());
    if (suite == nullptr) return damaged("a state is of an unknown cipher suite");
    SnapshotReader<GroupSnapshot> io(reader, *suite);
    Bytes tree_bytes;
    crypto::SignaturePrivateKey signer;
    EpochState epoch;
    io(tree_bytes, signer, epoch);
    CONCLAVE_TRY(reader.status());
    CONCLAVE_ASSIGN(tree, RatchetTree::read(*suite, tree_bytes, random, RatchetTree::Origin::ourselves));
    if (!equal(tree.tree_hash(), epoch.context.tree_hash)) return damaged("a state's tree is not its group's");
    if (tree.leaf(epoch.own_leaf) == nullptr || !epoch.keys.matches(tree)) return damaged("a state's keys are not those of its tree");
    Group group(*suite, std::move(tree), std::move(epoch), std::move(signer), options);
    io(group);
    CONCLAVE_TRY(reader.finish());
    const bool in_order = std::ranges::all_of(group.proposal_order_, [&](const ProposalRef& each) { return group.proposals_.contains(each); });
    if (!in_order || group.proposal_order_.size() != group.proposals_.size()) return damaged("a state's proposals are in disorder");
    while (group.past_.size() > options.past_epochs) group.past_.pop_back();
    for (auto& past : group.past_) {
      past.secret_tree.set_limits(options.ratchet);
      past.secret_tree.end_handshakes();
    }
    return group;
  }
};

template <>
StagedCommit GroupSnapshot::blank<StagedCommit>() { return {}; }

SecretBuffer write_state(const Group& group) { return GroupSnapshot::write(group); }

Result<Group> read_state(ByteView bytes, GroupOptions options, crypto::Random& random) { return GroupSnapshot::read(bytes, options, random); }

Result<Bytes> Group::save(ByteView key, std::uint64_t counter, crypto::Random& random) const {
  if (key.size() != 32) return Error{ErrorCode::invalid_argument, "a state is sealed under 32 bytes"};
  if (removed_) return Error{ErrorCode::invalid_state, "we were removed from the group"};
  Header header;
  header.counter = counter;
  random.fill(header.salt);
  const Bytes head = wire::encode(header);
  const SecretBuffer plaintext = write_state(*this);
  Bytes out(head.size() + plaintext.size() + crypto::aead_tag_size);
  std::copy(head.begin(), head.end(), out.begin());
  state_key(key, header).seal(zero_nonce, head, plaintext.expose(), ByteSpan(out).subspan(head.size()));
  return out;
}

Result<Group> Group::restore(ByteView sealed, ByteView key, std::uint64_t counter, GroupOptions options, crypto::Random& random) {
  if (key.size() != 32) return Error{ErrorCode::invalid_argument, "a state is sealed under 32 bytes"};
  const std::size_t head_size = wire::size_of(Header{});
  if (sealed.size() < head_size + crypto::aead_tag_size) return damaged("a state is cut short");
  const Header header = *wire::decode<Header>(sealed.first(head_size));
  if (header.magic_number != magic) return damaged("this is no state of a group");
  if (header.version > format_version) return Error{ErrorCode::unsupported, "a state is of a later version of this library"};
  const ByteView ciphertext = sealed.subspan(head_size);
  SecretBuffer plaintext(ciphertext.size() - crypto::aead_tag_size);
  if (!state_key(key, header).open(zero_nonce, sealed.first(head_size), ciphertext, plaintext.expose_mutable())) {
    return damaged("a state is damaged or sealed under another key");
  }
  if (header.counter != counter) return damaged("a state is not the last one that was saved");
  auto group = read_state(plaintext.expose(), options, random);
  if (!group.ok()) return damaged("a state does not parse");
  group->restored_ = group->skips_handshakes_ = true;
  return group;
}

}  // namespace conclave::mls
