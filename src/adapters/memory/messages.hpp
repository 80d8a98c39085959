#pragma once

#include "adapters/memory/data.hpp"
#include "ports/message_store.hpp"

namespace izpo::memory {

// As it is now, with its sender and its file. Under data.mutex.
StoredMessage stored_message(const Data& data, const Message& message);

class MessageStore final : public izpo::MessageStore {
 public:
  explicit MessageStore(Data& data) : data_(data) {}

  Task<Result<std::vector<AppendOutcome>>> append(std::vector<PendingMessage> batch, Timestamp now) override;
  Task<Result<std::vector<StoredMessage>>> history(RoomId room, HistoryPage page) override;
  Task<Result<Replay>> replay(RoomId room, Seq after, std::int64_t limit) override;
  Task<Result<Seq>> last_seq(RoomId room) override;
  Task<Result<std::vector<RoomLast>>> last_seqs(std::vector<RoomId> rooms) override;

 private:
  AppendOutcome append_one(PendingMessage message, Timestamp now);

  Data& data_;
};

}  // namespace izpo::memory
