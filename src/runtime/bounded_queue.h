// A queue between two threads that never grows beyond its bound.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>

#include "conclave/time.h"

namespace conclave::runtime {

/// First in, first out, at most `capacity` items. Any number of threads on either side.
template <class T>
class BoundedQueue {
 public:
  explicit BoundedQueue(std::size_t capacity) : capacity_(capacity) {}

  /// False, and `item` is dropped, when the queue is full or closed.
  bool push(T item) {
    {
      const std::lock_guard lock(mutex_);
      if (closed_ || items_.size() >= capacity_) return false;
      items_.push_back(std::move(item));
    }
    filled_.notify_one();
    return true;
  }

  /// Waits for room; false, and `item` is dropped, once the queue is closed.
  bool push_waiting(T item) {
    {
      std::unique_lock lock(mutex_);
      drained_.wait(lock, [this] { return closed_ || items_.size() < capacity_; });
      if (closed_) return false;
      items_.push_back(std::move(item));
    }
    filled_.notify_one();
    return true;
  }

  /// The oldest item, if there is one.
  std::optional<T> pop() { return pop_within(Duration::zero()); }

  /// The oldest item; nothing when none comes within `patience`, or the queue is closed and empty.
  std::optional<T> pop_within(Duration patience) {
    std::optional<T> item;
    {
      std::unique_lock lock(mutex_);
      const auto ready = [this] { return closed_ || !items_.empty(); };
      if (patience > Duration::zero()) filled_.wait_for(lock, patience, ready);
      if (items_.empty()) return item;
      item = std::move(items_.front());
      items_.pop_front();
    }
    drained_.notify_one();
    return item;
  }

  /// The oldest item; nothing once the queue is closed and empty.
  std::optional<T> pop_waiting() {
    std::optional<T> item;
    {
      std::unique_lock lock(mutex_);
      filled_.wait(lock, [this] { return closed_ || !items_.empty(); });
      if (items_.empty()) return item;
      item = std::move(items_.front());
      items_.pop_front();
    }
    drained_.notify_one();
    return item;
  }

  /// Nothing goes in any more; what is inside can still be taken.
  void close() {
    {
      const std::lock_guard lock(mutex_);
      closed_ = true;
    }
    filled_.notify_all();
    drained_.notify_all();
  }

  [[nodiscard]] std::size_t size() const {
    const std::lock_guard lock(mutex_);
    return items_.size();
  }
  /// Closed, and everything was taken.
  [[nodiscard]] bool finished() const {
    const std::lock_guard lock(mutex_);
    return closed_ && items_.empty();
  }

 private:
  const std::size_t capacity_;
  mutable std::mutex mutex_;
  std::condition_variable filled_;
  std::condition_variable drained_;
  std::deque<T> items_;
  bool closed_ = false;
};

}  // namespace conclave::runtime
