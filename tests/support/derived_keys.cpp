#include "support/derived_keys.h"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <mutex>
#include <set>

#include "crypto/hkdf.h"

namespace conclave::test {
namespace {

using Window = std::array<std::uint8_t, key_window>;

struct Record {
  std::mutex mutex;
  bool on = false;
  std::set<Window> beginnings;
  std::set<Window> ends;
};

Record& record() {
  static Record all;
  return all;
}

Window window_at(const std::uint8_t* bytes) {
  Window window;
  std::copy_n(bytes, window.size(), window.begin());
  return window;
}

void note(ByteView out) {
  Record& all = record();
  const std::scoped_lock lock(all.mutex);
  if (!all.on || out.size() < key_window) return;
  all.beginnings.insert(window_at(out.data()));
  all.ends.insert(window_at(out.data() + out.size() - key_window));
}

}  // namespace

void watch_derived_keys() {
  Record& all = record();
  const std::scoped_lock lock(all.mutex);
  all.on = true;
  all.beginnings.clear();
  all.ends.clear();
}

std::size_t derived_keys() {
  const std::scoped_lock lock(record().mutex);
  return record().beginnings.size();
}

bool is_derived(ByteView key) {
  const std::scoped_lock lock(record().mutex);
  return key.size() >= key_window && record().beginnings.contains(window_at(key.data()));
}

std::size_t find_derived_keys(ByteView bytes) {
  const std::scoped_lock lock(record().mutex);
  std::size_t found = 0;
  for (std::size_t i = 0; i + key_window <= bytes.size(); ++i) {
    const Window window = window_at(bytes.data() + i);
    if (record().beginnings.contains(window) || record().ends.contains(window)) ++found;
  }
  return found;
}

}  // namespace conclave::test

// The linker sends calls of the four functions here (`--wrap`), and ours to the library's.
#define VIEW "St4spanIKhLm18446744073709551615EE"
#define SPAN "IhLm18446744073709551615EE"
#define EXPAND "_ZN8conclave6crypto11hkdf_expandENS0_13HashAlgorithmE" VIEW
#define EXTRACT "_ZN8conclave6crypto12hkdf_extractENS0_13HashAlgorithmE" VIEW
#define WHOLE "S4_S2_" SPAN
#define PARTS "St16initializer_listIS4_ES2_" SPAN

namespace conclave::test {

using crypto::HashAlgorithm;
using Parts = std::initializer_list<ByteView>;

void library_expand(HashAlgorithm, ByteView, ByteView, ByteSpan) __asm__("__real_" EXPAND WHOLE);
void library_expand(HashAlgorithm, ByteView, Parts, ByteSpan) __asm__("__real_" EXPAND PARTS);
void library_extract(HashAlgorithm, ByteView, ByteView, ByteSpan) __asm__("__real_" EXTRACT WHOLE);
void library_extract(HashAlgorithm, ByteView, Parts, ByteSpan) __asm__("__real_" EXTRACT PARTS);

void watched_expand(HashAlgorithm algorithm, ByteView key, ByteView info, ByteSpan out) __asm__("__wrap_" EXPAND WHOLE);
void watched_expand(HashAlgorithm algorithm, ByteView key, Parts info, ByteSpan out) __asm__("__wrap_" EXPAND PARTS);
void watched_extract(HashAlgorithm algorithm, ByteView salt, ByteView input, ByteSpan out) __asm__("__wrap_" EXTRACT WHOLE);
void watched_extract(HashAlgorithm algorithm, ByteView salt, Parts input, ByteSpan out) __asm__("__wrap_" EXTRACT PARTS);

void watched_expand(HashAlgorithm algorithm, ByteView key, ByteView info, ByteSpan out) {
  library_expand(algorithm, key, info, out);
  note(out);
}
void watched_expand(HashAlgorithm algorithm, ByteView key, Parts info, ByteSpan out) {
  library_expand(algorithm, key, info, out);
  note(out);
}
void watched_extract(HashAlgorithm algorithm, ByteView salt, ByteView input, ByteSpan out) {
  library_extract(algorithm, salt, input, out);
  note(out);
}
void watched_extract(HashAlgorithm algorithm, ByteView salt, Parts input, ByteSpan out) {
  library_extract(algorithm, salt, input, out);
  note(out);
}

}  // namespace conclave::test
