#include "services/access.hpp"

#include <utility>

#include "domain/reasons.hpp"

namespace izpo::services {

Task<Result<RoomStanding>> Access::to_read(std::optional<UserId> viewer, RoomId room) {
  if (room.value <= 0) co_return fail(reason::kInvalidRoomId);
  IZPO_CO_TRY(auto found, co_await rooms_.find(room, viewer));
  if (!found) co_return fail(reason::kRoomNotFound);
  if (found->room.is_private && found->standing != Standing::kMember) co_return fail(reason::kRoomNotFound);
  co_return *std::move(found);
}

Task<Result<Room>> Access::to_take_part(UserId user, RoomId room) {
  IZPO_CO_TRY(auto found, co_await to_read(user, room));
  switch (found.standing) {
    case Standing::kMember: break;
    case Standing::kRemoved: co_return fail(reason::kRemovedFromRoom);
    case Standing::kStranger: IZPO_CO_CHECK(co_await members_.join(room, user, clock_.now())); break;
  }
  co_return std::move(found.room);
}

Task<Result<Room>> Access::to_own(UserId user, RoomId room) {
  IZPO_CO_TRY(auto found, co_await to_read(user, room));
  if (found.room.owner != user) co_return fail(reason::kNotOwner);
  co_return std::move(found.room);
}

}  // namespace izpo::services
