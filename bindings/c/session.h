// Sessions, sealers and openers as objects behind handles, with what they need.
#pragma once

#include <deque>
#include <memory>
#include <optional>

#include "conclave/contacts.h"
#include "conclave/session.h"
#include "handles.h"

namespace conclave::c {

/// An object around a value of the C++ interface; one thread uses it at a time, but for what never changes.
template <class Value, Kind kind_of_it, Use use_of_it = Use::exclusive>
class Owned final : public Object {
 public:
  static constexpr Kind its_kind = kind_of_it;
  static constexpr Use its_use = use_of_it;
  explicit Owned(Value its_value) : value(std::move(its_value)) {}
  [[nodiscard]] Kind kind() const override { return its_kind; }

  Value value;
};

/// What a session gave and nobody has fetched yet.
struct Output {
  conclave_output about{};
  Bytes bytes;
};

/// A session with its outputs.
struct Meeting {
  Session session;
  std::deque<Output> outputs;
  void take(SessionStep step);
};

/// A frame that its batch has proven, until somebody fetches it.
struct Proven {
  OpenedFrame frame;
  Bytes plaintext, metadata;
};

struct Opening {
  FrameOpener opener;
  std::optional<Proven> proven;
  std::deque<FrameDoubt> doubts;  ///< of the review that goes on
  bool reviewing = false;
};

/// A sealer with a statement that was taken from it and not fetched yet.
struct Sealing {
  FrameSealer sealer;
  Bytes statement;
};

using IdentityObject = Owned<std::shared_ptr<const Identity>, Kind::identity>;
using SessionObject = Owned<Meeting, Kind::session>;
using JoiningObject = Owned<Joining, Kind::joining>;
using SealerObject = Owned<Sealing, Kind::sealer>;
using OpenerObject = Owned<Opening, Kind::opener>;
using ContactsObject = Owned<ContactBook, Kind::contacts>;
using OrganisationObject = Owned<const TrustedOrganisation, Kind::organisation, Use::shared>;

/// `next_output` of the interface for one log message.
Output output_of(ToLog& message);

conclave_member member_of(const SessionMember& member, MemberId self);

/// A statement that was heard, as the bytes of its output, and back: `malformed`.
Bytes stated_bytes(const FramesStated& stated);
Result<FramesStated> stated_in(ByteView bytes);

/// What `trusted` and `trusted_count` of a configuration name.
Result<void> take_trusted(const conclave_handle* handles, std::uint32_t count, std::vector<TrustedOrganisation>& trusted);

/// The kind of a doubt in the C interface.
inline std::uint32_t doubt_kind(const FrameDoubt& doubt) { return static_cast<std::uint32_t>(doubt.kind) + 1; }

}  // namespace conclave::c
