import { ActionIcon, Button, Drawer, Loader, ScrollArea, Text, Title, Tooltip } from "@mantine/core";
import { IconCrown, IconUserMinus, IconUserPlus, IconX } from "@tabler/icons-react";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Room, User } from "../../generated/api";
import { api, errorText, unwrap } from "../api/client";
import { membersQuery, useRoomsChanged } from "../api/queries";
import { displayName, UserAvatar } from "../common/UserAvatar";
import { AddMemberDialog } from "../dialogs/lazy";
import { useChatState, useLogin } from "../state/context";
import classes from "./MembersPanel.module.css";

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

function Members({ room }: { room: Room }) {
  const { t } = useTranslation();
  const { me } = useLogin();
  const presence = useChatState((state) => state.presence[room.id]);
  const { data: members, error, isPending } = useQuery(membersQuery(room.id));
  const [isAdding, setIsAdding] = useState(false);
  const groups = useMemo(() => {
    const sorted = [...(members ?? [])].sort((left, right) => displayName(left).localeCompare(displayName(right)));
    const isOnline = (user: User) => presence?.users.has(user.id) ?? false;
    return [
      { name: t("members.online"), users: sorted.filter(isOnline), online: true },
      { name: t("members.offline"), users: sorted.filter((user) => !isOnline(user)), online: false },
    ];
  }, [members, presence, t]);
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
      {isPending && <Loader size="sm" />}
      {error && <Text role="alert">{errorText(error)}</Text>}
      {groups.map(({ name, users, online }) =>
        users.length === 0 ? null : (
          <section key={name} aria-label={name}>
            <h3 className={classes.group}>
              {name} — {users.length}
            </h3>
            <ul className={classes.list}>
              {users.map((user) => (
                <Member key={user.id} room={room} user={user} online={online} />
              ))}
            </ul>
          </section>
        ),
      )}
      <AddMemberDialog room={room} opened={isAdding} onClose={() => setIsAdding(false)} />
    </ScrollArea>
  );
}

function Member({ room, user, online }: { room: Room; user: User; online: boolean }) {
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
