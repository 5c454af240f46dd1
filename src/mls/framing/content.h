// What is said, by whom, and what authenticates it (RFC 9420 sections 6 and 6.1).
#pragma once

#include "mls/framing/commit.h"

namespace conclave::mls {

enum class ContentType : std::uint8_t { application = 1, proposal = 2, commit = 3 };
constexpr bool is_known(ContentType type) { return type >= ContentType::application && type <= ContentType::commit; }

enum class SenderType : std::uint8_t { member = 1, external = 2, new_member_proposal = 3, new_member_commit = 4 };

struct MemberSender {
  static constexpr auto tag = SenderType::member;
  LeafIndex leaf_index;
  CONCLAVE_FIELDS(leaf_index)
  friend bool operator==(const MemberSender&, const MemberSender&) = default;
};
struct ExternalSenderIndex {
  static constexpr auto tag = SenderType::external;
  std::uint32_t sender_index = 0;  ///< into the `external_senders` extension
  CONCLAVE_FIELDS(sender_index)
  friend bool operator==(const ExternalSenderIndex&, const ExternalSenderIndex&) = default;
};
struct NewMemberProposalSender {
  static constexpr auto tag = SenderType::new_member_proposal;
  CONCLAVE_NO_FIELDS
  friend bool operator==(const NewMemberProposalSender&, const NewMemberProposalSender&) = default;
};
struct NewMemberCommitSender {
  static constexpr auto tag = SenderType::new_member_commit;
  CONCLAVE_NO_FIELDS
  friend bool operator==(const NewMemberCommitSender&, const NewMemberCommitSender&) = default;
};

///     struct {
///       SenderType sender_type;
///       select (Sender.sender_type) {
///         case member:   uint32 leaf_index;
///         case external: uint32 sender_index;
///         case new_member_commit: case new_member_proposal: struct{};
///       };
///     } Sender;
using Sender = std::variant<MemberSender, ExternalSenderIndex, NewMemberProposalSender, NewMemberCommitSender>;

/// The leaf of a sender who is a member; nothing for all others.
std::optional<LeafIndex> member_of(const Sender& sender);

struct ApplicationContent {
  static constexpr auto tag = ContentType::application;
  SecretBuffer application_data;
  CONCLAVE_FIELDS(application_data)
};
struct ProposalContent {
  static constexpr auto tag = ContentType::proposal;
  Proposal proposal;
  CONCLAVE_FIELDS(proposal)
};
struct CommitContent {
  static constexpr auto tag = ContentType::commit;
  Commit commit;
  CONCLAVE_FIELDS(commit)
};
using Content = std::variant<ApplicationContent, ProposalContent, CommitContent>;

ContentType type_of(const Content& content);

///     struct {
///       opaque group_id<V>;
///       uint64 epoch;
///       Sender sender;
///       opaque authenticated_data<V>;
///       ContentType content_type;
///       select (FramedContent.content_type) {
///         case application: opaque application_data<V>;
///         case proposal:    Proposal proposal;
///         case commit:      Commit commit;
///       };
///     } FramedContent;
struct FramedContent {
  Bytes group_id;
  std::uint64_t epoch = 0;
  Sender sender;
  Bytes authenticated_data;
  Content content;
  CONCLAVE_FIELDS(group_id, epoch, sender, authenticated_data, content)

  [[nodiscard]] ContentType content_type() const { return type_of(content); }
};

/// The signature and, for a commit, the confirmation tag.
///
///     struct {
///       opaque signature<V>;   /* SignWithLabel(., "FramedContentTBS", FramedContentTBS) */
///       select (FramedContent.content_type) { case commit: MAC confirmation_tag; case application: case proposal: struct{}; };
///     } FramedContentAuthData;
struct FramedContentAuthData {
  Bytes signature;
  Bytes confirmation_tag;  ///< of a commit alone

  void read(wire::Reader& reader, ContentType type);
  void write(wire::Writer& writer, ContentType type) const;
};

///     struct { WireFormat wire_format; FramedContent content; FramedContentAuthData auth; } AuthenticatedContent;
struct AuthenticatedContent {
  WireFormat wire_format{};
  FramedContent content;
  FramedContentAuthData auth;

  void read_from(wire::Reader& reader);
  void write_to(wire::Writer& writer) const;

  /// Signs the content; `group_context` is the serialised GroupContext of the epoch, which is covered for members and for
  /// new members that commit (RFC 9420 section 6.1).
  Result<void> sign(const crypto::SignaturePrivateKey& key, ByteView group_context);
  [[nodiscard]] bool verify(const crypto::SignaturePublicKey& key, ByteView group_context) const;

  /// FramedContentTBS (RFC 9420 section 6.1).
  [[nodiscard]] SecretBuffer to_be_signed(ByteView group_context) const;
};

/// MakeProposalRef (RFC 9420 section 5.2) of a message that carries a proposal.
ProposalRef proposal_reference(const crypto::CipherSuite& suite, const AuthenticatedContent& message);

}  // namespace conclave::mls

CONCLAVE_WIRE_ELSEWHERE(conclave::mls::FramedContent)
CONCLAVE_WIRE_ELSEWHERE(conclave::mls::AuthenticatedContent)
