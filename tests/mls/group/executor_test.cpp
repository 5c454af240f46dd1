// Threads that are lent, by whoever does not keep to the contract.
#include <thread>

#include "mls/group/claims.h"
#include "mls/group/tree_validation.h"
#include "mls/support/large_group.h"

using namespace conclave;
using namespace conclave::mls;
using namespace conclave::mls::cost;

namespace {

using Job = std::function<void(std::size_t)>;

struct Newcomer {
  LargeGroup group{100, Trees::fresh};
  RatchetTree tree{group.receiver->suite(), group.random()};

  Newcomer() {
    for (std::uint32_t i = 1; i < group.receiver->member_count(); ++i) tree.place(*group.receiver->tree().leaf({i}));
  }
  Result<void> validate(const Executor& executor) { return validate_tree(tree, group.receiver->context(), executor); }
};

}  // namespace

TEST_CASE("a job runs once at most, whoever asks for it, and never after the end", "[mls][attack]") {
  Claims claims(3);
  int ran = 0;
  const auto ask = [&](std::size_t job) { claims.run(job, [&] { ++ran; }); };
  ask(0);
  ask(0);
  ask(3);
  ask(~std::size_t{0});
  CHECK(ran == 1);
  claims.close();
  ask(0);
  ask(1);
  CHECK(ran == 1);
}

TEST_CASE("an executor that runs jobs twice, or jobs that there are not, changes nothing", "[mls][attack]") {
  Newcomer newcomer;
  const auto everything = [](std::size_t count, const Job& job) {
    const auto all = [&] {
      for (std::size_t i = 0; i < 2 * count; ++i) job(i);
      job(~std::size_t{0});
    };
    std::thread other(all);
    all();
    other.join();
  };
  CHECK(newcomer.validate(everything).ok());
}

TEST_CASE("jobs that an executor runs after it returned touch nothing", "[mls][attack]") {
  std::vector<std::thread> late;
  std::vector<Job> kept;
  {
    Newcomer newcomer;
    const auto lazy = [&](std::size_t, const Job& job) { kept.push_back(job); };
    CHECK(newcomer.validate(lazy).error().code == ErrorCode::invalid_argument);
    const auto hasty = [&](std::size_t count, const Job& job) {
      late.emplace_back([count, job] {
        for (std::size_t i = 0; i < count; ++i) job(i);
      });
    };
    for (int i = 0; i < 20; ++i) {  // whatever was begun is waited for, the rest refused
      const auto valid = newcomer.validate(hasty);
      CHECK((valid.ok() || valid.error().code == ErrorCode::invalid_argument));
    }
  }
  for (const Job& job : kept) job(0);
  for (std::thread& each : late) each.join();
}

TEST_CASE("an executor that throws leaves nobody behind", "[mls][attack]") {
  std::vector<Job> kept;
  {
    Newcomer newcomer;
    const auto failing = [&](std::size_t, const Job& job) {
      kept.push_back(job);
      throw std::runtime_error("no thread to be had");
    };
    CHECK_THROWS(newcomer.validate(failing));
  }
  kept.front()(0);
}
