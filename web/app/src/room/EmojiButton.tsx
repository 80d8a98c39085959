import { ActionIcon, Loader, Popover } from "@mantine/core";
import { IconMoodSmile } from "@tabler/icons-react";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";

const EmojiPicker = lazy(() => import("./EmojiPicker"));

export function EmojiButton({ onPick }: { onPick: (emoji: string) => void }) {
  const { t } = useTranslation();
  const [isOpen, setIsOpen] = useState(false);
  return (
    <Popover opened={isOpen} onChange={setIsOpen} position="top-end" shadow="lg" radius="md" trapFocus returnFocus>
      <Popover.Target>
        <ActionIcon
          variant="subtle"
          color="gray"
          size="lg"
          aria-label={t("message.emoji")}
          onClick={() => setIsOpen(!isOpen)}
        >
          <IconMoodSmile size={21} />
        </ActionIcon>
      </Popover.Target>
      <Popover.Dropdown p={0} aria-label={t("message.emoji")}>
        <Suspense fallback={<Loader m="xl" />}>
          <EmojiPicker
            onPick={(emoji) => {
              setIsOpen(false);
              onPick(emoji);
            }}
          />
        </Suspense>
      </Popover.Dropdown>
    </Popover>
  );
}
