// Threads that are lent: what they find, and what nobody can do who does not keep to the contract.
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

/// The members of a fresh group, whose leaves come from key packages and are valid in any place, under blank parents.
RatchetTree leaves_of(LargeGroup& group) {
  RatchetTree tree(group.receiver->suite(), group.random());
  for (std::uint32_t i = 1; i < group.receiver->member_count(); ++i) tree.place(*group.receiver->tree().leaf({i}));
  return tree;
}

/// An executor with two threads of its own.
void two_threads(std::size_t count, const std::function<void(std::size_t)>& job) {
  std::thread other([&] {
    for (std::size_t i = 1; i < count; i += 2) job(i);
  });
  for (std::size_t i = 0; i < count; i += 2) job(i);
  other.join();
}

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

TEST_CASE("a newcomer verifies the members' signatures on the threads that it is lent", "[mls]") {
  LargeGroup group(100, Trees::filled);
  std::size_t calls = 0;
  const Group joined = group.join([&](std::size_t count, const std::function<void(std::size_t)>& job) {
    ++calls;
    two_threads(count, job);
  });
  CHECK(calls == 1);
  CHECK(joined.member_count() == 100);
  CHECK(equal(joined.tree().encode(), group.join().tree().encode()));
}

TEST_CASE("threads that are lent find the same leaf at fault as one thread", "[mls][attack]") {
  LargeGroup group(100, Trees::fresh);
  RatchetTree tree = leaves_of(group);
  const auto forge_signature = [&](LeafIndex index) {
    LeafNode leaf = tree.leaf(index)->parsed();
    leaf.signature[3] ^= 1;
    tree.set_leaf(index, TreeLeaf(leaf));
  };
  CHECK(validate_tree(tree, group.receiver->context()).ok());
  forge_signature({90});
  forge_signature({33});
  for (const Executor& executor : {Executor(), Executor(two_threads)}) {
    const auto valid = validate_tree(tree, group.receiver->context(), executor);
    REQUIRE_FALSE(valid.ok());
    CHECK(valid.error().code == ErrorCode::not_authentic);
    CHECK(valid.error().participant == 33);
  }
}

TEST_CASE("an executor that leaves a job undone admits no tree", "[mls][attack]") {
  LargeGroup group(100, Trees::fresh);
  RatchetTree tree = leaves_of(group);
  const auto valid = validate_tree(tree, group.receiver->context(), [](std::size_t count, const auto& job) {
    for (std::size_t i = 1; i < count; ++i) job(i);
  });
  REQUIRE_FALSE(valid.ok());
  CHECK(valid.error().code == ErrorCode::invalid_argument);
}
