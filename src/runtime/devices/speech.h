// A voice that counts its sentences.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace conclave::runtime {

/// Sentence `number` (from 1), spoken by Flite, with the pause after it: mono, 48 kHz. The same number, the same sound.
/// Takes a few milliseconds; from any thread.
std::vector<std::int16_t> speak_sentence(unsigned number);

/// Three samples for one, with a windowed-sinc low pass: 16 kHz to 48 kHz.
std::vector<std::int16_t> upsample_by_three(const std::int16_t* samples, std::size_t count);

}  // namespace conclave::runtime
