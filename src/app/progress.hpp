#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

// What a command that takes long shows of itself on standard error, and how it is told to stop.
namespace izpo::app {

// How far it is: at a terminal one line that changes, elsewhere a line every ten seconds.
class Progress {
 public:
  Progress();
  ~Progress();  // ends the line
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // `text` is the whole line, "files: 120 of 400". Cheap when nothing is due, if `is_due` is asked before.
  bool is_due() const { return std::chrono::steady_clock::now() >= next_; }
  void show(std::string_view text);

  // A line that stays.
  void note(std::string_view text);

 private:
  const bool terminal_;
  bool open_ = false;  // the cursor stands behind a line
  std::chrono::steady_clock::time_point next_;
};

// "1.2 GiB"
std::string size_text(std::int64_t bytes);

// From now on SIGINT, SIGTERM and SIGHUP are noted, and the command ends by itself and cleans up; a second
// one ends it at once.
void note_interrupts();
bool is_interrupted();

}  // namespace izpo::app
