import { Button, Group, Stack } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useLocation } from "wouter";
import { api, unwrap } from "../api/client";
import { useRoomsChanged } from "../api/queries";
import { Dialog, type DialogProps, fieldProblems, Problem } from "./Dialog";
import { type RoomDraft, RoomFields, roomDraft } from "./RoomFields";

export function CreateRoomDialog(props: DialogProps) {
  const { t } = useTranslation();
  return (
    <Dialog {...props} title={t("rooms.create")}>
      <Form onDone={props.onClose} />
    </Dialog>
  );
}

function Form({ onDone }: { onDone: () => void }) {
  const { t } = useTranslation();
  const [, navigate] = useLocation();
  const roomsChanged = useRoomsChanged();
  const create = useMutation({
    mutationFn: (body: RoomDraft) => unwrap(api.POST("/api/rooms", { body })),
    onSuccess: async (room) => {
      await roomsChanged();
      onDone();
      navigate(`/rooms/${room.id}`);
    },
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        create.mutate(roomDraft(event.currentTarget));
      }}
    >
      <Stack gap="lg">
        <RoomFields initial={{ name: "", description: "", is_private: false }} problems={fieldProblems(create.error)} />
        <Problem error={create.error} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onDone}>
            {t("common.cancel")}
          </Button>
          <Button type="submit" loading={create.isPending}>
            {t("rooms.createIt")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
