// Sessions, sealers and openers as objects behind handles.
#pragma once

#include <deque>
#include <optional>

#include "conclave/session.h"
#include "handles.h"

namespace conclave::c {

/// An object that one thread uses at a time, around a value of the C++ interface.
template <class Value, Kind kind_of_it>
class Owned final : public Object {
 public:
  static constexpr Kind its_kind = kind_of_it;
  static constexpr Use its_use = Use::exclusive;
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
};

using IdentityObject = Owned<Identity, Kind::identity>;
using SessionObject = Owned<Meeting, Kind::session>;
using JoiningObject = Owned<Joining, Kind::joining>;
using SealerObject = Owned<FrameSealer, Kind::sealer>;
using OpenerObject = Owned<Opening, Kind::opener>;

/// `next_output` of the interface for one log message.
Output output_of(ToLog& message);

conclave_member member_of(const SessionMember& member, MemberId self);

}  // namespace conclave::c
