import { ActionIcon, Badge, Button, Loader, Text, TextInput, Title } from "@mantine/core";
import { IconArrowLeft, IconPlus, IconSearch, IconUsers } from "@tabler/icons-react";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useLocation } from "wouter";
import type { Room } from "../../generated/api";
import { api, unwrap } from "../api/client";
import { publicRoomsQuery, useRoomsChanged } from "../api/queries";
import { NotLoaded } from "../common/NotLoaded";
import { CreateRoomDialog } from "../dialogs/CreateRoomDialog";
import { Problem } from "../dialogs/Dialog";
import classes from "./BrowseRooms.module.css";

/** Enough to find one; who wants more, types more. */
const MOST_SHOWN = 200;

/** The public rooms of the server, to look for one and to join it. */
export function BrowseRooms() {
  const { t } = useTranslation();
  const [search, setSearch] = useState("");
  const [isCreating, setIsCreating] = useState(false);
  const { data: rooms, error, isPending, refetch } = useQuery(publicRoomsQuery);
  const wanted = search.trim().toLocaleLowerCase();
  const found = (rooms ?? []).filter(({ name, description }) =>
    `${name}\n${description ?? ""}`.toLocaleLowerCase().includes(wanted),
  );
  return (
    <section className={classes.page}>
      <header className={classes.header}>
        <ActionIcon
          component={Link}
          href="/"
          className={classes.back}
          variant="subtle"
          color="gray"
          size="lg"
          aria-label={t("rooms.toRooms")}
        >
          <IconArrowLeft size={22} />
        </ActionIcon>
        <Title order={1} className={classes.title}>
          {t("rooms.browse")}
        </Title>
        <Button leftSection={<IconPlus size={18} />} onClick={() => setIsCreating(true)}>
          {t("rooms.create")}
        </Button>
      </header>
      <TextInput
        size="md"
        placeholder={t("rooms.search")}
        aria-label={t("rooms.search")}
        leftSection={<IconSearch size={18} />}
        value={search}
        onChange={(event) => setSearch(event.currentTarget.value)}
      />
      {isPending && <Loader m="auto" aria-label={t("common.loading")} />}
      {error && !rooms && <NotLoaded error={error} onRetry={refetch} />}
      {rooms && (
        <Text size="sm" c="dimmed" role="status">
          {t("rooms.found", { count: found.length })}
        </Text>
      )}
      <ul className={classes.list}>
        {found.slice(0, MOST_SHOWN).map((room) => (
          <RoomCard key={room.id} room={room} />
        ))}
      </ul>
      <CreateRoomDialog opened={isCreating} onClose={() => setIsCreating(false)} />
    </section>
  );
}

function RoomCard({ room }: { room: Room }) {
  const { t } = useTranslation();
  const [, navigate] = useLocation();
  const roomsChanged = useRoomsChanged();
  const join = useMutation({
    mutationFn: () => unwrap(api.POST("/api/rooms/{id}/join", { params: { path: { id: room.id } } })),
    onSuccess: async () => {
      await roomsChanged(room.id);
      navigate(`/rooms/${room.id}`);
    },
  });
  return (
    <li className={classes.card}>
      <div className={classes.text}>
        <Link href={`/rooms/${room.id}`} className={classes.name ?? ""}>
          {room.name}
        </Link>
        {room.description && (
          <Text size="sm" c="dimmed" lineClamp={2}>
            {room.description}
          </Text>
        )}
        <span className={classes.count}>
          <IconUsers size={14} aria-hidden /> {t("rooms.members", { count: room.member_count })}
        </span>
        <Problem error={join.error} />
      </div>
      {room.is_member ? (
        <Badge variant="light">{t("rooms.isMember")}</Badge>
      ) : (
        <Button
          variant="light"
          loading={join.isPending}
          aria-label={t("rooms.joinNamed", { room: room.name })}
          onClick={() => join.mutate()}
        >
          {t("rooms.join")}
        </Button>
      )}
    </li>
  );
}
