import { Button, Text } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { Room } from "../../generated/api";
import { api, errorText, unwrap } from "../api/client";
import { useRoomsChanged } from "../api/queries";
import classes from "./JoinBar.module.css";

/** In place of the composer, for who only looks at a public room. */
export function JoinBar({ room }: { room: Room }) {
  const { t } = useTranslation();
  const roomsChanged = useRoomsChanged();
  const join = useMutation({
    mutationFn: () => unwrap(api.POST("/api/rooms/{id}/join", { params: { path: { id: room.id } } })),
    onSuccess: () => roomsChanged(room.id),
  });
  return (
    <div className={classes.bar}>
      <Text>{join.error ? errorText(join.error) : t("rooms.looking")}</Text>
      <Button loading={join.isPending} onClick={() => join.mutate()}>
        {t("rooms.join")}
      </Button>
    </div>
  );
}
