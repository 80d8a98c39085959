import { Button, Group, Text } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { allowNotifications, preferences } from "../state/preferences";
import classes from "./NotifyHint.module.css";

const mayAsk = () =>
  "Notification" in window && Notification.permission === "default" && !preferences.value.wasAskedToNotify;

/** Offers notifications once: a browser asks for leave only after a press of a button. The settings have them too. */
export function NotifyHint() {
  const { t } = useTranslation();
  const [isShown, setIsShown] = useState(mayAsk);
  if (!isShown) return null;
  const answer = async (isWanted: boolean) => {
    preferences.value = { ...preferences.value, wasAskedToNotify: true };
    setIsShown(false);
    if (isWanted) await allowNotifications();
  };
  return (
    <section className={classes.hint} aria-label={t("settings.notify")}>
      <Text size="sm">{t("settings.notifyOffer")}</Text>
      <Group gap="xs" mt="xs">
        <Button size="compact-sm" onClick={() => answer(true)}>
          {t("settings.notifyYes")}
        </Button>
        <Button size="compact-sm" variant="subtle" color="gray" onClick={() => answer(false)}>
          {t("settings.notifyLater")}
        </Button>
      </Group>
    </section>
  );
}
