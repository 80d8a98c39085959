import i18n from "i18next";
import { initReactI18next } from "react-i18next";
import { Stored } from "../state/stored";
import { en } from "./en";
import { es } from "./es";

export const languages = { es: "Español", en: "English" } as const;
export type Language = keyof typeof languages;

const chosen = new Stored<Language | null>("language", null);

function ofBrowser(): Language {
  for (const tag of navigator.languages) {
    const language = tag.slice(0, 2);
    if (language === "es" || language === "en") return language;
  }
  return "es";
}

i18n.on("languageChanged", (language) => {
  document.documentElement.lang = language;
});

i18n.use(initReactI18next).init({
  lng: chosen.value ?? ofBrowser(),
  fallbackLng: "es",
  resources: { es: { translation: es }, en: { translation: en } },
  interpolation: { escapeValue: false }, // React escapes
});

export function setLanguage(language: Language): void {
  chosen.value = language;
  i18n.changeLanguage(language);
}

declare module "i18next" {
  interface CustomTypeOptions {
    resources: { translation: typeof es };
  }
}

export default i18n;
