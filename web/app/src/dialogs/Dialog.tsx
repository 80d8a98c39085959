import { Modal, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { ApiError, errorText } from "../api/client";

export interface DialogProps {
  opened: boolean;
  onClose: () => void;
}

/** A dialog over the page, whose content begins anew each time it is opened. */
export function Dialog({ opened, onClose, title, children }: DialogProps & { title: string; children: ReactNode }) {
  const { t } = useTranslation();
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={title}
      centered
      radius="lg"
      padding="lg"
      closeButtonProps={{ "aria-label": t("common.close") }}
      styles={{ title: { fontSize: "1.125rem", fontWeight: 700 } }}
    >
      {children}
    </Modal>
  );
}

/** What went wrong, said at once to a screen reader too. */
export function Problem({ error }: { error: unknown }) {
  if (!error) return null;
  return (
    <Text role="alert" c="var(--mantine-color-error)" size="sm" fw={500}>
      {errorText(error)}
    </Text>
  );
}

export function fieldProblems(error: unknown): Record<string, string> {
  return error instanceof ApiError ? error.fields : {};
}
