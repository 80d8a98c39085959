#include "app/terminal.hpp"

#include <gtest/gtest.h>
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdlib>
#include <iterator>
#include <string>
#include <string_view>

#include "app/user_texts.hpp"

namespace izpo::app {
namespace {

api::Language language(const char* all, const char* messages, const char* lang) {
  ::setenv("LC_ALL", all, 1);
  ::setenv("LC_MESSAGES", messages, 1);
  ::setenv("LANG", lang, 1);
  const api::Language spoken = terminal_language();
  for (const char* name : {"LC_ALL", "LC_MESSAGES", "LANG"}) ::unsetenv(name);
  return spoken;
}

TEST(TerminalLanguage, FollowsTheLocale) {
  EXPECT_EQ(language("", "", "es_ES.UTF-8"), api::Language::kSpanish);
  EXPECT_EQ(language("", "", "en_GB.UTF-8"), api::Language::kEnglish);
  EXPECT_EQ(language("", "es_MX", "en_US"), api::Language::kSpanish);
  EXPECT_EQ(language("C.UTF-8", "es_MX", "es_MX"), api::Language::kEnglish);
  EXPECT_EQ(language("", "", ""), api::Language::kSpanish);
}

// A person at a terminal of their own, in front of a process that asks them.
class Typist {
 public:
  Typist() {
    process_ = ::forkpty(&terminal_, nullptr, nullptr, nullptr);
    if (process_ != 0) return;
    const auto answer = ask_unseen("Key? ");
    ::_exit(answer == "hunter2" ? 0 : 1);
  }
  ~Typist() { ::close(terminal_); }
  Typist(const Typist&) = delete;
  Typist& operator=(const Typist&) = delete;

  void type(std::string_view text) {
    EXPECT_EQ(::write(terminal_, text.data(), text.size()), std::ssize(text));
  }

  // Waits until `end` is shown, or until all was shown.
  void read_until(std::string_view end) {
    std::array<char, 256> some{};
    while (!shown_.ends_with(end)) {
      const ssize_t size = ::read(terminal_, some.data(), some.size());
      if (size <= 0) return;
      shown_.append(some.data(), static_cast<std::size_t>(size));
    }
  }

  const std::string& shown() const { return shown_; }
  int wait() const {
    int status = 0;
    EXPECT_EQ(::waitpid(process_, &status, 0), process_);
    return status;
  }

 private:
  int terminal_ = -1;
  pid_t process_ = -1;
  std::string shown_;
};

TEST(AskUnseen, DoesNotShowWhatIsTyped) {
  Typist typist;
  typist.read_until("Key? ");
  typist.type("hunter2\n");
  typist.read_until("\r\n");
  EXPECT_EQ(typist.shown(), "Key? \r\n");
  EXPECT_EQ(typist.wait(), 0);
}

TEST(AskUnseen, EndsAtOnceWhenInterrupted) {
  Typist typist;
  typist.read_until("Key? ");
  typist.type("hun\x03");
  const int status = typist.wait();
  ASSERT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(WTERMSIG(status), SIGINT);
}

// fmt is given as many values for one language as for the other.
TEST(UserTexts, HaveTheSamePlacesInBothLanguages) {
  const auto places = [](std::string_view text) { return std::ranges::count(text, '{'); };
  const UserTexts& es = user_texts(api::Language::kSpanish);
  const UserTexts& en = user_texts(api::Language::kEnglish);
  for (const auto text : {&UserTexts::created, &UserTexts::activated, &UserTexts::deactivated,
                          &UserTexts::password_set, &UserTexts::made_password, &UserTexts::ask_password,
                          &UserTexts::ask_again, &UserTexts::passwords_differ, &UserTexts::no_password,
                          &UserTexts::no_such_user, &UserTexts::no_database}) {
    EXPECT_FALSE((es.*text).empty());
    EXPECT_NE(es.*text, en.*text);
    EXPECT_EQ(places(es.*text), places(en.*text)) << es.*text;
  }
}

}  // namespace
}  // namespace izpo::app
