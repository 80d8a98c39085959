import { Button, Center, Stack, Text, Title } from "@mantine/core";
import { Component, type ErrorInfo, type ReactNode } from "react";
import { useTranslation } from "react-i18next";

/** Shows a way out instead of an empty page when what it holds could not be loaded or drawn. */
export class Broken extends Component<{ children: ReactNode }, { isBroken: boolean }> {
  override state = { isBroken: false };

  static getDerivedStateFromError() {
    return { isBroken: true };
  }

  override componentDidCatch(error: unknown, { componentStack }: ErrorInfo) {
    console.error(error, componentStack);
  }

  override render() {
    return this.state.isBroken ? <WayOut /> : this.props.children;
  }
}

function WayOut() {
  const { t } = useTranslation();
  return (
    <Center component="main" h="100%" p="xl">
      <Stack align="center" ta="center" role="alert">
        <Title order={1} size="h3">
          {t("broken.title")}
        </Title>
        <Text c="dimmed" maw="28rem">
          {t("broken.hint")}
        </Text>
        <Button onClick={() => window.location.reload()}>{t("broken.reload")}</Button>
      </Stack>
    </Center>
  );
}
