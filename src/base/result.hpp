#pragma once

#include <expected>
#include <utility>

#include "base/error.hpp"

namespace izpo {

// A value, or why there is none. An exception is a bug or a failed start, never an expected outcome.
template <class T = void>
using Result = std::expected<T, Error>;

inline std::unexpected<Error> fail(Error error) {
  return std::unexpected<Error>(std::move(error));
}
inline std::unexpected<Error> fail(Reason reason) {
  return std::unexpected<Error>(Error(reason));
}

}  // namespace izpo

// Unwraps a Result into a new variable, or leaves the function (IZPO_TRY) or the coroutine (IZPO_CO_TRY) with
// its error. `expression` may contain co_await.
#define IZPO_TRY_NAME2(line) izpo_result_##line
#define IZPO_TRY_NAME(line) IZPO_TRY_NAME2(line)
// NOLINTBEGIN(bugprone-macro-parentheses): a declaration cannot stand in parentheses
#define IZPO_TRY_IMPL(leave, declaration, expression)                                           \
  auto IZPO_TRY_NAME(__LINE__) = (expression);                                                  \
  if (!IZPO_TRY_NAME(__LINE__)) leave ::izpo::fail(std::move(IZPO_TRY_NAME(__LINE__)).error()); \
  declaration = *std::move(IZPO_TRY_NAME(__LINE__))
// NOLINTEND(bugprone-macro-parentheses)
#define IZPO_TRY(declaration, expression) IZPO_TRY_IMPL(return, declaration, expression)
#define IZPO_CO_TRY(declaration, expression) IZPO_TRY_IMPL(co_return, declaration, expression)

// The same for a Result<void>, or when the value is not wanted.
#define IZPO_CHECK_IMPL(leave, expression) \
  if (auto izpo_checked = (expression); !izpo_checked) leave ::izpo::fail(std::move(izpo_checked).error())
#define IZPO_CHECK(expression) IZPO_CHECK_IMPL(return, expression)
#define IZPO_CO_CHECK(expression) IZPO_CHECK_IMPL(co_return, expression)
