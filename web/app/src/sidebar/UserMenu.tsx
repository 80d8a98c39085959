import { Menu, Text, UnstyledButton, useMantineColorScheme, VisuallyHidden } from "@mantine/core";
import {
  IconDeviceDesktop,
  IconFiles,
  IconLogout,
  IconMoon,
  IconSelector,
  IconSettings,
  IconSun,
} from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../api/client";
import { endSession } from "../api/session";
import { displayName, UserAvatar } from "../common/UserAvatar";
import { MyFilesDialog, SettingsDialog } from "../dialogs/lazy";
import { useChatState, useLogin } from "../state/context";
import classes from "./UserMenu.module.css";

async function logOut(): Promise<void> {
  // Without a network the login ends here all the same.
  await api.POST("/api/users/logout").catch(() => undefined);
  endSession();
}

export function UserMenu() {
  const { t } = useTranslation();
  const { me } = useLogin();
  const isOnline = useChatState(({ status }) => status.state === "online");
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const [dialog, setDialog] = useState<"settings" | "files" | null>(null);
  const close = () => setDialog(null);
  const schemes = [
    { value: "light", Icon: IconSun },
    { value: "dark", Icon: IconMoon },
    { value: "auto", Icon: IconDeviceDesktop },
  ] as const;
  return (
    <div className={classes.bar}>
      <Menu width="target" position="top" radius="md" shadow="md">
        <Menu.Target>
          <UnstyledButton className={classes.button}>
            <UserAvatar user={me} online={isOnline} />
            <span className={classes.names}>
              <Text size="sm" fw={600} truncate>
                {displayName(me)}
              </Text>
              <Text size="xs" c="dimmed" truncate>
                @{me.username}
              </Text>
            </span>
            <VisuallyHidden>{t("settings.menu")}</VisuallyHidden>
            <IconSelector size={16} aria-hidden />
          </UnstyledButton>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconSettings size={16} />} onClick={() => setDialog("settings")}>
            {t("settings.title")}
          </Menu.Item>
          <Menu.Item leftSection={<IconFiles size={16} />} onClick={() => setDialog("files")}>
            {t("files.mine")}
          </Menu.Item>
          <Menu.Divider />
          <Menu.Label>{t("settings.theme")}</Menu.Label>
          {schemes.map(({ value, Icon }) => (
            <Menu.Item
              key={value}
              leftSection={<Icon size={16} />}
              aria-current={colorScheme === value || undefined}
              fw={colorScheme === value ? 600 : undefined}
              onClick={() => setColorScheme(value)}
            >
              {t(`settings.${value}`)}
            </Menu.Item>
          ))}
          <Menu.Divider />
          <Menu.Item leftSection={<IconLogout size={16} />} onClick={logOut}>
            {t("settings.logOut")}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <SettingsDialog opened={dialog === "settings"} onClose={close} />
      <MyFilesDialog opened={dialog === "files"} onClose={close} />
    </div>
  );
}
