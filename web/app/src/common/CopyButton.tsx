import { ActionIcon, Tooltip, VisuallyHidden } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";

const TOLD_FOR_MS = 2_000;

interface Props {
  text: string;
  label: string;
  variant?: "subtle" | "default";
}

/** Puts a text on the clipboard, and says that it did. Over plain HTTP a page has no clipboard: then there is none. */
export function CopyButton({ text, label, variant = "subtle" }: Props) {
  const { t } = useTranslation();
  const [isCopied, setIsCopied] = useState(false);
  useEffect(() => {
    if (!isCopied) return;
    const timer = setTimeout(() => setIsCopied(false), TOLD_FOR_MS);
    return () => clearTimeout(timer);
  }, [isCopied]);
  if (!navigator.clipboard) return null;
  const copy = () =>
    navigator.clipboard.writeText(text).then(
      () => setIsCopied(true),
      () => undefined, // forbidden: it stays as it is
    );
  return (
    <Tooltip label={isCopied ? t("common.copied") : label}>
      <ActionIcon variant={variant} color="gray" aria-label={label} onClick={copy}>
        {isCopied ? <IconCheck size={16} /> : <IconCopy size={16} />}
        <VisuallyHidden role="status">{isCopied && t("common.copied")}</VisuallyHidden>
      </ActionIcon>
    </Tooltip>
  );
}
