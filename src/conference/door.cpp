#include "conference/door.h"

#include "base/bytes.h"
#include "conference/to_relay.h"
#include "crypto/work.h"
#include "room/card.h"
#include "room/knock.h"
#include "room/ticket.h"

namespace conclave::conference {
namespace {

constexpr std::uint8_t max_work_bits = 20;  // half a second of one core: what we do for a relay that may be hostile

}  // namespace

Door::Step Door::handle(const TransportEvent& event, Time now, ConferenceOutputs& out) {
  if (const auto* closed = std::get_if<TransportClosed>(&event)) return closed->error;
  if (std::holds_alternative<TransportConnected>(event) && std::holds_alternative<Connecting>(state_)) {
    send(out, Channel::control, transport::Hello{transport::protocol_version, to_bytes(context_->link.room_id)});
    state_ = Greeting{now};
    return {};
  }
  const auto* message = std::get_if<TransportMessage>(&event);
  if (message == nullptr) return {};
  const auto decoded = transport::decode_relay_message(message->message);
  if (!decoded.ok()) return Error{ErrorCode::malformed, "the relay sent a message that does not parse"};
  return on_message(*decoded, now, out);
}

Door::Step Door::expire(Time now) {
  if (now < deadline_) return {};
  if (std::holds_alternative<Knocking>(state_)) return Error{ErrorCode::expired, "nobody answered the knock in time"};
  return Error{ErrorCode::unreachable, "the relay did not answer in time"};
}

Door::Step Door::on_message(const transport::RelayMessage& message, Time now, ConferenceOutputs& out) {
  if (const auto* refused = std::get_if<transport::Refused>(&message)) return Error{refused->code, refused->reason};
  if (const auto* hello = std::get_if<transport::HelloAccepted>(&message)) return on_hello(*hello, now, out);
  if (std::holds_alternative<transport::RoomOpened>(message)) return on_opened(now);
  if (const auto* answer = std::get_if<transport::KnockAnswered>(&message)) return on_answer(*answer, now);
  if (std::holds_alternative<transport::RoomClosed>(message)) return Error{ErrorCode::refused, "the room was closed"};
  if (const auto* streams = std::get_if<transport::StreamsAvailable>(&message)) streams_ = *streams;
  return {};  // the rest concerns members
}

Door::Step Door::on_hello(const transport::HelloAccepted& hello, Time now, ConferenceOutputs& out) {
  const auto* greeting = std::get_if<Greeting>(&state_);
  if (greeting == nullptr) return Error{ErrorCode::invalid_message, "the relay greeted twice"};
  round_trip_ = now - greeting->sent_at;
  if (hello.version != transport::protocol_version) {
    return Error{ErrorCode::version_mismatch, "the relay speaks another version of the protocol"};
  }
  const Result<void> done = context_->hosting ? open_room(hello, out) : knock(hello, now, out);
  if (!done.ok()) return done.error();
  return {};
}

Result<void> Door::open_room(const transport::HelloAccepted& hello, ConferenceOutputs& out) {
  const SessionConfig config = context_->session_config();
  const crypto::CipherSuite* suite = crypto::find_suite(config.suite);
  CONCLAVE_ASSIGN(admission_key, crypto::KemPrivateKey::generate(suite->kem, context_->random()));
  CONCLAVE_ASSIGN(card, room::RoomCard::seal(session::inside(*context_->identity), context_->link.room_id, *context_->invitation, config.suite,
                                             admission_key.public_key().bytes(), context_->random()));
  transport::OpenRoom open{to_bytes(context_->invitation->gate_key.public_key().bytes()), std::move(card)};
  CONCLAVE_ASSIGN(lane_key, room::lane_key_of(session::inside(*context_->identity), context_->link.room_id));
  open.lane_key = to_bytes(lane_key.public_key().bytes());
  CONCLAVE_TRY(show_permit(hello.challenge, open));
  send(out, Channel::control, std::move(open));
  state_ = Opening{std::move(admission_key), hello.connection};
  return {};
}

Result<void> Door::show_permit(ByteView challenge, transport::OpenRoom& open) const {
  const RoomPermit& permit = context_->config.room_permit;
  open.token = SecretBuffer::copy_of(as_bytes(permit.token));
  if (!permit.key_seed) return {};
  CONCLAVE_ASSIGN(key, crypto::SignaturePrivateKey::parse(crypto::SignatureAlgorithm::ed25519, *permit.key_seed));
  CONCLAVE_ASSIGN(signature, key.sign(transport::opening_message(context_->link.room_id, challenge, open)));
  open.opener_key = to_bytes(key.public_key().bytes());
  open.opener_signature = std::move(signature);
  return {};
}

Result<void> Door::knock(const transport::HelloAccepted& hello, Time now, ConferenceOutputs& out) {
  if (hello.card.empty()) return Error{ErrorCode::refused, "no such room: is the meeting over?"};
  CONCLAVE_ASSIGN(card, room::RoomCard::open(context_->link, *context_->invitation, hello.card));
  SessionConfig config = context_->session_config();
  config.suite = card.suite;
  CONCLAVE_ASSIGN(joining, Joining::begin(config, *context_->identity, context_->config.display_name, context_->moment(now)));
  CONCLAVE_ASSIGN(sealed, room::seal_knock(card, context_->link.room_id, hello.challenge, joining.key_package(), context_->random()));
  CONCLAVE_ASSIGN(signed_knock, sign(hello, std::move(sealed)));
  send(out, Channel::handshake, signed_knock);
  state_ = Knocking{std::move(joining), card.admission_key, hello.connection};
  deadline_ = now + context_->config.join_timeout;
  return {};
}

/// With a personal invitation of the founder's in its lane; otherwise by the link, with the work that is asked for.
Result<transport::Knock> Door::sign(const transport::HelloAccepted& hello, Bytes sealed) const {
  const room::RoomId& room_id = context_->link.room_id;
  const auto personal = room::PersonalInvitation::parse(context_->link.personal, room_id);
  if (personal.ok() && personal->ticket().issuer() == context_->link.founder_hash) {
    CONCLAVE_ASSIGN(signature, room::sign_knock(personal->lane_key(), room_id, hello.challenge, sealed));
    return transport::Knock{std::move(sealed), std::move(signature)};
  }
  if (hello.work_bits > max_work_bits) return Error{ErrorCode::refused, "the relay asks for more work than a knock is worth: try again later"};
  Bytes subject = to_bytes(room_id);
  subject.insert(subject.end(), hello.challenge.begin(), hello.challenge.end());
  const auto work = crypto::find_work(subject, hello.work_bits, 0, std::uint64_t{64} << hello.work_bits);
  if (!work) return Error{ErrorCode::refused, "the work that the relay asks for was not found: try again"};
  CONCLAVE_ASSIGN(signature, room::sign_knock(*context_->invitation, room_id, hello.challenge, sealed));
  return transport::Knock{std::move(sealed), std::move(signature), *work};
}

Door::Step Door::on_opened(Time now) {
  auto* opening = std::get_if<Opening>(&state_);
  if (opening == nullptr) return Error{ErrorCode::invalid_message, "the relay opened a room that nobody asked for"};
  auto session = Session::found(context_->session_config(), *context_->identity, context_->config.display_name, context_->moment(now));
  if (!session.ok()) return session.error();
  Bytes card_key = to_bytes(opening->admission_key.public_key().bytes());
  return Entered{std::move(*session), {}, std::move(opening->admission_key), std::move(card_key), opening->connection, 0, round_trip_, std::move(streams_)};
}

Door::Step Door::on_answer(const transport::KnockAnswered& answer, Time now) {
  auto* knocking = std::get_if<Knocking>(&state_);
  if (knocking == nullptr) return Error{ErrorCode::invalid_message, "the relay answered a knock that was not made"};
  if (!answer.admitted) return Error{ErrorCode::refused, "the host did not let us in"};
  auto session = knocking->joining.complete(answer.welcome, context_->link.founder_hash, context_->moment(now));
  if (!session.ok()) return session.error();
  return Entered{std::move(*session), std::move(knocking->joining), {}, std::move(knocking->card_key), knocking->connection, answer.next_index, round_trip_, std::move(streams_)};
}

}  // namespace conclave::conference
