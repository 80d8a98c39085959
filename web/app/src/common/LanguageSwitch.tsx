import { SegmentedControl } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { type Language, languages, setLanguage } from "../i18n";

export function LanguageSwitch() {
  const { t, i18n } = useTranslation();
  return (
    <SegmentedControl
      size="xs"
      radius="xl"
      aria-label={t("settings.language")}
      value={i18n.language}
      onChange={(value) => setLanguage(value as Language)}
      data={Object.entries(languages).map(([value, label]) => ({ value, label }))}
    />
  );
}
