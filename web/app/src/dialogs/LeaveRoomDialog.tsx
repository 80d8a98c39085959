import { Button, Group, Stack, Text } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useLocation } from "wouter";
import type { Room } from "../../generated/api";
import { api, unwrap } from "../api/client";
import { useRoomsChanged } from "../api/queries";
import { Dialog, type DialogProps, Problem } from "./Dialog";

export function LeaveRoomDialog({ room, ...props }: DialogProps & { room: Room }) {
  const { t } = useTranslation();
  const [, navigate] = useLocation();
  const roomsChanged = useRoomsChanged();
  const leave = useMutation({
    mutationFn: () => unwrap(api.POST("/api/rooms/{id}/leave", { params: { path: { id: room.id } } })),
    onSuccess: async () => {
      navigate("/");
      await roomsChanged(room.id);
    },
  });
  return (
    <Dialog {...props} title={t("rooms.leave")}>
      <Stack gap="lg">
        <Text>
          {room.is_private ? t("rooms.leavePrivate", { room: room.name }) : t("rooms.leavePublic", { room: room.name })}
        </Text>
        <Problem error={leave.error} />
        <Group justify="flex-end">
          <Button variant="default" onClick={props.onClose}>
            {t("common.cancel")}
          </Button>
          <Button color="red.9" loading={leave.isPending} onClick={() => leave.mutate()}>
            {t("rooms.leaveIt")}
          </Button>
        </Group>
      </Stack>
    </Dialog>
  );
}
