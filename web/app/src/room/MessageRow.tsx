import { Button } from "@mantine/core";
import { IconAlertCircle, IconCheck, IconClock, IconRefresh, IconTrash } from "@tabler/icons-react";
import { memo } from "react";
import { useTranslation } from "react-i18next";
import type { Room } from "../../generated/api";
import { CopyButton } from "../common/CopyButton";
import { useFormats } from "../common/format";
import { displayName, UserAvatar } from "../common/UserAvatar";
import { useLogin } from "../state/context";
import type { ChatMessage } from "../state/timeline";
import { FileView } from "./FileView";
import classes from "./MessageRow.module.css";
import { MessageText } from "./MessageText";
import type { Place } from "./placeInList";

interface Props {
  room: Room;
  message: ChatMessage;
  place: Place;
}

function samePlace(left: Place, right: Place): boolean {
  return left.goesOn === right.goesOn && left.startsDay === right.startsDay && left.startsUnread === right.startsUnread;
}

export const MessageRow = memo(
  function MessageRow({ room, message, place }: Props) {
    const formats = useFormats();
    const { sender, createdAt, content } = message;
    const time = (
      <time dateTime={createdAt} title={formats.dateTime(createdAt)} className={classes.time}>
        {formats.time(createdAt)}
      </time>
    );
    return (
      <>
        {place.startsDay && <Separator>{formats.day(createdAt)}</Separator>}
        {place.startsUnread && <UnreadLine />}
        <article className={classes.message} data-goes-on={place.goesOn || undefined} data-state={message.state}>
          <div className={classes.margin}>{place.goesOn ? time : <UserAvatar user={sender} />}</div>
          <div className={classes.body}>
            {place.goesOn ? (
              <span className={classes.unseen}>{displayName(sender)}</span>
            ) : (
              <header className={classes.header}>
                <span className={classes.sender}>{displayName(sender)}</span>
                {time}
              </header>
            )}
            {content && <MessageText text={content} />}
            <FileView message={message} />
            {message.state === "failed" && <Failure room={room} message={message} />}
          </div>
          <SendState message={message} />
          <Tools message={message} />
        </article>
      </>
    );
  },
  (before, after) =>
    before.message === after.message && before.room.id === after.room.id && samePlace(before.place, after.place),
);

function Separator({ children }: { children: string }) {
  return (
    <div className={classes.separator}>
      <span>{children}</span>
    </div>
  );
}

function UnreadLine() {
  const { t } = useTranslation();
  return (
    <div className={classes.unread}>
      <span>{t("message.new")}</span>
    </div>
  );
}

function SendState({ message }: { message: ChatMessage }) {
  const { t } = useTranslation();
  const { me } = useLogin();
  if (message.sender.id !== me.id) return null;
  const Icon = { sent: IconCheck, sending: IconClock, failed: IconAlertCircle }[message.state];
  return <Icon size={14} className={classes.state} role="img" aria-label={t(`message.${message.state}`)} />;
}

function Failure({ room, message }: { room: Room; message: ChatMessage }) {
  const { t } = useTranslation();
  const { chat } = useLogin();
  return (
    <div className={classes.failure} role="alert">
      <span>{message.problem ?? t("message.failed")}</span>
      <Button
        size="compact-xs"
        variant="light"
        leftSection={<IconRefresh size={14} />}
        onClick={() => chat.retry(room.id, message)}
      >
        {t("common.retry")}
      </Button>
      <Button
        size="compact-xs"
        variant="subtle"
        color="gray"
        leftSection={<IconTrash size={14} />}
        onClick={() => chat.discard(room.id, message)}
      >
        {t("message.discard")}
      </Button>
    </div>
  );
}

function Tools({ message }: { message: ChatMessage }) {
  const { t } = useTranslation();
  // Over plain HTTP a page has no clipboard.
  if (!message.content || !navigator.clipboard) return null;
  return (
    <div className={classes.tools}>
      <CopyButton text={message.content} label={t("message.copy")} variant="default" />
    </div>
  );
}
