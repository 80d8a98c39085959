import { useComputedColorScheme } from "@mantine/core";
import { Picker } from "emoji-picker-element";
import en from "emoji-picker-element/i18n/en";
import es from "emoji-picker-element/i18n/es";
import enData from "emoji-picker-element-data/en/cldr/data.json?url";
import esData from "emoji-picker-element-data/es/cldr/data.json?url";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import classes from "./EmojiPicker.module.css";

// Its names and words are served by this server too, in the user's language.
const languages = { es: { i18n: es, dataSource: esData }, en: { i18n: en, dataSource: enData } };

export default function EmojiPicker({ onPick }: { onPick: (emoji: string) => void }) {
  const { i18n } = useTranslation();
  const scheme = useComputedColorScheme();
  const place = useRef<HTMLDivElement>(null);
  const pick = useRef(onPick);
  pick.current = onPick;
  const language = i18n.language === "en" ? "en" : "es";
  useEffect(() => {
    const picker = new Picker({ locale: language, ...languages[language] });
    picker.className = `${classes.picker} ${scheme}`;
    picker.addEventListener("emoji-click", ({ detail }) => {
      if (detail.unicode) pick.current(detail.unicode);
    });
    place.current?.append(picker);
    return () => picker.remove();
  }, [language, scheme]);
  return <div ref={place} className={classes.place} />;
}
