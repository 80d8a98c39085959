import { ActionIcon, Button, Drawer, Loader, ScrollArea, Text, Title, Tooltip } from "@mantine/core";
import { IconCrown, IconUserMinus, IconUserPlus, IconX } from "@tabler/icons-react";
import { useInfiniteQuery, useMutation, useQuery } from "@tanstack/react-query";
import { type ReactNode, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Room, User } from "../../generated/api";
import { api, unwrap } from "../api/client";
import { memberPagesQuery, membersQuery, onlineQuery, useRoomsChanged } from "../api/queries";
import { useFormats } from "../common/format";
import { NotLoaded } from "../common/NotLoaded";
import { displayName, UserAvatar } from "../common/UserAvatar";
import { AddMemberDialog } from "../dialogs/lazy";
import { useChatState, useLogin } from "../state/context";
import classes from "./MembersPanel.module.css";

type Person = Pick<User, "id" | "username" | "full_name">;

interface Props {
  room: Room;
  /** Beside the messages, or over them where there is no room for both. */
  as: "panel" | "drawer";
  opened: boolean;
  onClose: () => void;
}

export function MembersPanel({ room, as, opened, onClose }: Props) {
  const { t } = useTranslation();
  if (as === "drawer") {
    return (
      <Drawer
        opened={opened}
        onClose={onClose}
        position="right"
        size="20rem"
        padding="sm"
        styles={{ title: { fontWeight: 700 } }}
        title={t("members.title")}
        closeButtonProps={{ "aria-label": t("common.close") }}
      >
        <Members room={room} />
      </Drawer>
    );
  }
  if (!opened) return null;
  return (
    <aside className={classes.panel} aria-label={t("members.title")}>
      <header className={classes.header}>
        <Title order={2} size="md">
          {t("members.title")}
        </Title>
        <ActionIcon variant="subtle" color="gray" aria-label={t("common.close")} onClick={onClose}>
          <IconX size={18} />
        </ActionIcon>
      </header>
      <Members room={room} />
    </aside>
  );
}

/** From here on a room's members are not read all at once. */
const LARGE_ROOM = 1_000;
const MOST_ONLINE_SHOWN = 200;

function Members({ room }: { room: Room }) {
  const { t } = useTranslation();
  const { me } = useLogin();
  const [isAdding, setIsAdding] = useState(false);
  return (
    <ScrollArea className={classes.scroll} type="scroll" scrollbarSize={8}>
      {room.owner_id === me.id && (
        <Button
          fullWidth
          variant="light"
          leftSection={<IconUserPlus size={18} />}
          mb="sm"
          onClick={() => setIsAdding(true)}
        >
          {t("members.add")}
        </Button>
      )}
      {room.member_count > LARGE_ROOM ? <ManyMembers room={room} /> : <AllMembers room={room} />}
      <AddMemberDialog room={room} opened={isAdding} onClose={() => setIsAdding(false)} />
    </ScrollArea>
  );
}

function AllMembers({ room }: { room: Room }) {
  const { t } = useTranslation();
  const presence = useChatState((state) => state.presence[room.id]);
  const { data: members, error, isPending, refetch } = useQuery(membersQuery(room.id));
  const [online, offline] = useMemo(() => {
    const sorted = [...(members ?? [])].sort((left, right) => displayName(left).localeCompare(displayName(right)));
    const isOnline = (user: User) => presence?.users.has(user.id) ?? false;
    return [sorted.filter(isOnline), sorted.filter((user) => !isOnline(user))];
  }, [members, presence]);
  if (isPending) return <Loader size="sm" aria-label={t("common.loading")} />;
  if (error && !members) return <NotLoaded error={error} onRetry={refetch} />;
  return (
    <>
      <Group room={room} name={t("members.online")} count={online.length} users={online} online />
      <Group room={room} name={t("members.offline")} count={offline.length} users={offline} online={false} />
    </>
  );
}

/** Of a large room: who is online, and everybody page by page; what is not shown is said. */
function ManyMembers({ room }: { room: Room }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const presence = useChatState((state) => state.presence[room.id]);
  const { data: online } = useQuery(onlineQuery(room.id));
  const pages = useInfiniteQuery(memberPagesQuery(room.id));
  const members = useMemo(() => pages.data?.pages.flat() ?? [], [pages.data]);
  if (pages.error && !pages.data) return <NotLoaded error={pages.error} onRetry={pages.refetch} />;
  const isOnline = new Set(online?.online_users.map((user) => user.id));
  const onlineShown = online?.online_users.slice(0, MOST_ONLINE_SHOWN) ?? [];
  const onlineCount = Math.max(presence?.count ?? 0, onlineShown.length);
  const shownOf = (shown: number, count: number) =>
    shown < count && (
      <Text size="xs" c="dimmed" px={6} py={4}>
        {t("members.shownOf", { shown: formats.number(shown), count: formats.number(count) })}
      </Text>
    );
  return (
    <>
      <Group room={room} name={t("members.online")} count={onlineCount} users={onlineShown} online>
        {shownOf(onlineShown.length, onlineCount)}
      </Group>
      <Group room={room} name={t("members.all")} count={room.member_count} users={members} online={isOnline}>
        {shownOf(members.length, room.member_count)}
        {pages.hasNextPage && (
          <Button fullWidth variant="default" loading={pages.isFetchingNextPage} onClick={() => pages.fetchNextPage()}>
            {t("members.showMore")}
          </Button>
        )}
      </Group>
    </>
  );
}

interface GroupProps {
  room: Room;
  name: string;
  /** How many there are, which may be more than are shown. */
  count: number;
  users: readonly Person[];
  online: boolean | ReadonlySet<number>;
  children?: ReactNode;
}

function Group({ room, name, count, users, online, children }: GroupProps) {
  const formats = useFormats();
  if (users.length === 0) return null;
  return (
    <section aria-label={name}>
      <h3 className={classes.group}>
        {name} — {formats.number(count)}
      </h3>
      <ul className={classes.list}>
        {users.map((user) => (
          <Member
            key={user.id}
            room={room}
            user={user}
            online={online instanceof Set ? online.has(user.id) : !!online}
          />
        ))}
      </ul>
      {children}
    </section>
  );
}

function Member({ room, user, online }: { room: Room; user: Person; online: boolean }) {
  const { t } = useTranslation();
  const { me } = useLogin();
  const roomsChanged = useRoomsChanged();
  const remove = useMutation({
    mutationFn: () =>
      unwrap(api.DELETE("/api/rooms/{id}/members/{user_id}", { params: { path: { id: room.id, user_id: user.id } } })),
    onSettled: () => roomsChanged(room.id),
  });
  const mayRemove = room.owner_id === me.id && user.id !== me.id;
  return (
    <li className={classes.member} data-online={online || undefined}>
      <UserAvatar user={user} size={32} online={online} />
      <span className={classes.names}>
        <Text size="sm" fw={550} truncate>
          {displayName(user)}
        </Text>
        {user.full_name && (
          <Text size="xs" c="dimmed" truncate>
            @{user.username}
          </Text>
        )}
      </span>
      {user.id === room.owner_id && (
        <Tooltip label={t("members.owner")}>
          <IconCrown size={17} role="img" aria-label={t("members.owner")} className={classes.owner} />
        </Tooltip>
      )}
      {mayRemove && (
        <Tooltip label={t("members.remove")}>
          <ActionIcon
            className={classes.remove}
            variant="subtle"
            color="gray"
            loading={remove.isPending}
            aria-label={t("members.removeNamed", { name: displayName(user) })}
            onClick={() => remove.mutate()}
          >
            <IconUserMinus size={17} />
          </ActionIcon>
        </Tooltip>
      )}
    </li>
  );
}
