import { Button, Group, Text, Title } from "@mantine/core";
import { IconCompass, IconPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "wouter";
import { myRoomsQuery } from "../api/queries";
import icon from "../assets/icon.svg";
import { displayName } from "../common/UserAvatar";
import { CreateRoomDialog } from "../dialogs/CreateRoomDialog";
import { useLogin } from "../state/context";
import classes from "./Welcome.module.css";

/** Before a room is chosen. */
export function Welcome() {
  const { t } = useTranslation();
  const { me } = useLogin();
  const { data: rooms } = useQuery(myRoomsQuery);
  const [isCreating, setIsCreating] = useState(false);
  return (
    <section className={classes.welcome}>
      <img src={icon} alt="" width={72} height={72} />
      <Title order={1} size="h2">
        {t("welcome.title", { name: displayName(me) })}
      </Title>
      <Text c="dimmed" maw="28rem">
        {rooms?.length === 0 ? t("welcome.first") : t("welcome.hint")}
      </Text>
      <Group justify="center" mt="md">
        <Button leftSection={<IconPlus size={18} />} onClick={() => setIsCreating(true)}>
          {t("rooms.create")}
        </Button>
        <Button variant="default" leftSection={<IconCompass size={18} />} component={Link} href="/browse">
          {t("rooms.browse")}
        </Button>
      </Group>
      <CreateRoomDialog opened={isCreating} onClose={() => setIsCreating(false)} />
    </section>
  );
}
