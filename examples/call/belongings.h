// What somebody keeps from one call to the next: an identity under a passphrase, and the people met under it.
#pragma once

#include "failure.h"
#include "options.h"

namespace conclave::call {

/// Opens the files that `options` names, or makes them where they are missing, and puts their content into `options`. Asks for the passphrase
/// where none is given. No code: all is well, or nothing was asked for.
Failure take_belongings(Options& options);

/// Writes the contacts in the place of what their file held, whole or not at all; sealed where there is an identity that outlives the call.
Result<void> keep_contacts(const Options& options, const ContactBook& contacts);

}  // namespace conclave::call
