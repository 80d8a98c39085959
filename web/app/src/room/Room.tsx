import { Button, Center, Loader, Stack, Text } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "wouter";
import type { Room as RoomData } from "../../generated/api";
import { ApiError } from "../api/client";
import { roomQuery } from "../api/queries";
import { NotLoaded } from "../common/NotLoaded";
import { useChatState, useLogin } from "../state/context";
import { preferences } from "../state/preferences";
import { Composer } from "./Composer";
import { DropZone } from "./DropZone";
import { JoinBar } from "./JoinBar";
import { MembersPanel } from "./MembersPanel";
import { MessageList } from "./MessageList";
import { PictureViewer } from "./PictureViewer";
import classes from "./Room.module.css";
import { RoomHeader } from "./RoomHeader";
import { TypingLine } from "./TypingLine";

/** A room that may be read: its messages, and who is in it. */
export function Room({ id }: { id: number }) {
  const { t } = useTranslation();
  const gone = useChatState((state) => state.gone[id]);
  const { data: room, error, refetch } = useQuery({ ...roomQuery(id), enabled: gone === undefined });
  if (gone) return <NoRoom why={t(`rooms.${gone}`)} />;
  if (room) return <Conversation room={room} />;
  if (error instanceof ApiError && error.status < 500) return <NoRoom why={error.message} />;
  return (
    <Center flex={1}>
      {error ? <NotLoaded error={error} onRetry={refetch} /> : <Loader aria-label={t("common.loading")} />}
    </Center>
  );
}

function NoRoom({ why }: { why: string }) {
  const { t } = useTranslation();
  return (
    <Center flex={1} p="xl">
      <Stack align="center" role="alert">
        <Text ta="center">{why}</Text>
        <Button component={Link} href="/" variant="default">
          {t("rooms.toRooms")}
        </Button>
      </Stack>
    </Center>
  );
}

function Conversation({ room }: { room: RoomData }) {
  const { chat, uploads } = useLogin();
  const isWide = useMediaQuery("(min-width: 75em)", undefined, { getInitialValueInEffect: false });
  const [isPanelWanted, setIsPanelWanted] = useState(preferences.value.showMembers);
  const [isDrawerOpen, setIsDrawerOpen] = useState(false);
  const toggleMembers = () => {
    if (!isWide) {
      setIsDrawerOpen(!isDrawerOpen);
      return;
    }
    preferences.value = { ...preferences.value, showMembers: !isPanelWanted };
    setIsPanelWanted(!isPanelWanted);
  };
  useEffect(() => {
    chat.follow([room.id]);
    chat.open(room.id);
  }, [chat, room.id]);
  // Of a room that one only looks at, nothing is heard after leaving it.
  useEffect(() => (room.is_member ? undefined : () => chat.unfollow(room.id)), [chat, room.id, room.is_member]);
  return (
    <div className={classes.room}>
      <DropZone disabled={!room.is_member} onDropped={(dropped) => uploads.drop(room.id, dropped)}>
        <RoomHeader room={room} isPanelOpen={isWide ? isPanelWanted : isDrawerOpen} onToggleMembers={toggleMembers} />
        <PictureViewer roomId={room.id}>
          <MessageList room={room} />
        </PictureViewer>
        <TypingLine room={room} />
        {room.is_member ? <Composer room={room} /> : <JoinBar room={room} />}
      </DropZone>
      <MembersPanel
        room={room}
        as={isWide ? "panel" : "drawer"}
        opened={isWide ? isPanelWanted : isDrawerOpen}
        onClose={toggleMembers}
      />
    </div>
  );
}
