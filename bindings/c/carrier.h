// The application's carrier of datagrams, as the C++ interface wants it.
#pragma once

#include <atomic>
#include <memory>

#include "conclave.h"
#include "conclave/client.h"

namespace conclave::c {

/// Whether `closed` of a carrier is owed at its end: once its call was handed out.
using Debt = std::shared_ptr<std::atomic<bool>>;

/// Nothing for NULL. `invalid_argument` for one that cannot send.
Result<std::unique_ptr<DatagramCarrier>> carrier_of(const conclave_carrier* given, Debt owed);

}  // namespace conclave::c
