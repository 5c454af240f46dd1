// What every function does with handles that name nothing, something else, or what was closed.
#include <catch2/catch.hpp>

#include <functional>
#include <thread>
#include <vector>

#include "support.h"

using namespace conclave_abi;

namespace {

/// Every function that takes a handle, with arguments that are otherwise right, and the kind that it takes.
std::vector<HandleFunction> all_functions() {
  auto functions = functions_of_media();
  for (auto& part : {functions_of_calls(), functions_of_sessions(), functions_of_rooms(), functions_of_frames(), functions_of_statements(),
                     functions_of_identities(), functions_of_contacts()})
    functions.insert(functions.end(), part.begin(), part.end());
  return functions;
}

}  // namespace

TEST_CASE("every function refuses 0, numbers that were never handed out, and garbage", "[abi]") {
  for (const auto& function : all_functions()) {
    INFO(function.name);
    for (const conclave_handle handle : garbage_handles()) CHECK(function.call(handle) == CONCLAVE_INVALID_ARGUMENT);
  }
}

TEST_CASE("every function refuses a handle of another type", "[abi]") {
  const auto handles = open_one_of_each();
  for (const auto& function : all_functions()) {
    for (const auto& [kind, handle] : handles) {
      if (function.kind == any_kind || function.kind == kind) continue;
      INFO(function.name << " with a handle of " << kind);
      CHECK(function.call(handle) == CONCLAVE_INVALID_ARGUMENT);
    }
  }
  for (const auto& opened : handles) CHECK(conclave_close(opened.second) == CONCLAVE_OK);
}

TEST_CASE("every function refuses a closed handle, and one whose place another one has taken", "[abi]") {
  const auto handles = open_one_of_each();
  for (const auto& opened : handles) REQUIRE(conclave_close(opened.second) == CONCLAVE_OK);
  const auto successors = open_one_of_each();
  for (const auto& [kind, handle] : handles) {
    for (const auto& function : all_functions()) {
      if (function.kind != any_kind && function.kind != kind) continue;
      INFO(function.name << " with a closed handle of " << kind);
      CHECK(function.call(handle) == CONCLAVE_INVALID_STATE);
    }
  }
  for (const auto& successor : successors) CHECK(conclave_close(successor.second) == CONCLAVE_OK);
}

TEST_CASE("a handle is closed once, by one of the threads that try", "[abi]") {
  for (int round = 0; round < 50; ++round) {
    const auto handle = open_sink();
    std::atomic<int> closed = 0, refused = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        const auto result = conclave_close(handle);
        closed += result == CONCLAVE_OK ? 1 : 0;
        refused += result == CONCLAVE_INVALID_STATE ? 1 : 0;
      });
    }
    for (auto& thread : threads) thread.join();
    CHECK(closed == 1);
    CHECK(refused == 3);
  }
}

TEST_CASE("threads that use a handle while another closes it get results or INVALID_STATE", "[abi]") {
  for (int round = 0; round < 20; ++round) {
    const auto source = open_source();
    std::atomic<bool> wrong = false;
    std::vector<std::thread> threads;
    for (int i = 0; i < 3; ++i) {
      threads.emplace_back([&] {
        for (int turn = 0; turn < 200; ++turn) {
          std::uint64_t waiting = 0;
          const auto result = conclave_source_waiting(source, &waiting);
          if (result != CONCLAVE_OK && result != CONCLAVE_INVALID_STATE) wrong = true;
        }
      });
    }
    CHECK(conclave_close(source) == CONCLAVE_OK);
    for (auto& thread : threads) thread.join();
    CHECK_FALSE(wrong);
  }
}

TEST_CASE("an object of one thread refuses a second one meanwhile, and survives being closed by it", "[abi]") {
  const auto session = open_session();
  std::atomic<bool> wrong = false, done = false;
  std::atomic<int> served = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&] {
      while (!done) {
        const auto result = conclave_session_say(session, "hello", 5);
        if (result != CONCLAVE_OK && result != CONCLAVE_INVALID_STATE) wrong = true;
        served += result == CONCLAVE_OK ? 1 : 0;
      }
    });
  }
  while (served < 20) std::this_thread::yield();
  CHECK(conclave_close(session) == CONCLAVE_OK);
  done = true;
  for (auto& thread : threads) thread.join();
  CHECK_FALSE(wrong);
}

TEST_CASE("closing a sink or a call wakes who waits on it", "[abi]") {
  for (const bool of_call : {false, true}) {
    const auto handle = of_call ? open_call() : open_sink();
    std::thread waiter([&] {
      conclave_event event{};
      event.struct_size = sizeof event;
      conclave_media media{};
      media.struct_size = sizeof media;
      std::size_t size = 0;
      conclave_result result = CONCLAVE_OK;
      while (result == CONCLAVE_OK)
        result = of_call ? conclave_call_next_event(handle, -1, &event) : conclave_sink_next(handle, -1, &media, nullptr, &size);
    });
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    CHECK(conclave_close(handle) == CONCLAVE_OK);
    waiter.join();
  }
}

TEST_CASE("at most 65,536 handles are open, and all can be opened again", "[abi]") {
  for (int round = 0; round < 2; ++round) {
    std::vector<conclave_handle> handles;
    conclave_sink_config config = fetched_sink();
    conclave_handle handle = 0;
    conclave_result result = CONCLAVE_OK;
    while ((result = conclave_sink_open(&config, &handle)) == CONCLAVE_OK) handles.push_back(handle);
    CHECK(result == CONCLAVE_LIMIT_EXCEEDED);
    CHECK(handles.size() == 65'536);
    for (const auto open : handles) conclave_close(open);
  }
}

TEST_CASE("a handle carries a pointer of its user", "[abi]") {
  const auto sink = open_sink();
  const Closer closer(sink);
  void* user = &user;
  CHECK(conclave_get_user(sink, &user) == CONCLAVE_OK);
  CHECK(user == nullptr);
  int mine = 0;
  CHECK(conclave_set_user(sink, &mine) == CONCLAVE_OK);
  CHECK(conclave_get_user(sink, &user) == CONCLAVE_OK);
  CHECK(user == &mine);
  CHECK(conclave_get_user(sink, nullptr) == CONCLAVE_INVALID_ARGUMENT);
}
