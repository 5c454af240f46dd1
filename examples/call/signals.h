// Ctrl-C, and its relatives.
#pragma once

namespace conclave::call {

/// From now on the first SIGINT, SIGTERM or SIGHUP is noted, and the second ends the process at once with 130. One that
/// comes within half a second of the first is the same ctrl-C, delivered twice: by the terminal and by a wrapper. A SIGHUP
/// that whoever started us ignores, as nohup does, stays ignored.
/// A thread of its own takes them, so that what they do is no matter of which thread they would have interrupted: call
/// this before the first other thread starts.
void watch_signals();

/// A signal asked us to leave.
bool leave_requested();

}  // namespace conclave::call
