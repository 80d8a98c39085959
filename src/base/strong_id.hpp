#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>

namespace izpo {

// A 64-bit number that is not mixed up with another kind of number. `Tag` only names the kind.
template <class Tag>
struct StrongId {
  std::int64_t value = 0;

  constexpr StrongId() = default;
  constexpr explicit StrongId(std::int64_t number) : value(number) {}
  friend constexpr auto operator<=>(const StrongId&, const StrongId&) = default;
};

}  // namespace izpo

template <class Tag>
struct std::hash<izpo::StrongId<Tag>> {
  std::size_t operator()(izpo::StrongId<Tag> id) const noexcept {
    return std::hash<std::int64_t>{}(id.value);
  }
};
