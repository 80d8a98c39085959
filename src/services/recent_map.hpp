#pragma once

#include <cstddef>
#include <functional>
#include <unordered_map>
#include <utility>

namespace izpo::services {

// A map of bounded size: it remembers the `capacity` keys used last, and at most twice as many. There are two
// generations; when the young one is full it becomes the old one, and what was old is forgotten at once. Not
// thread-safe.
template <class Key, class Value, class Hash = std::hash<Key>>
class RecentMap {
 public:
  explicit RecentMap(std::size_t capacity) : capacity_(capacity) {}

  // Uses the key. The pointer is good until the next call; null when the key is unknown or forgotten.
  Value* find(const Key& key) {
    if (const auto found = young_.find(key); found != young_.end()) return &found->second;
    auto node = old_.extract(key);
    if (!node) return nullptr;
    make_room();
    return &young_.insert(std::move(node)).position->second;
  }

  // The value of the key, used now; a new one is Value{}. The reference is good until the next call.
  Value& operator[](const Key& key) {
    if (Value* known = find(key)) return *known;
    make_room();
    return young_[key];
  }

  template <class Predicate>
  void erase_if(Predicate predicate) {
    std::erase_if(young_, predicate);
    std::erase_if(old_, predicate);
  }

  std::size_t size() const { return young_.size() + old_.size(); }

 private:
  using Generation = std::unordered_map<Key, Value, Hash>;

  void make_room() {
    if (young_.size() < capacity_) return;
    old_ = std::exchange(young_, Generation{});
  }

  std::size_t capacity_;
  Generation young_;
  Generation old_;
};

}  // namespace izpo::services
