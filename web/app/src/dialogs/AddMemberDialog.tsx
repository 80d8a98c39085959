import {
  Autocomplete,
  Button,
  type ComboboxItem,
  Divider,
  Group,
  type OptionsFilter,
  Stack,
  Text,
  TextInput,
} from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Room } from "../../generated/api";
import { api, unwrap } from "../api/client";
import { membersQuery, useRoomsChanged, usersQuery } from "../api/queries";
import { CopyButton } from "../common/CopyButton";
import { displayName, UserAvatar } from "../common/UserAvatar";
import { Dialog, type DialogProps, Problem } from "./Dialog";

export function AddMemberDialog({ room, ...props }: DialogProps & { room: Room }) {
  const { t } = useTranslation();
  return (
    <Dialog {...props} title={t("members.add")}>
      <Form room={room} onDone={props.onClose} />
      <Divider my="lg" />
      <Invitation room={room} />
    </Dialog>
  );
}

/** For who is not on this server yet. */
function Invitation({ room }: { room: Room }) {
  const { t } = useTranslation();
  const link = `${window.location.origin}/rooms/${room.id}`;
  return (
    <TextInput
      label={t("members.invite")}
      description={room.is_private ? t("members.inviteToPrivate") : t("members.inviteToPublic")}
      readOnly
      value={link}
      onFocus={(event) => event.currentTarget.select()}
      rightSection={<CopyButton text={link} label={t("members.copyLink")} />}
    />
  );
}

function Form({ room, onDone }: { room: Room; onDone: () => void }) {
  const { t } = useTranslation();
  const roomsChanged = useRoomsChanged();
  const { data: users = [] } = useQuery(usersQuery);
  const { data: members = [] } = useQuery(membersQuery(room.id));
  const [name, setName] = useState("");
  const add = useMutation({
    mutationFn: (username: string) =>
      unwrap(api.POST("/api/rooms/{id}/members", { params: { path: { id: room.id } }, body: { username } })),
    onSuccess: async () => {
      setName("");
      await roomsChanged(room.id);
    },
  });
  const isMember = new Set(members.map((member) => member.id));
  const others = new Map(users.filter((user) => !isMember.has(user.id)).map((user) => [user.username, user]));
  const filter: OptionsFilter = ({ options, search, limit }) => {
    const wanted = search.trim().toLocaleLowerCase();
    return (options as ComboboxItem[])
      .filter(({ value }) => `${value}\n${others.get(value)?.full_name ?? ""}`.toLocaleLowerCase().includes(wanted))
      .slice(0, limit);
  };
  /** Who types a whole name means its person, if there is but one. */
  const usernameOf = (typed: string) => {
    const named = [...others.values()].filter(({ full_name }) => full_name === typed);
    return named.length === 1 && named[0] ? named[0].username : typed;
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        add.mutate(usernameOf(name.trim()));
      }}
    >
      <Stack gap="lg">
        <Autocomplete
          label={t("entrance.username")}
          description={t("members.addHint")}
          data={[...others.keys()]}
          limit={8}
          filter={filter}
          value={name}
          onChange={setName}
          data-autofocus
          required
          withAsterisk={false}
          renderOption={({ option }) => {
            const user = others.get(option.value);
            if (!user) return option.value;
            return (
              <Group gap="sm" wrap="nowrap">
                <UserAvatar user={user} size={28} />
                <Text size="sm">
                  {displayName(user)} <Text span c="dimmed" size="sm">{`@${user.username}`}</Text>
                </Text>
              </Group>
            );
          }}
        />
        <Problem error={add.error} />
        {add.data && (
          <Text role="status" size="sm">
            {t("members.added", { name: displayName(add.data) })}
          </Text>
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={onDone}>
            {t("common.close")}
          </Button>
          <Button type="submit" loading={add.isPending}>
            {t("members.addIt")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
