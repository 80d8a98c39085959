import { Anchor, Button, Stack, Text, TextInput, Title } from "@mantine/core";
import { type FormEvent, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { ApiError, api, errorText, unwrap } from "../api/client";
import { useServiceName } from "../api/queries";
import { beginSession } from "../api/session";
import icon from "../assets/icon.svg";
import { LanguageSwitch } from "../common/LanguageSwitch";
import { PasswordField } from "../common/PasswordField";
import classes from "./Entrance.module.css";

/** Where one logs in or registers. */
export function Entrance() {
  const { t } = useTranslation();
  const [isNew, setIsNew] = useState(false);
  const name = useServiceName();
  return (
    <div className={classes.page}>
      <main className={classes.card}>
        <Stack gap="lg">
          <div>
            <img src={icon} alt="" width={56} height={56} />
            <Title order={1} size="h2" mt="sm">
              {isNew ? t("entrance.registerTitle", { name }) : t("entrance.loginTitle", { name })}
            </Title>
            <Text c="dimmed" mt={4}>
              {isNew ? t("entrance.registerHint") : t("entrance.loginHint")}
            </Text>
          </div>
          {isNew ? <RegisterForm /> : <LoginForm />}
          <Text size="sm">
            {isNew ? t("entrance.haveAccount") : t("entrance.noAccount")}{" "}
            <Anchor
              component="button"
              type="button"
              fw={600}
              underline="always"
              size="sm"
              onClick={() => setIsNew(!isNew)}
            >
              {isNew ? t("entrance.login") : t("entrance.register")}
            </Anchor>
          </Text>
        </Stack>
      </main>
      <footer className={classes.footer}>
        <LanguageSwitch />
      </footer>
    </div>
  );
}

async function logIn(username: string, password: string): Promise<void> {
  beginSession(await unwrap(api.POST("/api/users/login", { body: { username, password } })));
}

/** A form's fields by name, sent by `send`; what is wrong is kept to be shown. */
function useForm(send: (field: (name: string) => string) => Promise<void>) {
  const [problem, setProblem] = useState<unknown>(null);
  const [isBusy, setIsBusy] = useState(false);
  const onSubmit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setIsBusy(true);
    setProblem(null);
    try {
      await send((name) => String(form.get(name) ?? ""));
    } catch (error) {
      setProblem(error);
    } finally {
      setIsBusy(false);
    }
  };
  const fields = problem instanceof ApiError ? problem.fields : {};
  return { onSubmit, isBusy, problem, fields };
}

function Problem({ error }: { error: unknown }) {
  return (
    <Text role="alert" c="var(--mantine-color-error)" size="sm" fw={500} hidden={error === null}>
      {error !== null && errorText(error)}
    </Text>
  );
}

function LoginForm() {
  const { t } = useTranslation();
  const form = useForm((field) => logIn(field("username"), field("password")));
  return (
    <form onSubmit={form.onSubmit}>
      <Stack>
        <TextInput
          name="username"
          label={t("entrance.usernameOrEmail")}
          autoComplete="username"
          required
          autoFocus
          withAsterisk={false}
        />
        <PasswordField name="password" label={t("entrance.password")} autoComplete="current-password" />
        <Problem error={form.problem} />
        <Button type="submit" loading={form.isBusy} size="md">
          {t("entrance.login")}
        </Button>
      </Stack>
    </form>
  );
}

function RegisterForm() {
  const { t } = useTranslation();
  const passwordHint = useId();
  const form = useForm(async (field) => {
    const username = field("username");
    const password = field("password");
    const body = { username, password, email: field("email"), full_name: field("full_name") || null };
    await unwrap(api.POST("/api/users/register", { body }));
    await logIn(username, password);
  });
  return (
    <form onSubmit={form.onSubmit}>
      <Stack>
        <TextInput
          name="username"
          label={t("entrance.username")}
          autoComplete="username"
          required
          minLength={3}
          maxLength={50}
          autoFocus
          withAsterisk={false}
          error={form.fields.username}
        />
        <TextInput
          name="full_name"
          label={t("entrance.fullName")}
          autoComplete="name"
          maxLength={100}
          error={form.fields.full_name}
        />
        <TextInput
          name="email"
          type="email"
          label={t("entrance.email")}
          autoComplete="email"
          required
          withAsterisk={false}
          error={form.fields.email}
        />
        <PasswordField
          name="password"
          label={t("entrance.password")}
          description={t("entrance.passwordHint")}
          descriptionProps={{ id: passwordHint }}
          autoComplete="new-password"
          minLength={8}
          maxLength={128}
          error={form.fields.password}
        />
        <Problem error={form.problem} />
        <Button type="submit" loading={form.isBusy} size="md">
          {t("entrance.register")}
        </Button>
      </Stack>
    </form>
  );
}
