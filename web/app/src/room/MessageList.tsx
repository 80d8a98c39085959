import { Button, Center, Loader, Text } from "@mantine/core";
import { IconArrowDown, IconMessageCircle, IconUserPlus } from "@tabler/icons-react";
import { type RefObject, type UIEvent, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Virtuoso, type VirtuosoHandle } from "react-virtuoso";
import type { Room } from "../../generated/api";
import { displayName } from "../common/UserAvatar";
import { AddMemberDialog } from "../dialogs/lazy";
import { useChatState, useLogin, useUnread } from "../state/context";
import { type ChatMessage, emptyTimeline } from "../state/timeline";
import classes from "./MessageList.module.css";
import { MessageRow } from "./MessageRow";
import { placeInList } from "./placeInList";

/** The list counts its items from here down as older ones are put before them. */
const FIRST_INDEX = 1_000_000_000;
/** Pixels from the end that still count as being there. */
const NEAR_END = 80;

/** A room's messages: older ones come while one scrolls up, and what is new keeps the end in view. */
export function MessageList({ room }: { room: Room }) {
  const timeline = useChatState((state) => state.timelines[room.id] ?? emptyTimeline);
  const loading = useChatState((state) => state.loading[room.id] ?? "newest");
  const messages = useMemo(() => [...timeline.sent, ...timeline.unsent], [timeline.sent, timeline.unsent]);
  if (messages.length === 0)
    return <Empty room={room} isLoading={loading === "newest"} hasFailed={loading === "failed"} />;
  if (timeline.sent.length === 0 && loading === "newest") return <Empty room={room} isLoading hasFailed={false} />;
  return (
    <Loaded
      key={timeline.generation}
      room={room}
      messages={messages}
      prepended={timeline.prepended}
      hasOlder={timeline.hasOlder}
      hasFailed={loading === "failed"}
    />
  );
}

/** Who has just made a room looks for a way to have others in it. */
function Invitation({ room }: { room: Room }) {
  const { t } = useTranslation();
  const [isAdding, setIsAdding] = useState(false);
  return (
    <>
      <Button mt="sm" variant="light" leftSection={<IconUserPlus size={18} />} onClick={() => setIsAdding(true)}>
        {t("members.add")}
      </Button>
      <AddMemberDialog room={room} opened={isAdding} onClose={() => setIsAdding(false)} />
    </>
  );
}

function Empty({ room, isLoading, hasFailed }: { room: Room; isLoading: boolean; hasFailed: boolean }) {
  const { t } = useTranslation();
  const { chat, me } = useLogin();
  return (
    <Center className={classes.empty}>
      {isLoading && <Loader aria-label={t("common.loading")} />}
      {hasFailed && (
        <>
          <Text role="alert">{t("message.notLoaded")}</Text>
          <Button variant="default" onClick={() => chat.loadNewest(room.id)}>
            {t("common.retry")}
          </Button>
        </>
      )}
      {!isLoading && !hasFailed && (
        <>
          <IconMessageCircle size={56} stroke={1.2} aria-hidden />
          <Text fw={600} size="lg" c="var(--mantine-color-text)">
            {t("message.beginning", { room: room.name })}
          </Text>
          <Text>{t("message.beTheFirst")}</Text>
          {room.owner_id === me.id && <Invitation room={room} />}
        </>
      )}
    </Center>
  );
}

interface LoadedProps {
  room: Room;
  messages: readonly ChatMessage[];
  prepended: number;
  hasOlder: boolean;
  hasFailed: boolean;
}

function Loaded({ room, messages, prepended, hasOlder, hasFailed }: LoadedProps) {
  const { t } = useTranslation();
  const { chat, me } = useLogin();
  const list = useRef<VirtuosoHandle>(null);
  const end = useStayingAtEnd(list);
  const unread = useUnread(room.id);
  const unreadFrom = useUnreadLine(room.id, end.isShown);
  const firstItemIndex = FIRST_INDEX - prepended;

  const unsentCount = messages.filter((message) => message.state === "sending").length;
  useEffect(() => {
    // What I send I want to see, wherever I was.
    if (unsentCount > 0) list.current?.scrollToIndex({ index: "LAST", align: "end" });
  }, [unsentCount]);

  const loadOlder = useCallback(() => void chat.loadOlder(room.id), [chat, room.id]);
  const header = useCallback(
    () => <OlderState room={room} hasOlder={hasOlder} hasFailed={hasFailed} onRetry={loadOlder} />,
    [room, hasOlder, hasFailed, loadOlder],
  );
  return (
    <div className={classes.list}>
      <Virtuoso
        ref={list}
        className={classes.scroller}
        role="log"
        aria-live="off"
        aria-label={t("message.list", { room: room.name })}
        data={messages}
        firstItemIndex={firstItemIndex}
        initialTopMostItemIndex={{ index: "LAST", align: "end" }}
        computeItemKey={(_, message) => message.key}
        increaseViewportBy={{ top: 1200, bottom: 600 }}
        atBottomThreshold={NEAR_END}
        {...end.listProps}
        followOutput={(wasAtEnd) => (wasAtEnd ? "auto" : false)}
        startReached={loadOlder}
        components={{ Header: header, Footer: ListEnd }}
        itemContent={(index, message) => (
          <MessageRow
            room={room}
            message={message}
            place={placeInList(messages[index - firstItemIndex - 1], message, unreadFrom, me.id)}
          />
        )}
      />
      {!end.isShown && (
        <Button
          className={classes.jump}
          radius="xl"
          size="compact-md"
          variant={unread > 0 ? "filled" : "default"}
          leftSection={<IconArrowDown size={16} />}
          onClick={() => list.current?.scrollToIndex({ index: "LAST", align: "end" })}
        >
          {unread > 0 ? t("message.newBelow", { count: unread }) : t("message.jumpToNewest")}
        </Button>
      )}
      <Announcer roomId={room.id} />
    </div>
  );
}

/**
 * Keeps the end in view until the user scrolls away from it: what is shown may grow (a picture, code that is coloured) and
 * its place may shrink (a banner, a longer draft).
 */
function useStayingAtEnd(list: RefObject<VirtuosoHandle | null>) {
  const [isShown, setIsShown] = useState(true);
  const stays = useRef(true);
  const top = useRef(0);
  const follow = () => {
    if (stays.current) list.current?.autoscrollToBottom();
  };
  return {
    isShown,
    listProps: {
      onScroll: ({ currentTarget: { scrollTop } }: UIEvent<HTMLElement>) => {
        if (scrollTop < top.current - 1) stays.current = false;
        top.current = scrollTop;
      },
      atBottomStateChange: (isAtEnd: boolean) => {
        if (isAtEnd) stays.current = true;
        setIsShown(stays.current);
        follow();
      },
      totalListHeightChanged: follow,
    },
  };
}

function ListEnd() {
  return <div className={classes.end} />;
}

interface OlderStateProps {
  room: Room;
  hasOlder: boolean;
  hasFailed: boolean;
  onRetry: () => void;
}

function OlderState({ room, hasOlder, hasFailed, onRetry }: OlderStateProps) {
  const { t } = useTranslation();
  if (!hasOlder) return <p className={classes.beginning}>{t("message.beginning", { room: room.name })}</p>;
  if (!hasFailed) return <p className={classes.older}>{t("common.loading")}</p>;
  return (
    <p className={classes.older}>
      {t("message.notLoaded")}{" "}
      <Button size="compact-sm" variant="light" onClick={onRetry}>
        {t("common.retry")}
      </Button>
    </p>
  );
}

/**
 * The number above which messages were unread when the room was opened, or when the page was last hidden. While the end is
 * in view of a visible page, what comes is read.
 */
function useUnreadLine(roomId: number, isAtEnd: boolean): number {
  const { chat } = useLogin();
  const readNow = () => chat.store.getState().lastRead[roomId] ?? Number.POSITIVE_INFINITY;
  const [line, setLine] = useState(readNow);
  const lastSeq = useChatState((state) => state.lastSeq[roomId] ?? 0);
  const [isVisible, setIsVisible] = useState(!document.hidden);
  useEffect(() => {
    const onChange = () => {
      setIsVisible(!document.hidden);
      if (document.hidden) setLine(chat.store.getState().lastRead[roomId] ?? Number.POSITIVE_INFINITY);
    };
    document.addEventListener("visibilitychange", onChange);
    return () => document.removeEventListener("visibilitychange", onChange);
  }, [chat, roomId]);
  useEffect(() => {
    if (isAtEnd && isVisible && lastSeq > 0) chat.markRead(roomId);
  }, [chat, roomId, isAtEnd, isVisible, lastSeq]);
  return line;
}

/** Says what others write to a screen reader, which is not told of the list itself: scrolling changes that too. */
function Announcer({ roomId }: { roomId: number }) {
  const { chat, me } = useLogin();
  const [text, setText] = useState("");
  useEffect(
    () =>
      chat.onMessage(({ room_id, sender, content, file }) => {
        if (room_id !== roomId || sender.id === me.id) return;
        setText(`${displayName(sender)}: ${content || file?.original_filename || ""}`);
      }),
    [chat, me.id, roomId],
  );
  return (
    <div className={classes.announcer} aria-live="polite">
      {text}
    </div>
  );
}
