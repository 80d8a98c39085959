import { Button, Group, Stack, Switch, Tabs, Text, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "../api/client";
import { keys } from "../api/queries";
import { LanguageSwitch } from "../common/LanguageSwitch";
import { PasswordField } from "../common/PasswordField";
import { useLogin } from "../state/context";
import { allowNotifications, preferences } from "../state/preferences";
import { Dialog, type DialogProps, fieldProblems, Problem } from "./Dialog";
import classes from "./SettingsDialog.module.css";

/** The user's profile and password, and how this browser shows the chat. */
export function SettingsDialog(props: DialogProps) {
  const { t } = useTranslation();
  return (
    <Dialog {...props} title={t("settings.title")}>
      <Tabs defaultValue="profile" classNames={{ tab: classes.tab ?? "" }}>
        <Tabs.List mb="lg">
          <Tabs.Tab value="profile">{t("settings.profile")}</Tabs.Tab>
          <Tabs.Tab value="password">{t("settings.password")}</Tabs.Tab>
          <Tabs.Tab value="device">{t("settings.device")}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="profile">
          <Profile />
        </Tabs.Panel>
        <Tabs.Panel value="password">
          <Password />
        </Tabs.Panel>
        <Tabs.Panel value="device">
          <Device />
        </Tabs.Panel>
      </Tabs>
    </Dialog>
  );
}

const text = (form: FormData, name: string) => String(form.get(name) ?? "");

function Profile() {
  const { t } = useTranslation();
  const { me } = useLogin();
  const queries = useQueryClient();
  const change = useMutation({
    mutationFn: (form: FormData) => {
      const body = {
        username: text(form, "username"),
        full_name: text(form, "full_name"),
        email: text(form, "email"),
      };
      return unwrap(api.PUT("/api/users/me", { body }));
    },
    onSuccess: (user) => queries.setQueryData(keys.me, user),
  });
  const problems = fieldProblems(change.error);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        change.mutate(new FormData(event.currentTarget));
      }}
    >
      <Stack>
        <TextInput
          name="username"
          label={t("entrance.username")}
          defaultValue={me.username}
          required
          minLength={3}
          maxLength={50}
          withAsterisk={false}
          error={problems.username}
        />
        <TextInput
          name="full_name"
          label={t("entrance.fullName")}
          defaultValue={me.full_name ?? ""}
          maxLength={100}
          error={problems.full_name}
        />
        <TextInput
          name="email"
          type="email"
          label={t("entrance.email")}
          defaultValue={me.email ?? ""}
          required
          withAsterisk={false}
          error={problems.email}
        />
        <Problem error={change.error} />
        <Saved isShown={change.isSuccess}>{t("settings.saved")}</Saved>
        <Group justify="flex-end">
          <Button type="submit" loading={change.isPending}>
            {t("common.save")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function Password() {
  const { t } = useTranslation();
  const change = useMutation({
    mutationFn: (form: FormData) =>
      unwrap(
        api.PUT("/api/users/me/password", {
          body: { current_password: text(form, "current"), new_password: text(form, "new") },
        }),
      ),
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        const form = event.currentTarget;
        change.mutate(new FormData(form), { onSuccess: () => form.reset() });
      }}
    >
      <Stack>
        <PasswordField name="current" label={t("settings.currentPassword")} autoComplete="current-password" />
        <PasswordField
          name="new"
          label={t("settings.newPassword")}
          description={t("entrance.passwordHint")}
          autoComplete="new-password"
          minLength={8}
          maxLength={128}
          error={fieldProblems(change.error).new_password}
        />
        <Problem error={change.error} />
        <Saved isShown={change.isSuccess}>{t("settings.passwordChanged")}</Saved>
        <Group justify="flex-end">
          <Button type="submit" loading={change.isPending}>
            {t("settings.changePassword")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function Saved({ isShown, children }: { isShown: boolean; children: string }) {
  return (
    <Text role="status" size="sm" c="dimmed">
      {isShown && children}
    </Text>
  );
}

function Device() {
  const { t } = useTranslation();
  const [notify, setNotify] = useState(preferences.value.notify);
  const canNotify = "Notification" in window;
  const isDenied = canNotify && Notification.permission === "denied";
  const change = async (wanted: boolean) => {
    if (!wanted) preferences.value = { ...preferences.value, notify: false };
    setNotify(wanted && (await allowNotifications()));
  };
  return (
    <Stack gap="lg">
      <Group justify="space-between">
        <Text size="sm" fw={500}>
          {t("settings.language")}
        </Text>
        <LanguageSwitch />
      </Group>
      <Switch
        label={t("settings.notify")}
        description={!canNotify || isDenied ? t("settings.notifyDenied") : t("settings.notifyHint")}
        checked={notify}
        disabled={!canNotify}
        onChange={(event) => change(event.currentTarget.checked)}
      />
    </Stack>
  );
}
