#include "realtime/room_cursors.hpp"

#include <algorithm>

namespace izpo::realtime {

void RoomCursors::joined(RoomId room) {
  Cursor& cursor = rooms_[room];
  ++cursor.listeners;
  cursor.gone = false;
}

void RoomCursors::left(RoomId room) {
  const auto found = rooms_.find(room);
  if (found != rooms_.end() && --found->second.listeners == 0) rooms_.erase(found);
}

void RoomCursors::live(RoomId room, Seq sent, std::uint64_t moment) {
  Cursor* const cursor = find(room);
  if (cursor == nullptr) return;
  if (!cursor->delivered || (cursor->began > moment && sent < *cursor->delivered)) {
    begin(*cursor, sent);
    look_at(room, *cursor);
  }
}

bool RoomCursors::pass(RoomId room, Seq follows, Seq last) {
  Cursor* const cursor = find(room);
  if (cursor == nullptr) return true;
  if (!cursor->delivered) begin(*cursor, follows);
  cursor->known = std::max(cursor->known, last);
  if (follows != *cursor->delivered) {
    look_at(room, *cursor);
    return false;
  }
  cursor->delivered = last;
  return true;
}

void RoomCursors::exists(RoomId room, Seq last) {
  Cursor* const cursor = find(room);
  if (cursor == nullptr || last <= cursor->known) return;
  cursor->known = last;
  look_at(room, *cursor);
}

std::optional<RoomCursors::Gap> RoomCursors::next_gap() {
  while (!gaps_.empty()) {
    const RoomId room = gaps_.front();
    gaps_.pop_front();
    Cursor* const cursor = find(room);
    if (cursor == nullptr) continue;
    cursor->queued = false;
    if (!cursor->behind() || cursor->taken) continue;
    cursor->taken = true;
    return Gap{room, *cursor->delivered};
  }
  return std::nullopt;
}

bool RoomCursors::filled(const Gap& gap, Seq up_to) {
  Cursor* const cursor = find(gap.room);
  if (cursor == nullptr) return false;
  cursor->taken = false;
  const bool fits = cursor->delivered == gap.after;
  if (fits && up_to > gap.after) {
    cursor->delivered = up_to;
    cursor->known = std::max(cursor->known, up_to);
  } else if (fits) {
    cursor->known = gap.after;  // the store has no more than that: its lineage is another one
  }
  look_at(gap.room, *cursor);
  return fits;
}

void RoomCursors::failed(const Gap& gap) {
  Cursor* const cursor = find(gap.room);
  if (cursor == nullptr) return;
  cursor->taken = false;
  look_at(gap.room, *cursor);
}

void RoomCursors::forget(RoomId room) {
  Cursor* const cursor = find(room);
  if (cursor == nullptr) return;
  cursor->gone = true;
  cursor->taken = false;
}

std::vector<RoomId> RoomCursors::rooms() const {
  std::vector<RoomId> rooms;
  rooms.reserve(rooms_.size());
  for (const auto& [room, cursor] : rooms_) {
    if (!cursor.gone) rooms.push_back(room);
  }
  return rooms;
}

void RoomCursors::begin(Cursor& cursor, Seq delivered) {
  if (!cursor.delivered) cursor.began = began_.fetch_add(1) + 1;
  cursor.delivered = delivered;
  cursor.known = std::max(cursor.known, delivered);
}

void RoomCursors::look_at(RoomId room, Cursor& cursor) {
  if (!cursor.behind() || cursor.taken || cursor.queued) return;
  cursor.queued = true;
  gaps_.push_back(room);
  if (on_gap_) on_gap_();
}

RoomCursors::Cursor* RoomCursors::find(RoomId room) {
  const auto found = rooms_.find(room);
  return found == rooms_.end() ? nullptr : &found->second;
}

}  // namespace izpo::realtime
