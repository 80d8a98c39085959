#pragma once

#include <cstddef>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <utility>

namespace izpo::realtime {

// So many places for each key, and no more. Thread-safe.
template <class Key>
class Quota {
 public:
  explicit Quota(std::size_t each) : each_(each) {}

  // One place of the key, given back when this goes. The quota outlives it.
  class Place {
   public:
    Place(Place&& other) noexcept : quota_(std::exchange(other.quota_, nullptr)), key_(other.key_) {}
    Place& operator=(Place&&) = delete;
    ~Place() {
      if (quota_ != nullptr) quota_->give_back(key_);
    }

   private:
    friend class Quota;
    Place(Quota& quota, Key key) : quota_(&quota), key_(key) {}

    Quota* quota_;
    Key key_;
  };

  // nullopt: all are taken.
  std::optional<Place> take(Key key) {
    const std::lock_guard lock(mutex_);
    std::size_t& taken = taken_[key];
    if (taken >= each_) return std::nullopt;
    ++taken;
    return Place(*this, key);
  }

  bool has_any(Key key) {
    const std::lock_guard lock(mutex_);
    return taken_.contains(key);
  }

 private:
  void give_back(Key key) {
    const std::lock_guard lock(mutex_);
    const auto taken = taken_.find(key);
    if (--taken->second == 0) taken_.erase(taken);
  }

  const std::size_t each_;

  std::mutex mutex_;
  std::unordered_map<Key, std::size_t> taken_;  // under mutex_; no zeros
};

}  // namespace izpo::realtime
