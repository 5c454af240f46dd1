#include "runtime/devices/pixel_formats.h"

#include <catch2/catch.hpp>

namespace conclave::runtime {

TEST_CASE("packed 4:2:2 becomes I420 with the chroma of two rows averaged", "[runtime]") {
  const Bytes bytes{1, 100, 2, 200, 9, 9, 9, 9,  //
                    3, 110, 4, 210};             // the last row need not be padded
  const auto picture = from_yuyv(bytes, {2, 2, 8});
  REQUIRE(picture.has_value());
  CHECK(picture->y == Bytes{1, 2, 3, 4});
  CHECK(picture->u == Bytes{105});
  CHECK(picture->v == Bytes{205});
}

TEST_CASE("interleaved chroma becomes two planes", "[runtime]") {
  const Bytes bytes{1, 2, 3, 4, 0, 0, 5, 6, 7, 8, 0, 0, 10, 20, 11, 21};
  const auto picture = from_nv12(bytes, {4, 2, 6});
  REQUIRE(picture.has_value());
  CHECK(picture->y == Bytes{1, 2, 3, 4, 5, 6, 7, 8});
  CHECK(picture->u == Bytes{10, 11});
  CHECK(picture->v == Bytes{20, 21});
}

TEST_CASE("padded planes lose their padding", "[runtime]") {
  const Bytes bytes{1, 2, 0, 0, 3, 4, 0, 0, 5, 0, 6, 0};
  const auto picture = from_i420(bytes, {2, 2, 4});
  REQUIRE(picture.has_value());
  CHECK(picture->y == Bytes{1, 2, 3, 4});
  CHECK(picture->u == Bytes{5});
  CHECK(picture->v == Bytes{6});
}

TEST_CASE("a buffer that is too short, or a shape that cannot be, gives no picture", "[runtime]") {
  for (std::size_t size = 0; size < 12; ++size) CHECK_FALSE(from_yuyv(Bytes(size), {2, 2, 8}).has_value());
  for (std::size_t size = 0; size < 16; ++size) CHECK_FALSE(from_nv12(Bytes(size), {4, 2, 6}).has_value());
  for (std::size_t size = 0; size < 12; ++size) CHECK_FALSE(from_i420(Bytes(size), {2, 2, 4}).has_value());
  CHECK_FALSE(from_yuyv(Bytes(1000), {4, 2, 7}).has_value());
  CHECK_FALSE(from_nv12(Bytes(1000), {3, 2, 4}).has_value());
  CHECK_FALSE(from_i420(Bytes(1000), {0, 2, 4}).has_value());
  CHECK_FALSE(from_i420(Bytes(1000), {8192, 2, 8192}).has_value());
}

TEST_CASE("a picture of another shape is cut, not distorted", "[runtime]") {
  const VideoFrame wide{{},
                        8,
                        4,
                        {0,  1,  2,  3,  4,  5,  6,  7,  10, 11, 12, 13, 14, 15, 16, 17,
                         20, 21, 22, 23, 24, 25, 26, 27, 30, 31, 32, 33, 34, 35, 36, 37},
                        Bytes{0, 1, 2, 3, 4, 5, 6, 7},
                        Bytes(8)};
  const auto square = fit(wide, 4, 4);
  CHECK(square.y == Bytes{2, 3, 4, 5, 12, 13, 14, 15, 22, 23, 24, 25, 32, 33, 34, 35});
  CHECK(square.u == Bytes{1, 2, 5, 6});
  const auto large = fit(wide, 64, 32);
  CHECK(large.y.size() == 64 * 32);
  CHECK(large.y.front() == 0);
  CHECK(large.y.back() == 37);
}

}  // namespace conclave::runtime
