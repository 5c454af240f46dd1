// Framing with the group's keys: handshake messages, proposals and application messages (RFC 9420 sections 6, 12.1 and 15).
#include <algorithm>
#include <array>

#include "base/bytes.h"
#include "mls/group/group.h"
#include "mls/group/proposal_selection.h"
#include "mls/tree/leaf_validation.h"

namespace conclave::mls {
namespace {

Error blame(Error error, const Sender& sender) {
  const auto leaf = member_of(sender);
  if (leaf && !error.participant) error.participant = leaf->value;
  return error;
}

/// Which sender may send what, and how (RFC 9420 sections 6 and 12.1.8).
Result<void> check_sender(const AuthenticatedContent& message) {
  const FramedContent& content = message.content;
  const auto* proposal = std::get_if<ProposalContent>(&content.content);
  const auto malformed = [](const char* detail) { return Error{ErrorCode::malformed, detail}; };
  if (std::holds_alternative<ExternalSenderIndex>(content.sender)) {
    if (proposal == nullptr || !allowed_from_outside(type_of(proposal->proposal))) return malformed("an external sender sent what it may not");
  } else if (std::holds_alternative<NewMemberProposalSender>(content.sender)) {
    if (proposal == nullptr || !std::holds_alternative<Add>(proposal->proposal)) return malformed("a new member proposed more than its own addition");
  } else if (std::holds_alternative<NewMemberCommitSender>(content.sender)) {
    const auto* commit = std::get_if<CommitContent>(&content.content);
    if (commit == nullptr || !commit->commit.path) return malformed("a new member sent something else than a commit with path");
  }
  return {};
}

}  // namespace

Result<crypto::SignaturePublicKey> Group::sender_key(const AuthenticatedContent& message) const {
  CONCLAVE_TRY(check_sender(message));
  const FramedContent& content = message.content;
  if (const auto leaf = member_of(content.sender)) {
    const TreeLeaf* node = tree_.leaf(*leaf);
    if (node == nullptr) return Error{ErrorCode::invalid_message, "the sender's leaf is blank", leaf->value};
    return signature_keys_.parsed(suite_->signature, *leaf, node->signature_key());
  }
  if (const auto* external = std::get_if<ExternalSenderIndex>(&content.sender)) {
    CONCLAVE_ASSIGN(senders, epoch_.context.extensions.get<ExternalSenders>());
    if (!senders || external->sender_index >= senders->senders.size()) {
      return Error{ErrorCode::invalid_message, "the group knows no such external sender"};
    }
    return crypto::SignaturePublicKey::parse(suite_->signature, senders->senders[external->sender_index].signature_key);
  }
  if (std::holds_alternative<NewMemberProposalSender>(content.sender)) {
    const auto& add = std::get<Add>(std::get<ProposalContent>(content.content).proposal);
    return crypto::SignaturePublicKey::parse(suite_->signature, add.key_package->leaf_node.signature_key);
  }
  const UpdatePath& path = *std::get<CommitContent>(content.content).commit.path;
  return crypto::SignaturePublicKey::parse(suite_->signature, path.leaf_node.signature_key);
}

/// Unwraps and authenticates a proposal or commit of this epoch. No key is spent: whoever stages a commit twice, before and
/// after a crash, reads it twice, and the keys go with the epoch.
Result<AuthenticatedContent> Group::open_handshake(ByteView message) {
  CONCLAVE_TRY(check_active());
  CONCLAVE_ASSIGN(decoded, MlsMessage::decode(message));
  AuthenticatedContent content;
  if (auto* private_message = std::get_if<PrivateMessage>(&decoded.body)) {
    CONCLAVE_TRY(check_address(private_message->group_id, private_message->epoch));
    if (private_message->content_type == ContentType::application) return Error{ErrorCode::invalid_argument, "this is an application message"};
    CONCLAVE_ASSIGN(opened, unprotect_private(*suite_, epoch_.secret_tree, epoch_.secrets.sender_data_secret, *private_message));
    content = std::move(opened.message);
  } else if (auto* public_message = std::get_if<PublicMessage>(&decoded.body)) {
    CONCLAVE_TRY(check_address(public_message->content.group_id, public_message->content.epoch));
    CONCLAVE_ASSIGN(unwrapped, PublicMessage::unprotect(*suite_, std::move(*public_message), epoch_.secrets.membership_key, epoch_.context_bytes));
    content = std::move(unwrapped);
  } else {
    return Error{ErrorCode::invalid_argument, "this is no message within a group"};
  }
  auto key = sender_key(content);
  if (!key.ok()) return blame(std::move(key).error(), content.content.sender);
  if (!content.verify(*key, epoch_.context_bytes)) {
    return blame({ErrorCode::not_authentic, "the signature of a message does not verify"}, content.content.sender);
  }
  return content;
}

AuthenticatedContent Group::frame(Content content, Bytes authenticated_data, WireFormat format) const {
  AuthenticatedContent message;
  message.wire_format = format;
  message.content.group_id = epoch_.context.group_id;
  message.content.epoch = epoch();
  message.content.sender = MemberSender{own_leaf()};
  message.content.authenticated_data = std::move(authenticated_data);
  message.content.content = std::move(content);
  return message;
}

Result<Bytes> Group::protect_handshake(AuthenticatedContent message, crypto::Random& random) {
  if (message.wire_format == WireFormat::public_message) {
    CONCLAVE_ASSIGN(wrapped, PublicMessage::protect(*suite_, std::move(message), epoch_.secrets.membership_key, epoch_.context_bytes));
    return encode_message(wrapped);
  }
  if (skips_handshakes_) skip_handshake_keys(random);
  CONCLAVE_ASSIGN(sealed, protect_private(*suite_, epoch_.secret_tree, epoch_.secrets.sender_data_secret, own_leaf(), std::move(message),
                                          options_.padding_block, random));
  return encode_message(sealed);
}

/// A restored group must send a commit under keys that may have been used before it was killed. The reuse guard keeps the nonces
/// apart (RFC 9420 section 6.3.1); a leap makes it unlikely that the key is even the same, so that no member takes it for a replay. It
/// takes an eighth of what is left at most: a group can be restored dozens of times in one epoch.
void Group::skip_handshake_keys(crypto::Random& random) {
  std::array<std::uint8_t, 1> draw{};
  random.fill(draw);
  const std::uint32_t most = std::min<std::uint32_t>(epoch_.secret_tree.handshakes_left(own_leaf()) / 8, 255);
  const std::uint32_t leap = most == 0 ? 0 : 1 + draw[0] % most;
  for (std::uint32_t i = 0; i < leap; ++i) static_cast<void>(epoch_.secret_tree.take_next(own_leaf(), RatchetKind::handshake));
  skips_handshakes_ = false;
}

ProposalRules Group::rules(CommitKind kind, std::optional<LeafIndex> committer, UnixSeconds now) const {
  return {tree_, epoch_.context, kind, committer, options_.check_lifetimes ? std::optional(now) : std::nullopt};
}

/// What we send ourselves is within its lifetime in any case (RFC 9420 section 7.3).
ProposalRules Group::rules_of_sender(UnixSeconds now, CommitKind kind) const { return {tree_, epoch_.context, kind, own_leaf(), now}; }

/// How many proposals a sender may have noted is bounded for each member, each external sender, and all newcomers together, so that
/// nobody uses up the others' room; members who read the same log refuse the same ones.
Result<void> Group::check_room(const Sender& sender) const {
  const auto count = std::ranges::count_if(proposals_, [&](const auto& noted) { return noted.second->sender == sender; });
  if (static_cast<std::size_t>(count) < options_.max_proposals) return {};
  return blame({ErrorCode::limit_exceeded, "a sender has proposed too much in one epoch"}, sender);
}

SharedProposal Group::note_proposal(SentProposal sent) {
  const ProposalRef reference = *sent.reference;
  const auto [noted, fresh] = proposals_.emplace(reference, std::make_shared<SentProposal>(std::move(sent)));
  if (fresh) proposal_order_.push_back(reference);
  return noted->second;
}

/// A key package outside of its lifetime is noted all the same: our clock may be wrong, and whoever commits it refers to it.
Result<void> Group::check_lifetime(const Proposal& proposal, UnixSeconds now) const {
  const auto* add = std::get_if<Add>(&proposal);
  if (add == nullptr || !options_.check_lifetimes) return {};
  const auto* lifetime = std::get_if<Lifetime>(&add->key_package->leaf_node.source);
  if (lifetime == nullptr || lifetime->contains(now)) return {};
  return Error{ErrorCode::expired, "a leaf's lifetime does not include the present"};
}

Result<ReceivedProposal> Group::receive_proposal(ByteView message, UnixSeconds now) {
  CONCLAVE_ASSIGN(content, open_handshake(message));
  const auto* proposal = std::get_if<ProposalContent>(&content.content.content);
  if (proposal == nullptr) return Error{ErrorCode::invalid_argument, "this is no proposal"};
  SentProposal sent{proposal->proposal, content.content.sender, proposal_reference(*suite_, content), false};
  CONCLAVE_TRY(check_room(sent.sender));
  ProposalRules by_rules = rules(CommitKind::regular, std::nullopt, now);
  by_rules.now = std::nullopt;
  CONCLAVE_TRY(check_proposal(by_rules, sent));
  if (const auto* add = std::get_if<Add>(&sent.proposal); add != nullptr && options_.check_lifetimes) {
    const Result<void> acceptable = check_lifetime_length(add->key_package->leaf_node);
    if (!acceptable.ok()) return blame(acceptable.error(), sent.sender);
  }
  Result<void> fits = check_lifetime(sent.proposal, now);
  sent.validated = fits.ok();  // a commit that covers it is judged by the time when it comes
  const SharedProposal noted = note_proposal(std::move(sent));
  if (fits.ok()) fits = try_proposals({tree_, by_rules, psks_}, {noted});
  return ReceivedProposal{*noted->reference, noted, fits.ok() ? std::nullopt : std::optional(blame(fits.error(), noted->sender))};
}

Result<Bytes> Group::propose(Proposal proposal, UnixSeconds now, crypto::Random& random) {
  return send_proposal(std::move(proposal), rules_of_sender(now), random);
}

Result<Bytes> Group::send_proposal(Proposal proposal, const ProposalRules& by_rules, crypto::Random& random) {
  CONCLAVE_TRY(check_active());
  SentProposal sent{proposal, MemberSender{own_leaf()}, {}, false};
  CONCLAVE_TRY(check_room(sent.sender));
  CONCLAVE_TRY(check_proposal(by_rules, sent));
  sent.validated = true;
  AuthenticatedContent message = frame(ProposalContent{std::move(proposal)}, {}, options_.handshake_format);
  CONCLAVE_TRY(message.sign(signer_, epoch_.context_bytes));
  sent.reference = proposal_reference(*suite_, message);
  CONCLAVE_ASSIGN(bytes, protect_handshake(std::move(message), random));
  note_proposal(std::move(sent));
  return bytes;
}

Result<Bytes> Group::propose_add(const KeyPackage& key_package, UnixSeconds now, crypto::Random& random) {
  return propose(Add{std::make_shared<KeyPackage>(key_package)}, now, random);
}

// Nothing in these has a lifetime.
Result<Bytes> Group::propose_remove(LeafIndex leaf, crypto::Random& random) { return send_proposal(Remove{leaf}, rules_of_sender({}), random); }

Result<Bytes> Group::propose_extensions(Extensions extensions, crypto::Random& random) {
  return send_proposal(GroupContextExtensions{std::move(extensions)}, rules_of_sender({}), random);
}

Result<LeafNode> Group::changed_leaf(const LeafChange& change) const {
  LeafNode leaf = tree_.leaf(own_leaf())->parsed();
  if (change.credential) leaf.credential = *change.credential;
  if (change.capabilities) {
    leaf.capabilities = *change.capabilities;
    leaf.capabilities.drop_defaults();
  }
  if (change.extensions) leaf.extensions = *change.extensions;
  leaf.capabilities.announce(leaf.extensions);
  return leaf;
}

Result<Bytes> Group::propose_update(LeafChange change, crypto::Random& random) {
  CONCLAVE_TRY(check_active());
  CONCLAVE_ASSIGN(leaf, changed_leaf(change));
  CONCLAVE_ASSIGN(key, crypto::KemPrivateKey::generate(suite_->kem, random));
  leaf.encryption_key = to_bytes(key.public_key().bytes());
  leaf.source = UpdatedLeaf{};
  CONCLAVE_TRY(leaf.sign(change.signer ? *change.signer : signer_, group_id(), own_leaf()));
  CONCLAVE_ASSIGN(message, send_proposal(Update{std::make_shared<LeafNode>(std::move(leaf))}, rules_of_sender({}), random));
  own_updates_.emplace(proposal_order_.back(), OwnUpdate{std::make_shared<crypto::KemPrivateKey>(std::move(key)), std::move(change.signer), true});
  return message;
}

Result<Bytes> Group::protect(ByteView plaintext, ByteView authenticated_data, crypto::Random& random) {
  CONCLAVE_TRY(check_active());
  if (restored_) return Error{ErrorCode::invalid_state, "a restored group sends nothing before a commit of its own: keys may have been used"};
  if (!proposals_.empty()) return Error{ErrorCode::invalid_state, "a proposal waits for a commit"};
  AuthenticatedContent message = frame(ApplicationContent{SecretBuffer::copy_of(plaintext)}, to_bytes(authenticated_data), WireFormat::private_message);
  CONCLAVE_TRY(message.sign(signer_, epoch_.context_bytes));
  return protect_handshake(std::move(message), random);
}

Result<ApplicationMessage> Group::unprotect(ByteView message) {
  CONCLAVE_ASSIGN(decoded, MlsMessage::decode(message));
  const auto* sealed = std::get_if<PrivateMessage>(&decoded.body);
  if (sealed == nullptr || sealed->content_type != ContentType::application) return Error{ErrorCode::invalid_argument, "this is no application message"};
  if (!equal(sealed->group_id, group_id())) return Error{ErrorCode::wrong_group, "the message is for another group"};

  const auto past = std::ranges::find(past_, sealed->epoch, &PastEpoch::epoch);
  const bool is_past = past != past_.end();
  if (!is_past && (removed_ || sealed->epoch != epoch())) return Error{ErrorCode::wrong_epoch, "no key is held for the message's epoch"};
  SecretTree& keys = is_past ? past->secret_tree : epoch_.secret_tree;
  CONCLAVE_ASSIGN(opened, unprotect_private(*suite_, keys, is_past ? past->sender_data_secret : epoch_.secrets.sender_data_secret, *sealed));
  const TreeLeaf* leaf = is_past ? leaf_in_epoch(opened.sender, static_cast<std::size_t>(past - past_.begin())) : tree_.leaf(opened.sender);
  if (leaf == nullptr) return Error{ErrorCode::invalid_message, "the sender's leaf is blank", opened.sender.value};
  CONCLAVE_ASSIGN(key, signature_keys_.parsed(suite_->signature, opened.sender, leaf->signature_key()));
  if (!opened.message.verify(key, is_past ? past->context_bytes : epoch_.context_bytes)) {
    return Error{ErrorCode::not_authentic, "the signature of a message does not verify", opened.sender.value};
  }
  keys.consume(opened.sender, RatchetKind::application, opened.generation);
  FramedContent& content = opened.message.content;
  return ApplicationMessage{opened.sender, content.epoch, std::move(content.authenticated_data),
                            std::move(std::get<ApplicationContent>(content.content).application_data)};
}

}  // namespace conclave::mls
