#include "services/rooms.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "domain/checked.hpp"
#include "domain/reasons.hpp"
#include "domain/text.hpp"
#include "services/accounts.hpp"

namespace izpo::services {
namespace {

// A description of nothing but white space is none.
std::optional<std::string> clean_description(FieldChecks& checks,
                                             const std::optional<std::string>& description) {
  if (!description) return std::nullopt;
  auto text = checks.take("description", izpo::clean_description(*description));
  return text.empty() ? std::nullopt : std::optional(std::move(text));
}

}  // namespace

Task<Result<std::vector<RoomView>>> Rooms::list_public(std::optional<UserId> viewer, Page page) {
  IZPO_CO_TRY(auto rooms, co_await ports_.rooms.list_public(page));
  co_return co_await views(std::move(rooms), viewer);
}

Task<Result<std::vector<RoomView>>> Rooms::list_mine(const Principal& caller, Page page) {
  const auto viewer = caller.user.id;
  IZPO_CO_TRY(auto rooms, co_await ports_.rooms.list_of(viewer, page));
  co_return co_await views(std::move(rooms), viewer);
}

Task<Result<RoomView>> Rooms::get(const Principal& caller, RoomId room) {
  const auto viewer = caller.user.id;
  IZPO_CO_TRY(auto found, co_await ports_.access.to_read(viewer, room));
  co_return co_await view(std::move(found.room), viewer);
}

Task<Result<RoomView>> Rooms::create(const Principal& caller, RoomDraft draft) {
  const auto owner = caller.user.id;
  FieldChecks checks;
  NewRoom room{.name = checks.take("name", clean_room_name(draft.name)),
               .description = clean_description(checks, draft.description),
               .is_private = draft.is_private,
               .owner = owner,
               .created_at = ports_.clock.now()};
  IZPO_CO_CHECK(std::move(checks).outcome());
  IZPO_CO_TRY(auto created, co_await ports_.rooms.create(std::move(room)));
  co_await ports_.access.announce(created.id, owner);
  co_return co_await view(std::move(created), owner);
}

Task<Result<RoomView>> Rooms::update(const Principal& caller, RoomId room, RoomChange change) {
  const auto owner = caller.user.id;
  IZPO_CO_CHECK(co_await ports_.access.to_own(owner, room));
  FieldChecks checks;
  if (change.name) change.name = checks.take("name", clean_room_name(*change.name));
  if (change.description) change.description = clean_description(checks, *change.description);
  IZPO_CO_CHECK(std::move(checks).outcome());
  IZPO_CO_TRY(auto updated, co_await ports_.rooms.update(room, std::move(change), ports_.clock.now()));
  co_return co_await changed(std::move(updated), owner);
}

Task<Result<void>> Rooms::remove(const Principal& caller, RoomId room) {
  const auto owner = caller.user.id;
  IZPO_CO_CHECK(co_await ports_.access.to_own(owner, room));
  IZPO_CO_TRY(const auto members, co_await ports_.members.ids(room));
  IZPO_CO_CHECK(co_await ports_.rooms.remove(room, owner));
  ports_.live.close_room(room, members);
  co_return Result<void>();
}

Task<Result<RoomView>> Rooms::hand_over(const Principal& caller, RoomId room, UserId to) {
  const auto owner = caller.user.id;
  IZPO_CO_CHECK(co_await ports_.access.to_own(owner, room));
  IZPO_CO_TRY(auto handed, co_await ports_.rooms.set_owner(room, owner, to, ports_.clock.now()));
  co_return co_await changed(std::move(handed), owner);
}

Task<Result<JoinOutcome>> Rooms::join(const Principal& caller, RoomId room) {
  const auto user = caller.user.id;
  if (room.value <= 0) co_return fail(reason::kInvalidRoomId);
  co_return co_await ports_.access.join(user, room);
}

Task<Result<void>> Rooms::leave(const Principal& caller, RoomId room) {
  const auto user = caller.user.id;
  IZPO_CO_CHECK(co_await ports_.access.to_read(user, room));
  IZPO_CO_CHECK(co_await ports_.members.leave(room, user));
  ports_.live.close_member(room, user);
  co_return Result<void>();
}

Task<Result<std::vector<User>>> Rooms::members(const Principal& caller, RoomId room, Page page) {
  IZPO_CO_CHECK(co_await ports_.access.to_read(caller.user.id, room));
  co_return co_await ports_.members.list(room, page);
}

Task<Result<User>> Rooms::add_member(const Principal& caller, RoomId room, std::optional<UserId> user,
                                     std::optional<std::string> username) {
  IZPO_CO_CHECK(co_await ports_.access.to_own(caller.user.id, room));
  std::optional<User> found;
  if (user) {
    IZPO_CO_TRY(found, co_await ports_.users.find(*user));
  } else if (username) {
    IZPO_CO_TRY(found, co_await find_named(ports_.users, *username));
  }
  if (!found) co_return fail(reason::kUserNotFound);
  IZPO_CO_TRY(const auto outcome, co_await ports_.members.add(room, found->id, ports_.clock.now()));
  if (outcome == JoinOutcome::kJoined) co_await ports_.access.announce(room, found->id);
  co_return *std::move(found);
}

Task<Result<void>> Rooms::remove_member(const Principal& caller, RoomId room, UserId user) {
  IZPO_CO_CHECK(co_await ports_.access.to_own(caller.user.id, room));
  IZPO_CO_CHECK(co_await ports_.members.remove(room, user, ports_.clock.now()));
  ports_.live.close_member(room, user);
  co_return Result<void>();
}

Task<Result<std::vector<UserCard>>> Rooms::online(const Principal& caller, RoomId room) {
  IZPO_CO_CHECK(co_await ports_.access.to_read(caller.user.id, room));
  co_return ports_.live.online(room);
}

Task<Result<std::vector<RoomView>>> Rooms::views(std::vector<Room> rooms, std::optional<UserId> viewer) {
  std::vector<RoomId> ids;
  ids.reserve(rooms.size());
  for (const auto& room : rooms) ids.push_back(room.id);
  IZPO_CO_TRY(auto previews, co_await ports_.members.preview(std::move(ids), viewer, kMembersShown));

  std::vector<RoomView> result;
  result.reserve(rooms.size());
  for (std::size_t i = 0; i < rooms.size(); ++i) {
    auto& [members, count, viewer_is_member] = previews[i];
    const auto owner = std::ranges::find(members, rooms[i].owner, &User::id);
    if (owner == members.end()) continue;  // removed between the two reads
    auto owner_shown = *owner;
    result.push_back(
        {std::move(rooms[i]), std::move(owner_shown), std::move(members), count, viewer_is_member});
  }
  co_return result;
}

Task<Result<RoomView>> Rooms::changed(Room room, UserId viewer) {
  const auto id = room.id;
  auto result = co_await view(std::move(room), viewer);
  auto members = co_await ports_.members.ids(id);
  // Without the list nobody counts as a member: rather a follower too few than one too many.
  if (!members) members.emplace();
  if (result) ports_.live.room_changed({result->room, result->owner}, *members);
  co_return result;
}

Task<Result<RoomView>> Rooms::view(Room room, std::optional<UserId> viewer) {
  std::vector<Room> one;
  one.push_back(std::move(room));
  IZPO_CO_TRY(auto result, co_await views(std::move(one), viewer));
  if (result.empty()) co_return fail(reason::kRoomNotFound);
  co_return std::move(result.front());
}

}  // namespace izpo::services
