#include "sframe/keys.h"

#include <algorithm>

#include "sframe/sealer.h"

namespace conclave::sframe {

bool KidLayout::fits(std::uint32_t sender, std::uint64_t context) const {
  const std::uint64_t senders = std::uint64_t{1} << sender_size;
  return sender < senders && context >> (64 - sender_size - epoch_size) == 0;
}

std::uint64_t KidLayout::join(std::uint64_t context, std::uint32_t sender, std::uint64_t epoch) const {
  return context << (sender_size + epoch_size) | std::uint64_t{sender} << epoch_size | epoch_bits(epoch);
}

EpochKeys::EpochKeys(const SuiteParameters& suite, std::uint64_t epoch, SframeSecret secret, KidLayout layout)
    : suite_(&suite), epoch_(epoch), layout_(layout), secret_(std::move(secret)) {}

Result<NewEpoch> EpochKeys::create(CipherSuite suite, std::uint64_t epoch, const EpochSecret& secret, KidLayout layout) {
  const SuiteParameters* parameters = find_cipher_suite(static_cast<std::uint16_t>(suite));
  if (parameters == nullptr) return Error{ErrorCode::unsupported, "no such SFrame cipher suite"};
  if (secret.size() != parameters->key_size) return Error{ErrorCode::invalid_argument, "an epoch secret has the size of a key"};
  if (!layout.valid()) return Error{ErrorCode::invalid_argument, "a KID has 1 to 16 bits of epoch and 1 to 32 of sender"};
  const std::shared_ptr<const EpochKeys> keys(
      new EpochKeys(*parameters, epoch, extract_sframe_secret(*parameters, secret.expose()), layout));
  return NewEpoch{keys, SealingRight(keys)};
}

Result<Sealer> SealingRight::make_sealer(std::uint32_t sender, std::uint64_t context, std::uint64_t first_counter) {
  if (!keys_->layout().fits(sender, context)) return Error{ErrorCode::invalid_argument, "a KID has no room for this sender and stream"};
  const std::uint64_t kid = keys_->layout().join(context, sender, keys_->epoch());
  if (std::ranges::find(given_out_, kid) != given_out_.end()) {
    return Error{ErrorCode::invalid_state, "this stream of this epoch has its sealer already"};
  }
  given_out_.push_back(kid);
  return Sealer(*keys_, kid, first_counter);
}

}  // namespace conclave::sframe
