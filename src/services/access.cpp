#include "services/access.hpp"

#include <utility>

#include "domain/reasons.hpp"

namespace izpo::services {

Task<Result<RoomStanding>> Access::to_read(std::optional<UserId> viewer, RoomId room) {
  if (room.value <= 0) co_return fail(reason::kInvalidRoomId);
  IZPO_CO_TRY(auto found, co_await ports_.rooms.find(room, viewer));
  if (!found) co_return fail(reason::kRoomNotFound);
  if (found->room.is_private && found->standing != Standing::kMember) co_return fail(reason::kRoomNotFound);
  co_return *std::move(found);
}

Task<Result<Room>> Access::to_take_part(UserId user, RoomId room) {
  IZPO_CO_TRY(auto found, co_await to_read(user, room));
  switch (found.standing) {
    case Standing::kMember: break;
    case Standing::kRemoved: co_return fail(reason::kRemovedFromRoom);
    case Standing::kStranger: IZPO_CO_CHECK(co_await join(user, room)); break;
  }
  co_return std::move(found.room);
}

Task<Result<std::vector<RoomStanding>>> Access::to_follow(UserId viewer, std::vector<RoomId> rooms) {
  IZPO_CO_TRY(auto found, co_await ports_.rooms.find_all(std::move(rooms), viewer));
  std::erase_if(found, [](const RoomStanding& each) {
    return each.standing == Standing::kRemoved ||
           (each.room.is_private && each.standing != Standing::kMember);
  });
  co_return found;
}

Task<Result<JoinOutcome>> Access::join(UserId user, RoomId room) {
  IZPO_CO_TRY(const auto outcome, co_await ports_.members.join(room, user, ports_.clock.now()));
  if (outcome == JoinOutcome::kJoined) co_await announce(room, user);
  co_return outcome;
}

Task<> Access::announce(RoomId room, UserId user) {
  const auto member = co_await ports_.users.find(user);
  if (!member || !*member) co_return;
  std::optional<OwnedRoom> shown;
  if (const auto found = co_await ports_.rooms.find(room, std::nullopt); found && *found) {
    const auto owner = co_await ports_.users.find((*found)->room.owner);
    if (owner && *owner) shown = OwnedRoom{(*found)->room, **owner};
  }
  ports_.live.member_added(room, shown, **member);
}

Task<Result<Room>> Access::to_own(UserId user, RoomId room) {
  IZPO_CO_TRY(auto found, co_await to_read(user, room));
  if (found.room.owner != user) co_return fail(reason::kNotOwner);
  co_return std::move(found.room);
}

Task<Result<File>> Access::to_read_file(UserId user, FileId file) {
  IZPO_CO_TRY(auto found, co_await ports_.files.find(file));
  if (!found) co_return fail(reason::kFileNotFound);
  if (found->uploader != user) {
    IZPO_CO_TRY(const bool readable, co_await ports_.files.is_posted_to(user, file));
    if (!readable) co_return fail(reason::kFileNotFound);
  }
  co_return *std::move(found);
}

Task<Result<File>> Access::to_own_file(UserId user, FileId file) {
  IZPO_CO_TRY(auto found, co_await to_read_file(user, file));
  if (found.uploader != user) co_return fail(reason::kNotUploader);
  co_return found;
}

}  // namespace izpo::services
