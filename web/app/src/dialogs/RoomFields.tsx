import { Stack, Switch, Textarea, TextInput } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";

export interface RoomDraft {
  name: string;
  description: string;
  is_private: boolean;
}

interface Props {
  initial: RoomDraft;
  problems: Record<string, string>;
}

/** What a room is called, and who may see it: read by `roomDraft` when the form is sent. */
export function RoomFields({ initial, problems }: Props) {
  const { t } = useTranslation();
  const [isPrivate, setIsPrivate] = useState(initial.is_private);
  return (
    <Stack>
      <TextInput
        name="name"
        label={t("rooms.name")}
        placeholder={t("rooms.nameExample")}
        defaultValue={initial.name}
        required
        maxLength={100}
        data-autofocus
        withAsterisk={false}
        error={problems.name}
      />
      <Textarea
        name="description"
        label={t("rooms.description")}
        defaultValue={initial.description}
        maxLength={1000}
        autosize
        minRows={2}
        maxRows={6}
        error={problems.description}
      />
      <Switch
        name="is_private"
        label={t("rooms.isPrivate")}
        description={isPrivate ? t("rooms.privateHint") : t("rooms.publicHint")}
        checked={isPrivate}
        onChange={(event) => setIsPrivate(event.currentTarget.checked)}
      />
    </Stack>
  );
}

export function roomDraft(form: HTMLFormElement): RoomDraft {
  const data = new FormData(form);
  return {
    name: String(data.get("name") ?? ""),
    description: String(data.get("description") ?? ""),
    is_private: data.has("is_private"),
  };
}
