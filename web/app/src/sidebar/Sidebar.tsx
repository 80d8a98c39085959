import { ActionIcon, Button, Group, Loader, NavLink, ScrollArea, Stack, Text, TextInput, Tooltip } from "@mantine/core";
import { useHotkeys } from "@mantine/hooks";
import { IconCompass, IconPlus, IconSearch } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useRoute } from "wouter";
import { myRoomsQuery, useServiceName } from "../api/queries";
import icon from "../assets/icon.svg";
import { NotLoaded } from "../common/NotLoaded";
import { CreateRoomDialog } from "../dialogs/CreateRoomDialog";
import { NotifyHint } from "./NotifyHint";
import { RoomLink } from "./RoomLink";
import classes from "./Sidebar.module.css";
import { UserMenu } from "./UserMenu";

/** The user's rooms, the way to others, and the user's own menu. */
export function Sidebar({ className }: { className: string | undefined }) {
  const { t } = useTranslation();
  const name = useServiceName();
  const [isCreating, setIsCreating] = useState(false);
  const [isBrowsing] = useRoute("/browse");
  return (
    <nav className={`${classes.sidebar} ${className}`} aria-label={t("rooms.navigation")}>
      <header className={classes.header}>
        <img src={icon} alt="" width={28} height={28} />
        <Text fw={700} size="lg" truncate flex={1}>
          {name}
        </Text>
        <Tooltip label={t("rooms.create")}>
          <ActionIcon
            variant="subtle"
            color="gray"
            size="lg"
            aria-label={t("rooms.create")}
            onClick={() => setIsCreating(true)}
          >
            <IconPlus size={20} />
          </ActionIcon>
        </Tooltip>
      </header>
      <MyRooms onCreate={() => setIsCreating(true)} />
      <NotifyHint />
      <div className={classes.browse}>
        <NavLink
          component={Link}
          href="/browse"
          active={isBrowsing}
          label={t("rooms.browse")}
          leftSection={<IconCompass size={18} />}
          className={classes.browseLink}
        />
      </div>
      <UserMenu />
      <CreateRoomDialog opened={isCreating} onClose={() => setIsCreating(false)} />
    </nav>
  );
}

function MyRooms({ onCreate }: { onCreate: () => void }) {
  const { t } = useTranslation();
  const [search, setSearch] = useState("");
  const input = useRef<HTMLInputElement>(null);
  const { data: rooms, error, isPending, refetch } = useQuery(myRoomsQuery);
  useHotkeys([["mod+K", () => input.current?.focus()]], []);
  const wanted = search.trim().toLocaleLowerCase();
  const shown = rooms?.filter((room) => room.name.toLocaleLowerCase().includes(wanted)) ?? [];
  return (
    <>
      <TextInput
        ref={input}
        className={classes.search}
        size="sm"
        radius="md"
        placeholder={t("rooms.filter")}
        aria-label={t("rooms.filter")}
        leftSection={<IconSearch size={16} />}
        value={search}
        onChange={(event) => setSearch(event.currentTarget.value)}
      />
      <ScrollArea className={classes.rooms} type="scroll" scrollbarSize={8}>
        {isPending && (
          <Group justify="center" p="md">
            <Loader size="sm" aria-label={t("common.loading")} />
          </Group>
        )}
        {error && !rooms && <NotLoaded error={error} onRetry={refetch} />}
        <ul className={classes.list}>
          {shown.map((room) => (
            <li key={room.id}>
              <RoomLink room={room} />
            </li>
          ))}
        </ul>
        {rooms && shown.length === 0 && (
          <Text size="sm" c="dimmed" px="md" py="xs">
            {rooms.length === 0 ? t("rooms.none") : t("rooms.noMatch")}
          </Text>
        )}
        {rooms?.length === 0 && (
          <Stack className={classes.begin}>
            <Button leftSection={<IconPlus size={18} />} onClick={onCreate}>
              {t("rooms.create")}
            </Button>
            <Button variant="default" leftSection={<IconCompass size={18} />} component={Link} href="/browse">
              {t("rooms.browse")}
            </Button>
          </Stack>
        )}
      </ScrollArea>
    </>
  );
}
