import { Button, Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { errorText } from "../api/client";

/** In place of what could not be loaded: why, and another try. */
export function NotLoaded({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  const { t } = useTranslation();
  return (
    <Stack align="center" gap="sm" p="md" ta="center" role="alert">
      <Text>{errorText(error)}</Text>
      <Button variant="default" onClick={() => onRetry()}>
        {t("common.retry")}
      </Button>
    </Stack>
  );
}
