import { Stored } from "./stored";

export interface Preferences {
  /** Whether the browser shows notifications; it has to be allowed to. */
  notify: boolean;
  showMembers: boolean;
  /** They were offered once; from then on the settings have them. */
  wasAskedToNotify: boolean;
}

export const preferences = new Stored<Preferences>("preferences", {
  notify: false,
  showMembers: true,
  wasAskedToNotify: false,
});

/** Asks the browser for leave, and remembers whether it was given. */
export async function allowNotifications(): Promise<boolean> {
  const notify = (await Notification.requestPermission()) === "granted";
  preferences.value = { ...preferences.value, notify };
  return notify;
}
