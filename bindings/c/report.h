// What a call tells, as structs of the C interface.
#pragma once

#include "conclave.h"
#include "conclave/client.h"

namespace conclave::c {

conclave_event event_of(const ClientEvent& event);
conclave_report report_of(const ClientReport& report);
conclave_member member_of(const RosterEntry& entry);

}  // namespace conclave::c
