#pragma once

#include <functional>
#include <optional>
#include <unordered_map>
#include <vector>

#include "adapters/sqlite/connection.hpp"
#include "ports/message_store.hpp"

namespace izpo::sqlite {

// Stores one batch of messages inside a write transaction that the caller began and commits. The batch asks
// once for each room with its sender; a message then costs one INSERT, and its room one UPDATE at the end.
class AppendBatch {
 public:
  AppendBatch(Connection& connection, Timestamp now) : connection_(connection), now_(now) {}

  // An outcome for each message, in order. An error means that the transaction must be undone.
  Result<std::vector<AppendOutcome>> run(std::vector<PendingMessage> batch);

 private:
  struct Pair {
    RoomId room;
    UserId sender;
    friend bool operator==(const Pair&, const Pair&) = default;
  };
  struct PairHash {
    std::size_t operator()(const Pair& pair) const noexcept {
      return std::hash<RoomId>{}(pair.room) ^ (std::hash<UserId>{}(pair.sender) * 0x9E3779B97F4A7C15U);
    }
  };
  struct TouchedRoom {
    Seq stored;  // what the database says
    Seq last;    // with what was added since
  };
  struct Sender {
    std::optional<Reason> refusal;
    UserCard card;
    TouchedRoom* room = nullptr;
  };

  Result<const Sender*> sender(Pair pair);
  Result<Sender> look_up(Pair pair);
  Result<AppendOutcome> append(PendingMessage message);
  Result<bool> insert(const PendingMessage& message, Seq seq);
  Result<std::optional<AppendOutcome>> find_first(const PendingMessage& repeat, const UserCard& sender);
  Result<std::optional<File>> find_file(FileId file);
  Result<void> store_last_seqs();

  Connection& connection_;
  const Timestamp now_;
  std::unordered_map<Pair, Sender, PairHash> senders_;
  std::unordered_map<RoomId, TouchedRoom> rooms_;  // its nodes do not move
};

}  // namespace izpo::sqlite
