#include "adapters/memory/rooms.hpp"

#include <utility>

#include "domain/reasons.hpp"

namespace izpo::memory {

Standing standing_of(const RoomRow& row, UserId user) {
  const Standing* const standing = find(row.people, user);
  return standing == nullptr ? Standing::kStranger : *standing;
}

Task<Result<Room>> RoomStore::create(NewRoom room) {
  const std::scoped_lock lock(data_.mutex);
  if (!data_.users.contains(room.owner)) co_return fail(reason::kUserNotFound);
  RoomRow row{.room = {.id = data_.next_id<RoomId>(),
                       .name = std::move(room.name),
                       .description = std::move(room.description),
                       .is_private = room.is_private,
                       .owner = room.owner,
                       .last_seq = {},
                       .created_at = room.created_at,
                       .updated_at = std::nullopt},
              .people = {{room.owner, Standing::kMember}},
              .messages = {}};
  co_return data_.rooms.try_emplace(row.room.id, std::move(row)).first->second.room;
}

Task<Result<std::optional<RoomStanding>>> RoomStore::find(RoomId id, std::optional<UserId> viewer) {
  const std::scoped_lock lock(data_.mutex);
  const RoomRow* const row = memory::find(data_.rooms, id);
  if (row == nullptr) co_return std::nullopt;
  co_return RoomStanding{.room = row->room,
                         .standing = viewer ? standing_of(*row, *viewer) : Standing::kStranger};
}

Task<Result<std::vector<RoomStanding>>> RoomStore::find_all(std::vector<RoomId> ids, UserId viewer) {
  const std::scoped_lock lock(data_.mutex);
  std::vector<RoomStanding> found;
  for (const RoomId id : ids) {
    const RoomRow* const row = memory::find(data_.rooms, id);
    if (row != nullptr) found.push_back({.room = row->room, .standing = standing_of(*row, viewer)});
  }
  co_return found;
}

Task<Result<std::vector<Room>>> RoomStore::list_public(Page page) {
  const std::scoped_lock lock(data_.mutex);
  co_return page_of(data_.rooms, page, [](RoomId, const RoomRow& row) {
    return row.room.is_private ? std::nullopt : std::optional(row.room);
  });
}

Task<Result<std::vector<Room>>> RoomStore::list_of(UserId member, Page page) {
  const std::scoped_lock lock(data_.mutex);
  co_return page_of(data_.rooms, page, [member](RoomId, const RoomRow& row) {
    return standing_of(row, member) == Standing::kMember ? std::optional(row.room) : std::nullopt;
  });
}

Task<Result<Room>> RoomStore::update(RoomId id, RoomChange change, Timestamp now) {
  const std::scoped_lock lock(data_.mutex);
  RoomRow* const row = memory::find(data_.rooms, id);
  if (row == nullptr) co_return fail(reason::kRoomNotFound);
  if (change.name) row->room.name = *std::move(change.name);
  if (change.description) row->room.description = *std::move(change.description);
  if (change.is_private) row->room.is_private = *change.is_private;
  row->room.updated_at = now;
  co_return row->room;
}

Task<Result<Room>> RoomStore::set_owner(RoomId id, UserId from, UserId to, Timestamp now) {
  const std::scoped_lock lock(data_.mutex);
  RoomRow* const row = memory::find(data_.rooms, id);
  if (row == nullptr) co_return fail(reason::kRoomNotFound);
  if (row->room.owner != from) co_return fail(reason::kNotOwner);
  if (standing_of(*row, to) != Standing::kMember) co_return fail(reason::kMemberNotFound);
  row->room.owner = to;
  row->room.updated_at = now;
  co_return row->room;
}

Task<Result<void>> RoomStore::remove(RoomId id, UserId owner) {
  const std::scoped_lock lock(data_.mutex);
  const RoomRow* const row = memory::find(data_.rooms, id);
  if (row == nullptr) co_return fail(reason::kRoomNotFound);
  if (row->room.owner != owner) co_return fail(reason::kNotOwner);
  data_.rooms.erase(id);
  co_return Result<void>();
}

Task<Result<JoinOutcome>> MemberStore::join(RoomId room, UserId user, Timestamp /*now*/) {
  const std::scoped_lock lock(data_.mutex);
  RoomRow* const row = memory::find(data_.rooms, room);
  if (row == nullptr) co_return fail(reason::kRoomNotFound);
  const Standing standing = standing_of(*row, user);
  if (standing == Standing::kMember) co_return JoinOutcome::kAlreadyMember;
  if (row->room.is_private) co_return fail(reason::kRoomNotFound);
  if (standing == Standing::kRemoved) co_return fail(reason::kRemovedFromRoom);
  row->people[user] = Standing::kMember;
  co_return JoinOutcome::kJoined;
}

Task<Result<JoinOutcome>> MemberStore::add(RoomId room, UserId user, Timestamp /*now*/) {
  const std::scoped_lock lock(data_.mutex);
  RoomRow* const row = memory::find(data_.rooms, room);
  if (row == nullptr) co_return fail(reason::kRoomNotFound);
  if (!data_.users.contains(user)) co_return fail(reason::kUserNotFound);
  if (standing_of(*row, user) == Standing::kMember) co_return JoinOutcome::kAlreadyMember;
  row->people[user] = Standing::kMember;
  co_return JoinOutcome::kJoined;
}

Task<Result<void>> MemberStore::leave(RoomId room, UserId user) {
  const std::scoped_lock lock(data_.mutex);
  RoomRow* const row = memory::find(data_.rooms, room);
  if (row == nullptr) co_return fail(reason::kRoomNotFound);
  if (row->room.owner == user) co_return fail(reason::kOwnerCannotLeave);
  if (standing_of(*row, user) != Standing::kMember) co_return fail(reason::kNotMember);
  row->people.erase(user);
  co_return Result<void>();
}

Task<Result<void>> MemberStore::remove(RoomId room, UserId user, Timestamp /*now*/) {
  const std::scoped_lock lock(data_.mutex);
  RoomRow* const row = memory::find(data_.rooms, room);
  if (row == nullptr) co_return fail(reason::kRoomNotFound);
  if (row->room.owner == user) co_return fail(reason::kOwnerCannotBeRemoved);
  if (!data_.users.contains(user)) co_return fail(reason::kUserNotFound);
  row->people[user] = Standing::kRemoved;
  co_return Result<void>();
}

Task<Result<std::vector<User>>> MemberStore::list(RoomId room, Page page) {
  const std::scoped_lock lock(data_.mutex);
  const RoomRow* const row = memory::find(data_.rooms, room);
  if (row == nullptr) co_return std::vector<User>();
  co_return page_of(row->people, page, [this](UserId id, Standing standing) {
    return standing == Standing::kMember ? std::optional(data_.users.at(id).user) : std::nullopt;
  });
}

Task<Result<std::vector<UserId>>> MemberStore::ids(RoomId room) {
  const std::scoped_lock lock(data_.mutex);
  std::vector<UserId> members;
  const RoomRow* const row = memory::find(data_.rooms, room);
  if (row == nullptr) co_return members;
  for (const auto& [id, standing] : row->people) {
    if (standing == Standing::kMember) members.push_back(id);
  }
  co_return members;
}

Task<Result<std::vector<MemberPreview>>> MemberStore::preview(std::vector<RoomId> rooms,
                                                              std::optional<UserId> viewer,
                                                              std::int64_t at_most) {
  const std::scoped_lock lock(data_.mutex);
  std::vector<MemberPreview> previews;
  for (const RoomId id : rooms) {
    const RoomRow* const row = memory::find(data_.rooms, id);
    previews.push_back(row == nullptr ? MemberPreview{}
                                      : preview_of(*row, viewer, static_cast<std::size_t>(at_most)));
  }
  co_return previews;
}

MemberPreview MemberStore::preview_of(const RoomRow& row, std::optional<UserId> viewer,
                                      std::size_t at_most) const {
  const auto insisted = [&](UserId id) { return id == row.room.owner || id == viewer; };
  MemberPreview preview;
  std::size_t places = at_most;  // for those that nobody insists on
  for (const auto& [id, standing] : row.people) {
    if (standing != Standing::kMember) continue;
    ++preview.count;
    if (insisted(id) && places > 0) --places;
    if (id == viewer) preview.viewer_is_member = true;
  }
  for (const auto& [id, standing] : row.people) {
    if (standing != Standing::kMember) continue;
    if (!insisted(id) && places == 0) continue;
    if (!insisted(id)) --places;
    preview.members.push_back(data_.users.at(id).user);
  }
  return preview;
}

}  // namespace izpo::memory
