#include "realtime/outbox.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <numeric>
#include <utility>

namespace izpo::realtime {

namespace {

constexpr std::size_t kPiecesAWrite = 64;
constexpr std::ptrdiff_t kControlsWaiting = 16;  // so a burst of pings is answered one by one, a flood is not
constexpr std::size_t kKeptCapacity = 4;         // items; more is given back when all has left

}  // namespace

Outbox::Push Outbox::push(Frame frame, Urgency urgency) {
  if (sealed_) return Push::kDropped;
  const std::size_t size = frame->size();
  if (urgency == Urgency::kEphemeral) {
    if (bytes_ + size > limit_ / 2 && !empty()) return Push::kDropped;
    append(std::move(frame), Kind::kEphemeral);
    return Push::kQueued;
  }
  if (bytes_ + size > limit_) {
    drop_ephemeral();
    if (bytes_ + size > limit_ && !empty()) return Push::kFull;
  }
  append(std::move(frame), Kind::kKept);
  return Push::kQueued;
}

void Outbox::push_control(Frame frame) {
  if (sealed_) return;
  bytes_ += frame->size();
  const auto first = items_.begin() + static_cast<std::ptrdiff_t>(movable());
  const auto end =
      std::find_if(first, items_.end(), [](const Item& item) { return item.kind != Kind::kControl; });
  const auto same_kind = [&frame](const Item& item) {
    return item.frame->front() == frame->front();  // the first byte holds the opcode
  };
  if (end - first >= kControlsWaiting) {
    const auto last = std::find_if(std::reverse_iterator(end), std::reverse_iterator(first), same_kind);
    if (last.base() != first) {
      bytes_ -= last->frame->size();
      last->frame = std::move(frame);
      return;
    }
  }
  items_.insert(end, {std::move(frame), Kind::kControl});
}

void Outbox::seal(Frame close) {
  if (std::exchange(sealed_, true)) return;
  append(std::move(close), Kind::kControl);
}

void Outbox::seal_now(Frame close) {
  if (sealed_) return;
  drop_from(movable());
  seal(std::move(close));
}

Outbox::Flush Outbox::flush(Sink& sink) {
  while (!empty()) {
    std::array<iovec, kPiecesAWrite> pieces;
    const auto offered = std::span(pieces).first(front(pieces));
    const auto taken = sink.try_write(offered);
    if (!taken) return Flush::kBroken;
    written(*taken);
    const auto add = [](std::size_t sum, const iovec& piece) { return sum + piece.iov_len; };
    if (*taken < std::accumulate(offered.begin(), offered.end(), 0UZ, add)) return Flush::kBlocked;
  }
  return Flush::kEmpty;
}

std::size_t Outbox::front(std::span<iovec> pieces) const {
  std::size_t count = 0;
  for (std::size_t index = next_; index < items_.size() && count < pieces.size(); ++index) {
    const std::string& frame = *items_[index].frame;
    const std::size_t skip = count == 0 ? begun_ : 0;
    // A write only reads, but iovec has no const form.
    pieces[count++] = {const_cast<char*>(frame.data()) + skip, frame.size() - skip};
  }
  return count;
}

void Outbox::append(Frame frame, Kind kind) {
  bytes_ += frame->size();
  if (next_ > items_.size() / 2 && items_.size() == items_.capacity()) {
    items_.erase(items_.begin(), items_.begin() + next_);
    next_ = 0;
  }
  items_.push_back({std::move(frame), kind});
}

void Outbox::drop_ephemeral() {
  const auto first = items_.begin() + static_cast<std::ptrdiff_t>(movable());
  items_.erase(std::remove_if(first, items_.end(),
                              [this](const Item& item) {
                                if (item.kind != Kind::kEphemeral) return false;
                                bytes_ -= item.frame->size();
                                return true;
                              }),
               items_.end());
}

void Outbox::drop_from(std::size_t index) {
  for (std::size_t i = index; i < items_.size(); ++i) bytes_ -= items_[i].frame->size();
  items_.erase(items_.begin() + static_cast<std::ptrdiff_t>(index), items_.end());
}

void Outbox::written(std::size_t count) {
  bytes_ -= count;
  count += begun_;
  while (next_ < items_.size() && count >= items_[next_].frame->size()) {
    count -= items_[next_].frame->size();
    items_[next_++].frame.reset();
  }
  begun_ = count;
  if (!empty()) return;
  items_.clear();
  next_ = 0;
  if (items_.capacity() > kKeptCapacity) std::vector<Item>().swap(items_);
}

}  // namespace izpo::realtime
