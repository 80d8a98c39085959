import { infiniteQueryOptions, queryOptions, useQuery, useQueryClient } from "@tanstack/react-query";
import type { Room } from "../../generated/api";
import { api, unwrap } from "./client";

// What is asked of the server and kept until it changes; the stream of messages is in state/chat.

export const keys = {
  me: ["me"],
  service: ["service"],
  rooms: ["rooms"],
  myRooms: ["rooms", "mine"],
  publicRooms: ["rooms", "public"],
  room: (id: number) => ["room", id],
  members: (id: number) => ["room", id, "members"],
  users: ["users"],
  files: ["files"],
  usage: ["files", "usage"],
  myFiles: ["files", "mine"],
  file: (id: number) => ["file", id],
  allowedTypes: ["allowedTypes"],
  memberPages: (id: number) => ["room", id, "member pages"],
  online: (id: number) => ["room", id, "online"],
} as const;

/** The most that the server gives at once, and how much of a long list is loaded at all. */
const PAGE = 200;
const MOST = 2_000;

/** All of a list that is read in pages, by id. */
async function all<Item extends { id: number }>(page: (after: number) => Promise<Item[]>): Promise<Item[]> {
  const items: Item[] = [];
  while (items.length < MOST) {
    const next = await page(items.at(-1)?.id ?? 0);
    items.push(...next);
    if (next.length < PAGE) break;
  }
  return items;
}

const query = (after: number) => ({ limit: PAGE, after });
const byName = (left: Room, right: Room) => left.name.localeCompare(right.name);

export const meQuery = queryOptions({
  queryKey: keys.me,
  queryFn: () => unwrap(api.GET("/api/users/me")),
  staleTime: Number.POSITIVE_INFINITY,
});

export const myRoomsQuery = queryOptions({
  queryKey: keys.myRooms,
  queryFn: async () => {
    const rooms = await all((after) => unwrap(api.GET("/api/users/me/rooms", { params: { query: query(after) } })));
    return rooms.sort(byName);
  },
});

export const publicRoomsQuery = queryOptions({
  queryKey: keys.publicRooms,
  queryFn: async () => {
    const rooms = await all((after) => unwrap(api.GET("/api/rooms", { params: { query: query(after) } })));
    return rooms.sort(byName);
  },
});

export const roomQuery = (id: number) =>
  queryOptions({
    queryKey: keys.room(id),
    queryFn: () => unwrap(api.GET("/api/rooms/{id}", { params: { path: { id } } })),
  });

export const membersQuery = (id: number) =>
  queryOptions({
    queryKey: keys.members(id),
    queryFn: () =>
      all((after) => unwrap(api.GET("/api/rooms/{id}/members", { params: { path: { id }, query: query(after) } }))),
  });

/** The members of a room that has too many to be read all at once, as far as they were asked for. */
export const memberPagesQuery = (id: number) =>
  infiniteQueryOptions({
    queryKey: keys.memberPages(id),
    queryFn: ({ pageParam }) =>
      unwrap(api.GET("/api/rooms/{id}/members", { params: { path: { id }, query: query(pageParam) } })),
    initialPageParam: 0,
    getNextPageParam: (page) => (page.length < PAGE ? undefined : page.at(-1)?.id),
  });

/** Who is online in a room, by name. */
export const onlineQuery = (id: number) =>
  queryOptions({
    queryKey: keys.online(id),
    queryFn: () => unwrap(api.GET("/api/ws/rooms/{room_id}/online", { params: { path: { room_id: id } } })),
    refetchInterval: 15_000,
  });

export const usersQuery = queryOptions({
  queryKey: keys.users,
  queryFn: () => all((after) => unwrap(api.GET("/api/users", { params: { query: query(after) } }))),
  staleTime: 60_000,
});

export const myFilesQuery = queryOptions({
  queryKey: keys.myFiles,
  queryFn: async () => {
    const files = await all((after) => unwrap(api.GET("/api/users/me/files", { params: { query: query(after) } })));
    return files.reverse();
  },
});

export const usageQuery = queryOptions({
  queryKey: keys.usage,
  queryFn: () => unwrap(api.GET("/api/users/me/usage")),
});

/** A file with a fresh link. */
export const fileQuery = (id: number) =>
  queryOptions({
    queryKey: keys.file(id),
    queryFn: () => unwrap(api.GET("/api/uploads/{id}", { params: { path: { id } } })),
  });

export const allowedTypesQuery = queryOptions({
  queryKey: keys.allowedTypes,
  queryFn: () => unwrap(api.GET("/api/uploads/types/allowed")),
  staleTime: Number.POSITIVE_INFINITY,
});

/** The name of this server, as whoever runs it chose it. */
export function useServiceName(): string {
  const { data } = useQuery({
    queryKey: keys.service,
    queryFn: () => unwrap(api.GET("/health")),
    staleTime: Number.POSITIVE_INFINITY,
  });
  return data?.service ?? "IzpoChat";
}

/** Asks again for every list of rooms, and for one room when it is named. */
export function useRoomsChanged(): (roomId?: number) => Promise<void> {
  const client = useQueryClient();
  return async (roomId) => {
    const all = [client.invalidateQueries({ queryKey: keys.rooms })];
    if (roomId !== undefined) all.push(client.invalidateQueries({ queryKey: keys.room(roomId) }));
    await Promise.all(all);
  };
}
