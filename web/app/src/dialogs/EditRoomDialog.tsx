import { Button, Divider, Group, Select, Stack, Text } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useLocation } from "wouter";
import type { Room } from "../../generated/api";
import { api, unwrap } from "../api/client";
import { membersQuery, useRoomsChanged } from "../api/queries";
import { useFormats } from "../common/format";
import { displayName } from "../common/UserAvatar";
import { Dialog, type DialogProps, fieldProblems, Problem } from "./Dialog";
import { type RoomDraft, RoomFields, roomDraft } from "./RoomFields";

/** What the owner may change of a room, up to giving it away or deleting it. */
export function EditRoomDialog({ room, ...props }: DialogProps & { room: Room }) {
  const { t } = useTranslation();
  return (
    <Dialog {...props} title={t("rooms.edit")}>
      <Form room={room} onDone={props.onClose} />
      <Divider my="lg" />
      <Stack gap="lg">
        <HandOver room={room} onDone={props.onClose} />
        <Deletion room={room} />
      </Stack>
    </Dialog>
  );
}

function Form({ room, onDone }: { room: Room; onDone: () => void }) {
  const { t } = useTranslation();
  const roomsChanged = useRoomsChanged();
  const change = useMutation({
    mutationFn: (body: RoomDraft) => unwrap(api.PUT("/api/rooms/{id}", { params: { path: { id: room.id } }, body })),
    onSuccess: async () => {
      await roomsChanged(room.id);
      onDone();
    },
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        change.mutate(roomDraft(event.currentTarget));
      }}
    >
      <Stack gap="lg">
        <RoomFields
          initial={{ name: room.name, description: room.description ?? "", is_private: room.is_private }}
          problems={fieldProblems(change.error)}
        />
        <Problem error={change.error} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onDone}>
            {t("common.cancel")}
          </Button>
          <Button type="submit" loading={change.isPending}>
            {t("common.save")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function HandOver({ room, onDone }: { room: Room; onDone: () => void }) {
  const { t } = useTranslation();
  const roomsChanged = useRoomsChanged();
  const { data: members = [] } = useQuery(membersQuery(room.id));
  const formats = useFormats();
  const [userId, setUserId] = useState<string | null>(null);
  const handOver = useMutation({
    mutationFn: (user_id: number) =>
      unwrap(api.POST("/api/rooms/{id}/owner", { params: { path: { id: room.id } }, body: { user_id } })),
    onSuccess: async () => {
      await roomsChanged(room.id);
      onDone();
    },
  });
  const others = members.filter((member) => member.id !== room.owner_id);
  if (others.length === 0) return null;
  const isCut = members.length < room.member_count;
  const shownOf = t("members.shownOf", {
    shown: formats.number(members.length),
    count: formats.number(room.member_count),
  });
  return (
    <Stack gap="xs">
      <Group align="flex-end" wrap="nowrap">
        <Select
          flex={1}
          label={t("rooms.handOver")}
          description={isCut ? `${t("rooms.handOverHint")} ${shownOf}` : t("rooms.handOverHint")}
          placeholder={t("rooms.handOverTo")}
          searchable
          data={others.map((user) => ({ value: String(user.id), label: displayName(user) }))}
          value={userId}
          onChange={setUserId}
        />
        <Button
          variant="default"
          disabled={userId === null}
          loading={handOver.isPending}
          onClick={() => handOver.mutate(Number(userId))}
        >
          {t("rooms.handOverIt")}
        </Button>
      </Group>
      <Problem error={handOver.error} />
    </Stack>
  );
}

function Deletion({ room }: { room: Room }) {
  const { t } = useTranslation();
  const [, navigate] = useLocation();
  const roomsChanged = useRoomsChanged();
  const [isSure, setIsSure] = useState(false);
  const remove = useMutation({
    mutationFn: () => unwrap(api.DELETE("/api/rooms/{id}", { params: { path: { id: room.id } } })),
    onSuccess: async () => {
      navigate("/");
      await roomsChanged();
    },
  });
  if (!isSure) {
    return (
      <Button variant="light" color="red" onClick={() => setIsSure(true)}>
        {t("rooms.delete")}
      </Button>
    );
  }
  return (
    <Stack gap="xs" role="alert">
      <Text size="sm">{t("rooms.deleteSure", { room: room.name })}</Text>
      <Problem error={remove.error} />
      <Group justify="flex-end">
        <Button variant="default" onClick={() => setIsSure(false)}>
          {t("common.cancel")}
        </Button>
        <Button color="red.9" loading={remove.isPending} onClick={() => remove.mutate()}>
          {t("rooms.deleteIt")}
        </Button>
      </Group>
    </Stack>
  );
}
