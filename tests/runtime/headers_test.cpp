// The public headers stand beside each other: an application may want them all.
#include <catch2/catch.hpp>

#include "conclave/bytes.h"
#include "conclave/client.h"
#include "conclave/conference.h"
#include "conclave/devices.h"
#include "conclave/error.h"
#include "conclave/frame.h"
#include "conclave/frame_sealer.h"
#include "conclave/link.h"
#include "conclave/media.h"
#include "conclave/policy.h"
#include "conclave/relay.h"
#include "conclave/relay_place.h"
#include "conclave/session.h"
#include "conclave/text.h"
#include "conclave/time.h"
#include "conclave/transcript.h"
#include "conclave/transport.h"

TEST_CASE("all public headers can be included together", "[runtime]") {
  CHECK(conclave::SessionMember{}.role == conclave::Role::speaker);  // one Role, of policy.h
}
