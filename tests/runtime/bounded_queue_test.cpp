#include "runtime/bounded_queue.h"

#include <catch2/catch.hpp>
#include <thread>

namespace conclave::runtime {

TEST_CASE("a full queue refuses and keeps what it has", "[runtime]") {
  BoundedQueue<int> queue(2);
  CHECK(queue.push(1));
  CHECK(queue.push(2));
  CHECK_FALSE(queue.push(3));
  CHECK(queue.size() == 2);
  CHECK(queue.pop() == 1);
  CHECK(queue.push(4));
  CHECK(queue.pop() == 2);
  CHECK(queue.pop() == 4);
  CHECK_FALSE(queue.pop().has_value());
}

TEST_CASE("a closed queue takes nothing in and gives out the rest", "[runtime]") {
  BoundedQueue<int> queue(2);
  queue.push(1);
  queue.close();
  CHECK_FALSE(queue.push(2));
  CHECK_FALSE(queue.finished());
  CHECK(queue.pop_waiting() == 1);
  CHECK_FALSE(queue.pop_waiting().has_value());
  CHECK(queue.finished());
}

TEST_CASE("a waiting writer goes on when there is room, and gives up when the queue closes", "[runtime]") {
  BoundedQueue<int> queue(1);
  queue.push(1);
  bool second = false;
  bool third = true;
  std::thread writer([&] {
    second = queue.push_waiting(2);
    third = queue.push_waiting(3);
  });
  CHECK(queue.pop_waiting() == 1);
  CHECK(queue.pop_within(std::chrono::seconds(5)) == 2);
  queue.push(9);
  queue.close();
  writer.join();
  CHECK(second);
  CHECK((third == false || queue.pop() == 3));
}

TEST_CASE("everything that goes through a queue arrives once and in order", "[runtime]") {
  BoundedQueue<int> queue(4);
  constexpr int count = 20'000;
  std::thread writer([&] {
    for (int number = 0; number < count; ++number) queue.push_waiting(number);
    queue.close();
  });
  int expected = 0;
  bool ordered = true;
  while (const auto number = queue.pop_waiting()) ordered = ordered && *number == expected++;
  writer.join();
  CHECK(ordered);
  CHECK(expected == count);
}

TEST_CASE("waiting for an item ends after the patience", "[runtime]") {
  BoundedQueue<int> queue(1);
  const auto begun = std::chrono::steady_clock::now();
  CHECK_FALSE(queue.pop_within(std::chrono::milliseconds(30)).has_value());
  CHECK(std::chrono::steady_clock::now() - begun >= std::chrono::milliseconds(30));
}

}  // namespace conclave::runtime
