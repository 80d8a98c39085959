#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "domain/ids.hpp"

namespace izpo::realtime {

// How far each room that somebody here listens to has been delivered. A room's numbers have no gaps, whoever
// gives them: so what follows the last delivered number may be delivered, and what jumps over numbers shows
// that another process wrote, and waits until those were read from the store.
//
// Plain bookkeeping, without I/O. Used on one loop, the hub's home; only moment() is for any thread.
class RoomCursors {
 public:
  // A listener comes: take moment() when it can be reached by deliveries, before it reads the store; then
  // tell joined(). When it has read, and sent, all up to `sent`, tell live(). When it goes, left().
  //
  // A cursor begins with the room's first listener that is live, or with the first batch before that. Who was
  // there before the cursor began may lack numbers that lie below it: then it goes back to them, and the rest
  // of the listeners drop what they have.
  std::uint64_t moment() const { return began_.load(); }
  void joined(RoomId room);
  void live(RoomId room, Seq sent, std::uint64_t moment);
  void left(RoomId room);

  // A batch committed here has the room's numbers after `follows`, up to `last`. True: deliver it now. False:
  // numbers before it are missing; do not, it will be read with them.
  bool pass(RoomId room, Seq follows, Seq last);

  // The store has the room's numbers up to `last`.
  void exists(RoomId room, Seq last);

  // A room whose store holds more than was delivered. It is the caller's until filled() or failed().
  struct Gap {
    RoomId room;
    Seq after;  // what was delivered last
  };
  std::optional<Gap> next_gap();

  // Everything up to `up_to` was read. True: deliver it. False: what it follows is not the last delivered
  // number any more, or nobody listens; the room has its turn again if it has to.
  bool filled(const Gap& gap, Seq up_to);
  void failed(const Gap& gap);

  // The room is gone: nothing of it is looked for until somebody listens to it anew.
  void forget(RoomId room);

  // Called whenever next_gap() has something new.
  void on_gap(std::function<void()> notice) { on_gap_ = std::move(notice); }

  // That somebody listens to.
  std::vector<RoomId> rooms() const;

 private:
  struct Cursor {
    std::size_t listeners = 0;
    std::optional<Seq> delivered;
    Seq known;                // that the store has; at least what was delivered
    std::uint64_t began = 0;  // the moment of `delivered`
    bool queued = false;      // in gaps_
    bool taken = false;       // by next_gap()
    bool gone = false;

    bool behind() const { return !gone && delivered && known > *delivered; }
  };

  void begin(Cursor& cursor, Seq delivered);
  void look_at(RoomId room, Cursor& cursor);
  Cursor* find(RoomId room);

  std::unordered_map<RoomId, Cursor> rooms_;  // each with listeners
  std::deque<RoomId> gaps_;                   // that were seen; some may be filled or gone by now
  std::function<void()> on_gap_;
  std::atomic<std::uint64_t> began_ = 0;
};

}  // namespace izpo::realtime
