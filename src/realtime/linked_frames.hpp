#pragma once

#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "domain/file.hpp"
#include "domain/message.hpp"
#include "domain/user.hpp"
#include "ports/file_links.hpp"
#include "realtime/frame.hpp"

namespace izpo::realtime {

// The event of a message with a file. Its link is absolute, so clients that reach the server by different
// names get different frames; those that use the same one share theirs. Any thread.
class LinkedFrames {
 public:
  LinkedFrames(Message message, UserCard sender, File file, const FileLinks& links)
      : message_(std::move(message)), sender_(std::move(sender)), file_(std::move(file)), links_(links) {}

  SharedEvent of(const std::string& base_url);

 private:
  // The name is the client's own word: one that invents many must not make this grow.
  static constexpr std::size_t kMostRemembered = 8;

  const Message message_;
  const UserCard sender_;
  const File file_;
  const FileLinks& links_;

  std::mutex mutex_;
  std::vector<std::pair<std::string, SharedEvent>> made_;  // under mutex_
};

}  // namespace izpo::realtime
