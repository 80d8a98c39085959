import { Badge } from "@mantine/core";
import { IconHash, IconLock } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { Link, useRoute } from "wouter";
import type { Room } from "../../generated/api";
import { useUnread } from "../state/context";
import classes from "./RoomLink.module.css";

const MOST_SHOWN = 99;

export function RoomLink({ room }: { room: Room }) {
  const { t } = useTranslation();
  const unread = useUnread(room.id);
  const [isOpen] = useRoute(`/rooms/${room.id}`);
  const Icon = room.is_private ? IconLock : IconHash;
  return (
    <Link
      href={`/rooms/${room.id}`}
      className={classes.link ?? ""}
      aria-current={isOpen ? "page" : undefined}
      data-unread={unread > 0 || undefined}
    >
      <Icon size={17} className={classes.icon} aria-label={room.is_private ? t("rooms.private") : undefined} />
      <span className={classes.name}>{room.name}</span>
      {unread > 0 && (
        <Badge size="sm" circle={unread < 10} variant="filled" aria-label={t("rooms.unread", { count: unread })}>
          {unread > MOST_SHOWN ? `${MOST_SHOWN}+` : unread}
        </Badge>
      )}
    </Link>
  );
}
