// Records of meetings, for who was not there.
#include <algorithm>

#include "conclave/transcript.h"
#include "structs.h"

namespace conclave::c {
namespace {

std::string joined(std::vector<std::string> lines) {
  std::string all;
  for (std::string& line : lines) {
    std::replace(line.begin(), line.end(), '\n', ' ');  // they are inert; a line more would be another event
    all += line;
    all += '\n';
  }
  return all;
}

conclave_transcript transcript_told(const TranscriptReport& report) {
  conclave_transcript out{};
  out.line_count = static_cast<std::uint32_t>(report.lines.size());
  std::copy(report.room_id.begin(), report.room_id.end(), out.room_id);
  std::copy(report.founder.begin(), report.founder.end(), out.founder);
  std::copy(report.signer.begin(), report.signer.end(), out.signer);
  return out;
}

}  // namespace
}  // namespace conclave::c

using namespace conclave;
using namespace conclave::c;

conclave_result conclave_transcript_read(const uint8_t* record, size_t size, conclave_transcript* transcript, char* lines, size_t* lines_size) {
  return guarded([&]() -> Result<void> {
    CONCLAVE_C_TRY(size_of_struct(transcript));
    CONCLAVE_C_ASSIGN(file, bytes_of(record, size));
    CONCLAVE_C_ASSIGN(report, read_transcript(file));
    CONCLAVE_C_TRY(write_text(joined(report.lines), lines, lines_size));
    return write_struct(transcript, transcript_told(report));
  });
}
