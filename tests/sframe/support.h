// What the tests of sframe share.
#pragma once

#include <memory>

#include <catch2/catch.hpp>

#include "base/bytes.h"
#include "sframe/opener.h"
#include "sframe/sealer.h"

namespace conclave::sframe::test {

inline Bytes hex(std::string_view text) { return from_hex(text).value(); }

/// The keys of an epoch; equal arguments give equal keys.
inline NewEpoch make_epoch(CipherSuite suite, std::uint64_t epoch, std::uint8_t seed = 1, KidLayout layout = {4, 10}) {
  EpochSecret secret(parameters_of(suite).key_size);
  std::uint8_t value = seed;
  for (std::uint8_t& byte : secret.expose_mutable()) byte = value = static_cast<std::uint8_t>(value * 31 + epoch + 7);
  auto made = EpochKeys::create(suite, epoch, secret, layout);
  REQUIRE(made.ok());
  return std::move(made).value();
}

inline Sealer make_sealer(NewEpoch& epoch, std::uint32_t sender, std::uint64_t context = 0, std::uint64_t first_counter = 0) {
  auto made = epoch.sealing.make_sealer(sender, context, first_counter);
  REQUIRE(made.ok());
  return std::move(made).value();
}

/// An opener of one epoch whose roster are the senders below `senders`.
inline Opener make_opener(const NewEpoch& epoch, std::uint32_t senders, OpenerLimits limits = {}) {
  Opener opener(limits);
  REQUIRE(opener.add_epoch(epoch.keys).ok());
  for (std::uint32_t sender = 0; sender < senders; ++sender) REQUIRE(opener.allow(epoch.keys->epoch(), sender).ok());
  return opener;
}

inline Bytes seal(Sealer& sealer, ByteView frame, ByteView metadata = {}) {
  Bytes out(max_sealed_size(frame.size()));
  const auto size = sealer.seal(frame, metadata, out);
  REQUIRE(size.ok());
  out.resize(*size);
  return out;
}

struct Opened {
  OpenResult result;
  Bytes frame;
};

inline Opened open(Opener& opener, ByteView sealed, ByteView metadata = {}) {
  Opened opened{{}, Bytes(sealed.size(), 0xEE)};
  opened.result = opener.open(sealed, metadata, opened.frame);
  if (opened.result.opened()) opened.frame.resize(opened.result.size);
  return opened;
}

inline OpenStatus status(Opener& opener, ByteView sealed, ByteView metadata = {}) { return open(opener, sealed, metadata).result.status; }

}  // namespace conclave::sframe::test
