#include "qr_text.h"

#include <qrencode.h>

#include <memory>

namespace conclave::call {
namespace {

constexpr int quiet = 4;  // modules around a code

struct Code {
  explicit Code(const std::string& text) : made(QRcode_encodeString8bit(text.c_str(), 0, QR_ECLEVEL_L), &QRcode_free) {}
  std::unique_ptr<QRcode, decltype(&QRcode_free)> made;

  [[nodiscard]] int width() const { return made->width; }
  /// Outside of the code all is light.
  [[nodiscard]] bool dark(int x, int y) const {
    const bool inside = x >= 0 && y >= 0 && x < width() && y < width();
    return inside && (made->data[y * width() + x] & 1) != 0;
  }
};

}  // namespace

std::string qr_text(const std::string& text) {
  const Code code(text);
  if (!code.made) return "";
  std::string out;
  for (int y = -quiet; y < code.width() + quiet; y += 2) {
    for (int x = -quiet; x < code.width() + quiet; ++x) {
      const bool upper = !code.dark(x, y);
      const bool lower = !code.dark(x, y + 1);
      out += upper && lower ? "\u2588" : upper ? "\u2580" : lower ? "\u2584" : " ";
    }
    out += '\n';
  }
  return out;
}

}  // namespace conclave::call
