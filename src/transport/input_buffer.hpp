#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace izpo::transport {

// Bytes that have been read from a connection and not been taken yet.
class InputBuffer {
 public:
  std::string_view view() const { return std::string_view(bytes_).substr(taken_); }
  std::size_t size() const { return bytes_.size() - taken_; }
  bool empty() const { return size() == 0; }

  void append(std::span<const char> bytes) {
    if (taken_ != 0) bytes_.erase(0, std::exchange(taken_, 0));
    bytes_.append(bytes.data(), bytes.size());
  }

  void take(std::size_t count) {
    taken_ += count;
    if (!empty()) return;
    bytes_.clear();
    taken_ = 0;
    if (bytes_.capacity() > kKeptCapacity) bytes_.shrink_to_fit();
  }

  std::string release() {
    if (empty()) return {};  // without the capacity
    bytes_.erase(0, std::exchange(taken_, 0));
    return std::exchange(bytes_, {});
  }

 private:
  static constexpr std::size_t kKeptCapacity = 4096;  // an idle connection keeps no more

  std::string bytes_;
  std::size_t taken_ = 0;
};

}  // namespace izpo::transport
