#pragma once

#include "adapters/memory/data.hpp"
#include "ports/message_store.hpp"

namespace izpo::memory {

class MessageStore final : public izpo::MessageStore {
 public:
  explicit MessageStore(Data& data) : data_(data) {}

  Task<Result<std::vector<AppendOutcome>>> append(std::vector<PendingMessage> batch, Timestamp now) override;
  Task<Result<std::vector<StoredMessage>>> history(RoomId room, HistoryPage page) override;
  Task<Result<Replay>> replay(RoomId room, Seq after, std::int64_t limit) override;
  Task<Result<Seq>> last_seq(RoomId room) override;

 private:
  AppendOutcome append_one(PendingMessage message, Timestamp now);
  StoredMessage stored(const Message& message) const;
  std::optional<File> file(std::optional<FileId> id) const;

  Data& data_;
};

}  // namespace izpo::memory
