import { queryOptions, useQuery, useQueryClient } from "@tanstack/react-query";
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

export const usersQuery = queryOptions({
  queryKey: keys.users,
  queryFn: () => all((after) => unwrap(api.GET("/api/users", { params: { query: query(after) } }))),
  staleTime: 60_000,
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
