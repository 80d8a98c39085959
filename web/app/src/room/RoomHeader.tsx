import { ActionIcon, Menu, Text, Title, Tooltip, VisuallyHidden } from "@mantine/core";
import {
  IconArrowLeft,
  IconDoorExit,
  IconDotsVertical,
  IconHash,
  IconLock,
  IconPencil,
  IconUsers,
} from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "wouter";
import type { Room } from "../../generated/api";
import { useFormats } from "../common/format";
import { LeaveRoomDialog } from "../dialogs/LeaveRoomDialog";
import { EditRoomDialog } from "../dialogs/lazy";
import { useChatState, useLogin } from "../state/context";
import classes from "./RoomHeader.module.css";

interface Props {
  room: Room;
  isPanelOpen: boolean;
  onToggleMembers: () => void;
}

export function RoomHeader({ room, isPanelOpen, onToggleMembers }: Props) {
  const { t } = useTranslation();
  const formats = useFormats();
  const online = useChatState(({ presence }) => presence[room.id]?.count ?? 0);
  const Icon = room.is_private ? IconLock : IconHash;
  return (
    <header className={classes.header}>
      <ActionIcon
        component={Link}
        href="/"
        className={classes.back}
        variant="subtle"
        color="gray"
        size="lg"
        aria-label={t("rooms.toRooms")}
      >
        <IconArrowLeft size={22} />
      </ActionIcon>
      <Icon size={20} className={classes.icon} aria-label={room.is_private ? t("rooms.private") : undefined} />
      <div className={classes.names}>
        <Title order={1} size="md" className={classes.name}>
          {room.name}
        </Title>
        {room.description && (
          <Text size="xs" c="dimmed" truncate title={room.description}>
            {room.description}
          </Text>
        )}
      </div>
      <Tooltip label={t("members.title")}>
        <button type="button" className={classes.members} aria-expanded={isPanelOpen} onClick={onToggleMembers}>
          <IconUsers size={19} aria-hidden />
          <span aria-hidden>{formats.number(room.member_count)}</span>
          <span aria-hidden className={classes.online}>
            {formats.number(online)}
          </span>
          <VisuallyHidden>{t("members.summary", { members: room.member_count, online })}</VisuallyHidden>
        </button>
      </Tooltip>
      {room.is_member && <RoomMenu room={room} />}
    </header>
  );
}

function RoomMenu({ room }: { room: Room }) {
  const { t } = useTranslation();
  const { me } = useLogin();
  const [dialog, setDialog] = useState<"edit" | "leave" | null>(null);
  const isOwner = room.owner_id === me.id;
  const close = () => setDialog(null);
  return (
    <>
      <Menu position="bottom-end" radius="md" shadow="md" width={220}>
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" size="lg" aria-label={t("rooms.menu")}>
            <IconDotsVertical size={20} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {isOwner ? (
            <Menu.Item leftSection={<IconPencil size={16} />} onClick={() => setDialog("edit")}>
              {t("rooms.edit")}
            </Menu.Item>
          ) : (
            <Menu.Item leftSection={<IconDoorExit size={16} />} onClick={() => setDialog("leave")}>
              {t("rooms.leave")}
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
      <EditRoomDialog room={room} opened={dialog === "edit"} onClose={close} />
      <LeaveRoomDialog room={room} opened={dialog === "leave"} onClose={close} />
    </>
  );
}
